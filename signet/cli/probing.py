"""The options that say how a running provider is tested, and what they mean: address, credentials, states.

A command takes the options that it needs; nothing is started, sent or printed here.
"""

from __future__ import annotations

import base64
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit

import typer

from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.live.replay import ByCommand, ByFunctions, ByUrl

ProviderUrl = Annotated[
    str | None,
    typer.Option(
        "--provider-url", envvar="SIGNET_PROVIDER_URL", metavar="URL", help="Where the provider runs; or use --start."
    ),
]
SpecFile = Annotated[
    Path | None,
    typer.Option(
        "--spec", envvar="SIGNET_SPEC", metavar="FILE", help="Test against this spec instead of the registry's."
    ),
]
Contracts = Annotated[
    list[Path] | None,
    typer.Option(
        "--contract",
        envvar="SIGNET_CONTRACT",
        metavar="FILE",
        help="Replay this contract, instead of what the registry says; may be repeated.",
    ),
]
Only = Annotated[
    str,
    typer.Option(
        "--only", envvar="SIGNET_ONLY", metavar="spec|replays", help="Make the spec test, or the replays, alone."
    ),
]
Again = Annotated[
    bool, typer.Option("--again", envvar="SIGNET_AGAIN", help="Replay also what has passed at this version before.")
]
Development = Annotated[
    bool,
    typer.Option(
        "--development",
        envvar="SIGNET_DEVELOPMENT",
        help="Fail also for contracts that only a development branch has.",
    ),
]
Headers = Annotated[
    list[str] | None,
    typer.Option(
        "--header",
        "-H",
        envvar="SIGNET_HEADER",
        metavar="'NAME: VALUE'",
        help="Send this header with every request, e.g. 'Authorization: Bearer ${TOKEN}': variables are filled in "
        "by Signet, so that no secret stands in a list of processes; may be repeated.",
    ),
]
Seed = Annotated[
    int, typer.Option("--seed", envvar="SIGNET_SEED", metavar="NUMBER", min=0, help="Equal seeds send equal requests.")
]
Phases = Annotated[
    list[str] | None,
    typer.Option(
        "--phase",
        envvar="SIGNET_PHASE",
        metavar="examples|coverage|fuzzing|stateful",
        help="A phase of the spec test; none: all of them; may be repeated.",
    ),
]
Examples = Annotated[
    int,
    typer.Option(
        "--examples",
        envvar="SIGNET_EXAMPLES",
        metavar="NUMBER",
        min=1,
        help="How many cases a phase draws for an operation.",
    ),
]
TimeLimit = Annotated[
    float,
    typer.Option(
        "--time-limit",
        envvar="SIGNET_TIME_LIMIT",
        min=1.0,
        metavar="SECONDS",
        help="How long the spec test may take, and the replays.",
    ),
]
AnswerLimit = Annotated[
    float,
    typer.Option(
        "--answer-limit",
        envvar="SIGNET_ANSWER_LIMIT",
        min=0.1,
        metavar="SECONDS",
        help="How long the provider may take for one answer.",
    ),
]
StateLimit = Annotated[
    float,
    typer.Option(
        "--state-limit",
        envvar="SIGNET_STATE_LIMIT",
        min=0.1,
        metavar="SECONDS",
        help="How long it may take to set a provider state up, or to tear it down.",
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        envvar="SIGNET_EXCLUDE",
        metavar="OPERATION",
        help="Leave an operation out, by its id, by 'METHOD /path', or by a tag; may be repeated.",
    ),
]
Hooks = Annotated[
    Path | None,
    typer.Option("--hooks", envvar="SIGNET_HOOKS", metavar="FILE", help="A Python file that schemathesis loads."),
]
States = Annotated[
    str | None,
    typer.Option(
        "--states",
        envvar="SIGNET_STATES",
        metavar="MODULE|FILE.py",
        help="Python functions that put the provider into the states that contracts name.",
    ),
]
StatesUrl = Annotated[
    str | None,
    typer.Option(
        "--states-url",
        envvar="SIGNET_STATES_URL",
        metavar="URL|PATH",
        help="A URL that does it, or a path of the provider.",
    ),
]
StatesCommand = Annotated[
    str | None,
    typer.Option("--states-command", envvar="SIGNET_STATES_COMMAND", metavar="COMMAND", help="A command that does it."),
]
SpecState = Annotated[
    list[str] | None,
    typer.Option(
        "--spec-state",
        envvar="SIGNET_SPEC_STATE",
        metavar="STATE",
        help="A provider state to be in during the spec test, set in the same way; may be repeated.",
    ),
]
Stateless = Annotated[
    bool,
    typer.Option("--stateless", envvar="SIGNET_STATELESS", help="The provider is in all of these states already."),
]
RequestFilter = Annotated[
    str | None,
    typer.Option(
        "--request-filter",
        envvar="SIGNET_REQUEST_FILTER",
        metavar="MODULE|FILE.py",
        help="A Python function 'filter_request' that changes each request of a replay, for example to sign it.",
    ),
]
NoRecord = Annotated[bool, typer.Option("--no-record", help="Test only: record nothing.")]


JUnit = Annotated[
    Path | None,
    typer.Option("--junit", envvar="SIGNET_JUNIT", metavar="FILE", help="Write the results as JUnit XML into a file."),
]
Markdown = Annotated[
    Path | None,
    typer.Option(
        "--markdown", envvar="SIGNET_MARKDOWN", metavar="FILE", help="Write the results as Markdown into a file."
    ),
]


_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def one_provider(url: str | None, start: str | None) -> None:
    """UsageError unless the provider is named in exactly one way."""
    if url and start:
        raise UsageError("--provider-url and --start are two providers.", "Pass one of them.")
    if not url and not start:
        raise UsageError(
            "No provider is named.", "Pass --provider-url URL of one that runs, or --start COMMAND to have one started."
        )


def headers(given: Sequence[str], variables: Mapping[str, str]) -> dict[str, str]:
    """``NAME: VALUE`` by name, with ``${VARIABLE}`` filled in. UsageError repeats no value: it may be a secret."""
    found: dict[str, str] = {}
    for text in given:
        name, colon, value = text.partition(":")
        name = name.strip()
        if not colon or not name:
            raise UsageError("A header is given without a name.", "Write --header 'NAME: VALUE'.")
        absent = sorted({each for each in _VARIABLE.findall(value) if not variables.get(each)})
        if absent:
            raise UsageError(f"The header {name} refers to {', '.join(absent)}, which is not set.", "Set the variable.")
        if any(name.lower() == known.lower() for known in found):
            raise UsageError(f"The header {name} is given twice.", "Give it once.")
        found[name] = _VARIABLE.sub(lambda match: variables[match[1]], value).strip()
    return found


def address(url: str, along: dict[str, str]) -> str:
    """The provider's URL without credentials, which join the headers as Basic ones. UsageError repeats neither."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UsageError("--provider-url is no URL.", "Give it as http://HOST:PORT.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError("--provider-url is no URL of http or https.", "Give it as http://HOST:PORT.")
    if parts.username is None and parts.password is None:
        return url
    if any(name.lower() == "authorization" for name in along):
        raise UsageError("--provider-url and a header both have credentials.", "Give one of them.")
    user = unquote_to_bytes(parts.username or "") + b":" + unquote_to_bytes(parts.password or "")
    along["Authorization"] = f"Basic {base64.b64encode(user).decode()}"
    place = f"[{host}]" if ":" in host else host
    place = place if port is None else f"{place}:{port}"
    return SplitResult(parts.scheme, place, parts.path, parts.query, parts.fragment).geturl()


def states(
    url: str, *, functions: str | None, by_url: str | None, command: str | None
) -> ByCommand | ByFunctions | ByUrl | None:
    """How the provider at ``url`` gets into a state; a path alone is one of the provider."""
    from signet.live.replay import ByCommand, ByFunctions, ByUrl

    if functions:
        return ByFunctions(functions)
    if by_url:
        return ByUrl(by_url if "://" in by_url else urljoin(url, "/" + by_url.lstrip("/")))
    return ByCommand(words(command, "--states-command")) if command else None


def one_way(**given: object) -> None:
    """UsageError where more than one of these options has a value."""
    named = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if len(named) > 1:
        raise UsageError(f"{' and '.join(named)} exclude each other.", "Pass one of them.")


def words(command: str, option: str) -> tuple[str, ...]:
    """A command as the words that it has; UsageError where a quote is left open, or nothing is written."""
    try:
        found = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"{option} cannot be read: {error}.", "Close the quotes.") from None
    if not found:
        raise UsageError(f"{option} is empty.", "Write a command.")
    return found


def writable(*files: Path | None) -> None:
    """UsageError where a report could not be written in the end."""
    for file in files:
        if file is not None and (file.is_dir() or not file.absolute().parent.is_dir()):
            raise UsageError(f"{file} cannot be written.", "Name a file in a folder that is there.")
