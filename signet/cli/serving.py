"""What ``signet serve`` is told: its options, and the secrets, which come by variable or file and never by argument.

It starts nothing; ``signet.service.running`` does.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from signet.cli import listening
from signet.errors import UsageError

Host = Annotated[
    str,
    typer.Option(
        "--listen-host",
        "--host",
        envvar="SIGNET_LISTEN_HOST",  # Kubernetes sets SIGNET_SERVICE_HOST where there is a service of that name
        metavar="ADDRESS",
        help="The address to listen on; any but this machine's own (127.0.0.1, ::1) needs a token, or --open.",
    ),
]
Port = Annotated[int, listening.port("listen", 0, "The port to listen on; 0: one that is free.")]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        envvar="SIGNET_FOLDER",
        metavar="DIR",
        help="Where the service has its SQLite databases; none: in the user's data directory.",
    ),
]
Poll = Annotated[
    float,
    typer.Option(
        "--poll",
        envvar="SIGNET_POLL",
        metavar="SECONDS",
        help="How often to look at the registry when no webhook calls.",
    ),
]
Open = Annotated[
    bool,
    typer.Option(
        "--open",
        envvar="SIGNET_OPEN",
        help="Let everybody read who reaches the port: a proxy before it, or the network, decides who does.",
    ),
]
Hooks = Annotated[
    list[str] | None,
    typer.Option(
        "--hook",
        envvar="SIGNET_HOOK",
        metavar="github|gitlab|gitea|plain",
        help="Webhooks that must come in: without their secret the service does not start; may be repeated.",
    ),
]
FollowRewrites = Annotated[
    bool,
    typer.Option(
        "--follow-rewrites",
        envvar="SIGNET_FOLLOW_REWRITES",
        help="Follow history of the registry that was rewritten, in the place of serving what was there before.",
    ),
]
LogFormat = Annotated[
    str,
    typer.Option(
        "--log-format",
        envvar="SIGNET_LOG_FORMAT",
        metavar="text|json",
        help="How to log on stderr, one line a request.",
    ),
]
UrlFile = Annotated[
    Path | None,
    typer.Option(
        "--url-file",
        envvar="SIGNET_URL_FILE",
        metavar="FILE",
        help="Write the URL of the service into this file, as long as it answers.",
    ),
]

TOKEN = "SIGNET_READ_TOKEN"  # noqa: S105 - the name of a variable
DATABASE = "SIGNET_DATABASE_URL"
STORE = "SIGNET_STORE_URL"
SHORTEST_SECRET = 16
SHORTEST_POLL, LONGEST_POLL = 0.1, 86_400.0
OURS = frozenset({"127.0.0.1", "::1", "localhost"})
"""Addresses that only this machine reaches."""
_MOUNTED = (Path("/run/secrets"), Path("/var/run/secrets"))
"""Where containers get their secrets: readable by all, in a place where nobody else is."""
_SOUND = re.compile(r"[!-~]+")


def within(option: str, seconds: float, least: float, most: float) -> None:
    """UsageError where a time is shorter or longer than makes sense, or is no number."""
    if not least <= seconds <= most:
        raise UsageError(f"{option} {seconds:g} is out of range.", f"Name from {least:,g} to {most:,g} seconds.")


def hook_variable(hook: str) -> str:
    """The variable with the secret of a webhook."""
    return f"SIGNET_HOOK_{hook.upper()}_SECRET"


def hooks(wanted: Sequence[str] | None, known: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By webhook, its secrets: those that are set; UsageError for one that is wanted and has none."""
    for each in wanted or ():
        if each not in known:
            raise UsageError(f"--hook {each} is none.", f"There are: {', '.join(known)}.")
    found = {hook: secrets(hook_variable(hook)) for hook in known}
    for each in wanted or ():
        if not found[each]:
            name = hook_variable(each)
            raise UsageError(
                f"The webhook {each} has no secret.", f"Set {name}, or {name}_FILE to a file that holds it."
            )
    from signet.service.hooks.signatures import is_usable

    for hook, held in found.items():
        if not all(is_usable(hook, secret) for secret in held):
            raise UsageError(
                f"{hook_variable(hook)} begins with whsec_, and what follows is no base64: nothing is signed with it.",
                "Set it to the whole signing token.",
            )
    return {hook: held for hook, held in found.items() if held}


def secrets(variable: str) -> tuple[str, ...]:
    """The secrets of a variable, or of the file that ``<variable>_FILE`` names: one a line, two during a change.

    Nothing where neither is set. UsageError, which says no secret, for an empty or a short one, for odd characters, and
    for a file that others can read.
    """
    text = value(variable)
    if text is None:
        return ()
    found = tuple(filter(None, (line.strip() for line in text.splitlines())))
    for each in found:
        if not _SOUND.fullmatch(each):
            raise UsageError(f"{variable} holds characters that no secret has.", "Set it to the secret alone.")
        if len(each) < SHORTEST_SECRET:
            raise UsageError(
                f"{variable} is shorter than {SHORTEST_SECRET} characters.", "Make a long one: openssl rand -hex 32"
            )
    if not found:
        raise UsageError(f"{variable} is empty.", "Set it to the secret, or do not set it at all.")
    return found


def value(variable: str) -> str | None:
    """What a variable holds, or the file that ``<variable>_FILE`` names; None where neither is set."""
    direct, place = os.environ.get(variable), os.environ.get(f"{variable}_FILE")
    if place is None:
        return direct
    if direct is not None:
        raise UsageError(f"{variable} and {variable}_FILE are both set.", "Set one of them.")
    try:
        with Path(place).open("rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise UsageError(f"{variable}_FILE is no plain file: {place}.", "Name a file.")
            text = file.read(65_536).decode()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text"
        raise UsageError(f"{variable}_FILE cannot be read: {place}: {reason}.", "Check the path.") from None
    if about.st_mode & stat.S_IROTH and not any(Path(place).resolve().is_relative_to(one) for one in _MOUNTED):
        raise UsageError(f"{variable}_FILE can be read by everybody: {place}.", f"Run: chmod o= {place}")
    return text


def place(folder: Path | None) -> Path:
    """The folder of the service, which need not be there: the named one, else one in the user's data directory.

    Not in the cache: a cache may be emptied, and what was delivered to webhooks is known nowhere else.
    """
    import platformdirs

    return (folder or Path(platformdirs.user_data_dir("signet")) / "service").absolute()


def for_the_registry() -> None:
    """Have ``SIGNET_TOKEN_FILE`` be as good as ``SIGNET_TOKEN``, which is what the registry is fetched with."""
    token = value("SIGNET_TOKEN")
    if token is not None and not token.strip():
        raise UsageError("SIGNET_TOKEN is empty.", "Set it to the token, or do not set it at all.")
    if token is not None:
        os.environ["SIGNET_TOKEN"] = token.strip()
        os.environ.pop("SIGNET_TOKEN_FILE", None)


def database(variable: str) -> str:
    """The URL of a database, which may hold a password; "" where none is set, UsageError where it is set to nothing."""
    text = value(variable)
    if text is not None and not text.strip():
        raise UsageError(f"{variable} is empty.", "Set it to a URL, or do not set it at all.")
    return (text or "").strip()


def hosts(host: str, tokens: Sequence[str], *, is_open: bool) -> tuple[str, ...]:
    """The names by which the service may be called; none is any. UsageError where everybody could read by accident.

    Where only this machine may read, a page in a browser of this machine must not (it would come by a name of its own
    that it lets point here).
    """
    if tokens or is_open:
        return ()
    if host not in OURS:
        raise UsageError(
            f"Whoever reaches {host} could read the registry: there is no token.",
            f"Set {TOKEN} or {TOKEN}_FILE; or pass --open, where a proxy or the network decides who reads.",
        )
    return tuple(sorted(OURS))
