"""Provider states as Python functions, and the request filter: what a team writes, and how it is called.

    from signet.live.replay import state

    @state("the item tea-1 is sold")
    def sold(params):
        insert_item("tea-1", **params)
        yield {"id": "tea-1"}          # values for the generators of the contract, or a bare yield
        delete_item("tea-1")           # the tear-down

A function takes nothing, or the parameters of the state as a dict, and ``action`` ("setup" or "teardown") if it has a
parameter of that name: then it is called for both. A generator is its own tear-down. A module may hold a dict
``states`` (name of a state -> function) instead of, or beside, functions with the decorator; and a function
``filter_request``.

This module calls functions; it starts nothing and knows no HTTP (``signet.live.replay.host`` is the process).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
_MARK = "__provider_states__"


@dataclass
class Request:
    """A request on its way to the provider, for ``filter_request`` to change. ``path`` includes the query."""

    method: str
    path: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def set_header(self, name: str, value: str) -> None:
        """Set a header, in place of all of that name."""
        self.headers = [each for each in self.headers if each[0].lower() != name.lower()] + [(name, value)]


class UnknownState(Exception):
    """No function has this name."""


class WrongFunction(Exception):
    """A function that cannot be called as a provider state, or answers what is none."""


def state(*names: str) -> Callable[[Function], Function]:
    """Make a function the one that sets the provider states of these names."""

    def mark(function: Function) -> Function:
        setattr(function, _MARK, (*getattr(function, _MARK, ()), *names))
        return function

    return mark


def found_in(module: Any) -> dict[str, Callable[..., Any]]:
    """The functions of a module by the names of their states; WrongFunction if two have one name."""
    found: dict[str, Callable[..., Any]] = {}
    declared = getattr(module, "states", {})
    if isinstance(declared, Mapping):
        found.update(declared)
    for value in list(vars(module).values()):
        for name in getattr(value, _MARK, ()) if inspect.isfunction(value) else ():
            if found.setdefault(name, value) is not value:
                raise WrongFunction(f"two functions set the provider state {name!r}")
    for name, function in found.items():
        if not isinstance(name, str) or not callable(function):
            raise WrongFunction(f"what stands under {name!r} in 'states' is no function")
        if inspect.isasyncgenfunction(function):
            raise WrongFunction(f"the function of {name!r} is an async generator; write a plain generator")
    return found


class Functions:
    """Calls the functions of provider states, and keeps the generators that wait for their tear-down."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        self._functions = functions
        self._waiting: dict[int, Iterator[Any]] = {}

    def set_up(self, token: int, name: str, params: dict[str, Any]) -> Any:
        """Set a state up; the values that its function returns. ``token`` is for the tear-down."""
        function = self._functions.get(name)
        if function is None:
            raise UnknownState(name)
        answer = _call(function, params, "setup")
        if inspect.isgenerator(answer):
            values = next(answer, None)
            self._waiting[token] = answer
            return values
        return answer

    def tear_down(self, token: int, name: str, params: dict[str, Any]) -> None:
        """Tear a state down: the rest of its generator, or its function with ``action="teardown"``."""
        waiting = self._waiting.pop(token, None)
        if waiting is not None:
            for _ in waiting:
                raise WrongFunction("a generator of a provider state yields once")
            return
        function = self._functions.get(name)
        if function is not None and "action" in inspect.signature(function).parameters:
            _call(function, params, "teardown")


def _call(function: Callable[..., Any], params: dict[str, Any], action: str) -> Any:
    known = inspect.signature(function).parameters
    named = {"action": action} if "action" in known else {}
    takes = any(name != "action" for name in known)
    answer = function(params, **named) if takes else function(**named)
    if inspect.iscoroutine(answer):
        import asyncio

        return asyncio.run(answer)
    return answer
