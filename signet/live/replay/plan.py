"""What is replayed, and how: contracts, provider states, credentials, limits. Values only; nothing is started here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from signet.core.model.contract import Contract
from signet.errors import UsageError

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_BREAKS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
FRAMING = ("connection", "content-length", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class Subject:
    """One contract to replay; ``label`` names it for people (``contract of cart 1.2.0``).

    ``structural`` is for contracts that were recorded: values become examples of their types.
    """

    contract: Contract
    label: str
    structural: bool = False


@dataclass(frozen=True, slots=True)
class ByUrl:
    """Provider states by POST of ``{"state", "params", "action", "consumer"}`` to a URL; values in the answer's JSON.

    ``headers`` are sent along; their values are secret.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ByFunctions:
    """Provider states by Python functions: the name of a module, or the path of a ``.py`` file."""

    module: str


@dataclass(frozen=True, slots=True)
class ByCommand:
    """Provider states by a command, run once for each set-up and each tear-down, without a shell.

    It gets the same JSON as a URL does on its standard input, and prints a JSON object of values, or nothing.
    """

    argv: tuple[str, ...]


States = ByUrl | ByFunctions | ByCommand


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes: for the whole answer to one request, one set-up or tear-down, and all of a run."""

    answer: float = 30.0
    state: float = 30.0
    whole: float = 900.0
    connect: float = 5.0
    largest: int = 20 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Transport:
    """How a provider behind ``https`` is reached: own authorities, a client certificate. No proxy is ever used."""

    ca_file: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """How contracts are replayed.

    ``headers`` are added to every request, in place of what a contract says under the same name; their values are
    secret and masked wherever they turn up. ``request_filter`` is a module (or ``.py`` file) with a function
    ``filter_request``; a module of states may have it too.
    """

    states: States | None = None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    request_filter: str | None = None
    limits: Limits = field(default_factory=Limits)
    transport: Transport = field(default_factory=Transport)

    @property
    def modules(self) -> tuple[str, ...]:
        """The Python modules of the team that are loaded; each once."""
        named = [self.states.module] if isinstance(self.states, ByFunctions) else []
        return tuple(dict.fromkeys([*named, *([self.request_filter] if self.request_filter else [])]))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that may be shown nowhere."""
        own = self.states.headers if isinstance(self.states, ByUrl) else ()
        return tuple(value for _, value in (*self.headers, *own))


def checked_url(url: str, what: str) -> str:
    """The URL, if it is one to send to; UsageError otherwise. The message never repeats credentials."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise UsageError(f"{what} is no URL.", "Give it as http://HOST:PORT.") from None
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{what} holds credentials.", "Give them as a header (Authorization) instead.")
    if not fine or _BREAKS.search(url) or " " in url:
        raise UsageError(f"{what} is no URL of http or https.", "Give it as http://HOST:PORT.")
    return url


def check_headers(headers: Sequence[tuple[str, str]]) -> None:
    """UsageError if a header cannot be sent; the value is not repeated."""
    for name, value in headers:
        if not _NAME.match(name) or name.lower() in FRAMING:
            raise UsageError(f"{name!r} is no header that can be added.", "Give headers as NAME: VALUE.")
        try:
            value.encode("latin-1")
            broken = bool(_BREAKS.search(value))
        except UnicodeEncodeError:
            broken = True
        if broken:
            raise UsageError(
                f"The value of the header {name} has characters that no header may have.", "Is there a line break?"
            )
