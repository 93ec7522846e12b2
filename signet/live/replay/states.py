"""Provider states as values: what an interaction wants, and that a state was not set. Nothing is set here.

``signet.live.replay.setters`` and ``hosting`` set them: up before an interaction, down after it, each in bounded time.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from signet.core.formats import text


@dataclass(frozen=True, slots=True)
class Wanted:
    """One provider state of an interaction. ``token`` tells two of the same name apart."""

    token: int
    name: str
    params: Mapping[str, Any]
    consumer: str

    def question(self, action: str) -> dict[str, Any]:
        """What a URL or a command is asked."""
        return {"state": self.name, "params": dict(self.params), "action": action, "consumer": self.consumer}


class NotSet(Exception):
    """A state that was not set up or torn down: ``code`` is ``state-unknown`` or ``state-failed``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Setter(Protocol):
    """Sets provider states."""

    def set_up(self, wanted: Wanted) -> dict[str, Any]:
        """The values that the state has for generators; NotSet, or CouldNotTest."""

    def tear_down(self, wanted: Wanted) -> None:
        """Undo a state; NotSet, or CouldNotTest."""


def wanted(item: Mapping[str, Any], consumer: str, tokens: itertools.count[int]) -> list[Wanted]:
    """The provider states of an interaction, in every spelling of versions 1 to 4."""
    old = item.get("providerState", item.get("provider_state"))
    listed = item.get("providerStates")
    if isinstance(listed, str):
        listed = [{"name": listed}]
    found = listed if isinstance(listed, list) and listed else [{"name": old}] if isinstance(old, str) and old else []
    return [
        Wanted(next(tokens), str(each.get("name", "")), _params(each.get("params")), consumer)
        for each in found
        if isinstance(each, dict)
    ]


def _params(value: Any) -> dict[str, Any]:
    """Numbers as the functions of a team know them."""
    return dict(json.loads(text.dump(value))) if isinstance(value, dict) else {}


def action_of(wanted: Wanted, action: str) -> str:
    """The set-up or tear-down of a state, in words."""
    return f"the {'set-up' if action == 'setup' else 'tear-down'} of provider state {wanted.name!r}"
