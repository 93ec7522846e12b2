"""The provider states of an exchange: from a header that the tests send, or from a Python function of the team.

The header is for the recording alone: it is taken off before a request goes on. It holds the name of a state, or JSON:
``{"name": "an item is offered", "params": {"item_id": "tea-1"}}``, or a list of both; it may be sent several times.
A function gets the request and returns the same, or None. It is called in this process, once for each exchange.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from signet.core.formats.canonical import dump
from signet.errors import UsageError
from signet.live.recording.exchange import Exchange, State
from signet.live.recording.replacing import NotJson, parsed

HEADER = "x-signet-state"
LONGEST = 1000
"""Characters of the name of a state."""


class WrongState(Exception):
    """What says no provider state; the text tells why, and repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The request as a state function gets it. ``path`` includes the query, as it was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Function = Callable[[Asked], Any]


def of(exchange: Exchange, function: Function | None) -> list[State]:
    """The states of an exchange; WrongState if the header or the function says none that can be understood."""
    found = list(exchange.states)
    for name, value in exchange.headers:
        if name.lower() == HEADER:
            found += _read(_header(value))
    if function is not None:
        asked = Asked(
            exchange.method,
            exchange.target,
            {name.lower(): value for name, value in exchange.headers if name.lower() != HEADER},
            exchange.body or b"",
        )
        try:
            with contextlib.redirect_stdout(sys.stderr):
                said = function(asked)
        except Exception as error:
            raise WrongState(f"the state function failed ({type(error).__name__})") from error
        try:
            found += [(name, parsed(dump(params).encode())) for name, params in _read(said)]
        except (NotJson, TypeError, ValueError, RecursionError):
            raise WrongState("the state function says what is no JSON") from None
    if any(not name.isprintable() or len(name) > LONGEST for name, _ in found):
        raise WrongState("the name of a provider state is too long, or no text")
    return found


def _header(value: str) -> Any:
    raw = value.encode("latin-1", "replace").strip()
    if raw[:1] not in (b"{", b"["):
        return raw.decode("utf-8", "replace")
    try:
        return parsed(raw)
    except NotJson:
        raise WrongState("the header X-Signet-State holds JSON that cannot be read") from None


def _read(said: Any) -> Iterator[State]:
    if said is None or said == "":
        return
    if isinstance(said, (list, tuple)):
        for each in said:
            yield from _read(each)
    elif isinstance(said, str):
        yield said, {}
    elif isinstance(said, dict) and isinstance(said.get("name"), str) and isinstance(said.get("params", {}), dict):
        yield said["name"], said.get("params", {})
    else:
        raise WrongState("a provider state is a text, or an object with 'name' and 'params'")


def loaded(named: str) -> Function:
    """The function that ``FILE.py:NAME`` or ``MODULE:NAME`` names; UsageError if there is none."""
    place, _, name = named.rpartition(":")
    remedy = "Write FILE.py:FUNCTION or MODULE:FUNCTION; the function takes the request and returns a state, or None."
    if not place or not name:
        raise UsageError(f"'{named}' names no function.", remedy)
    try:
        function = getattr(_module(place), name, None)
    except Exception as error:  # noqa: BLE001 - a team's module may fail in any way
        raise UsageError(f"'{place}' cannot be imported: {type(error).__name__}.", remedy) from None
    if not callable(function):
        raise UsageError(f"'{place}' has no function '{name}'.", remedy)
    found: Function = function
    return found


def _module(place: str) -> ModuleType:
    if not place.endswith(".py"):
        if "" not in sys.path and str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        return importlib.import_module(place)
    spec = importlib.util.spec_from_file_location(Path(place).stem, place)
    if spec is None or spec.loader is None:
        raise ImportError(place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
