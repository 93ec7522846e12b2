"""The one error boundary: it runs the command line and turns every outcome into an exit code and a message.

Nothing else in the program exits or prints an error. A message is ``signet: what happened. what helps`` on stderr, one
line for each fault below it; with ``--json`` the same is also an object on stdout (schema ``signet.error/1``). A bug of
ours ends with 70 and a report to paste, which names places in our own code and no data; SIGNET_DEBUG=1 adds the
traceback.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from signet import __version__, errors
from signet.cli import reasons, render

EXIT_CODES: dict[int, str] = {
    0: "Yes, done, or nothing to change.",
    1: "No: unsafe, incompatible, or a verification failed.",
    2: "Wrong use: an option, an unknown name, or the configuration.",
    3: "Invalid data: a spec, a contract or a registry file that is needed is refused, with every fault and its place.",
    4: "Undecided: evidence is missing, or the registry cannot be reached; trying later may help.",
    5: "The push was refused, or the race was lost until the time ran out.",
    6: "Trust: an owner, a signature, or rewritten history.",
    70: "A bug of ours, with a report to paste.",
    130: "Interrupted.",
}
"""Every exit code there is, for every command and every output format."""

BY_CLASS: dict[type[errors.SignetError], int] = {
    errors.UsageError: 2,
    errors.InvalidData: 3,
    errors.Undecided: 4,
    errors.PushRefused: 5,
    errors.TrustError: 6,
}
"""The exit code of each class of error; a subclass has that of its nearest listed parent."""

BY_VERDICT = {"yes": 0, "no": 1, "unknown": 4, "compatible": 0, "incompatible": 1, "undecided": 4}
"""The exit code of each verdict, of Deploy Guard and of the comparison."""

_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
)

BUG = 70
INTERRUPTED = 130


def run(args: Sequence[str] | None = None) -> int:
    """Run the command line, report what goes wrong, and return the exit code; never raises, never a traceback."""
    given = list(sys.argv[1:] if args is None else args)
    if os.environ.get("SIGNET_JOB", "").lower() != "github":
        return _whole(given)
    from signet.cli import job

    with job.listening() as told:
        code = _whole(given)
    job.report(told, given, code)
    render.flush()
    return code


def _whole(given: Sequence[str]) -> int:
    try:
        code = _run(list(given))
        render.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
        render.note("signet: interrupted.")
    except OSError as error:
        code = _broken(error, given)
    return code


def _run(args: list[str]) -> int:
    import typer

    from signet.cli.app import program

    try:
        outcome = program().main(args, prog_name="signet", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except errors.SignetError as error:
        return fail(error, as_json=wants_json(args))
    except typer.TyperException as error:
        return fail(_usage(error), as_json=wants_json(args))
    except (typer.Abort, EOFError):
        return INTERRUPTED
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except OSError as error:
        return _broken(error, args)
    except Exception as error:  # noqa: BLE001 - the boundary: whatever was not foreseen is reported, not thrown
        return _complain(error, args)


def wants_json(args: Sequence[str]) -> bool:
    """Was JSON asked for (``--json``, ``--format json``)? Read from the raw arguments, as they may be what is wrong."""
    options = list(args[: list(args).index("--")] if "--" in args else args)
    if "--json" in options or "--format=json" in options or ("--format", "json") in pairwise(options):
        return True
    return os.environ.get("SIGNET_JSON", "").lower() in ("1", "true", "yes", "on")


def exit_code(error: errors.SignetError) -> int:
    """The exit code of an error."""
    if isinstance(error, errors.GuardSaidNo):
        return BY_VERDICT[error.decision.verdict]
    return next((BY_CLASS[kind] for kind in type(error).__mro__ if kind in BY_CLASS), BUG)


def fail(error: errors.SignetError, *, as_json: bool) -> int:
    """Report an error, and return its exit code."""
    code = exit_code(error)
    if as_json:
        render.say_json(error_json(error, code))
    decision = getattr(error, "decision", None)
    render.note("signet: " + " ".join(part for part in (_sentence(error.message), error.remedy) if part))
    for fault in getattr(error, "faults", ()):
        render.note(f"  {fault}")
    for reason in decision.reasons if decision is not None else ():
        if reason.weight in ("no", "unknown"):
            reasons.show(reason, render.note)
    return code


def error_json(error: errors.SignetError, code: int) -> dict[str, Any]:
    """The error as a JSON object, schema ``signet.error/1``."""
    value: dict[str, Any] = {
        "schema": "signet.error/1",
        "code": error.code,
        "message": error.message,
        "remedy": error.remedy,
        "faults": [fault.as_json() for fault in getattr(error, "faults", ())],
        "exit_code": code,
    }
    if isinstance(error, errors.UnknownName):
        fields = ("code", "kind", "name", "suggestion")
        value["names"] = [dict(zip(fields, one, strict=True)) for one in error.names]
    if isinstance(error, errors.ForgeRefused | errors.ForgeUnreachable):
        value["proposal"] = dict(error.proposal) if error.proposal else None
    if isinstance(error, errors.GuardSaidNo):
        value["decision"] = error.decision.as_json()
    return value


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", ":")) else text + "."


def _usage(error: Any) -> errors.UsageError:
    """An error of the command line's own parser, as one of ours."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "signet"
    return errors.UsageError(error.format_message(), f"'{command} --help' lists what it takes.")


def _broken(error: OSError, args: Sequence[str]) -> int:
    """Report what this machine cannot do just now (a full disk, too many open files); all else is a bug of ours."""
    if error.errno not in _MACHINE:
        return _complain(error, args)
    place = f": {error.filename}" if error.filename else ""
    trouble = errors.Undecided(
        f"This machine cannot go on: {error.strerror}{place}.",
        "Nothing was recorded, as far as is known here; run the command again when there is room.",
        code="machine-trouble",
    )
    return fail(trouble, as_json=wants_json(args))


def _complain(error: BaseException, args: Sequence[str]) -> int:
    """Report a bug of ours: where it happened in our own code, and no data."""
    if wants_json(args):
        bug = errors.SignetError(f"A bug of ours: {type(error).__name__}", "Please report it.", code="internal-error")
        render.say_json(error_json(bug, BUG))
    render.note(f"signet: a bug of ours ({type(error).__name__}). Please report it, with these lines:")
    for line in report(error, args):
        render.note(f"  {line}")
    if os.environ.get("SIGNET_DEBUG") == "1":
        for block in traceback.format_exception(error):
            for line in block.splitlines():
                render.note(line)
    else:
        render.note("SIGNET_DEBUG=1 shows the whole traceback, which may hold data of yours.")
    return BUG


def report(error: BaseException, args: Sequence[str]) -> list[str]:
    """What to paste: versions, the command's name, the kind of error, and the places in our own code."""
    import platform

    root = Path(__file__).resolve().parent.parent
    places = []
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if path.is_relative_to(root):
            places.append(f"{path.relative_to(root).as_posix()}:{frame.lineno} {frame.name}")
    command = next((arg for arg in args if arg.replace("-", "").isalpha() and not arg.startswith("-")), "")
    return [
        f"signet {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
        f"command: {command or '-'}",
        f"error: {type(error).__name__}" + (f" (errno {error.errno})" if isinstance(error, OSError) else ""),
        *(f"at: {place}" for place in places),
    ]
