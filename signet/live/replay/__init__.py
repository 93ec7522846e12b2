"""Replay: the interactions of contracts sent to a running provider, after its provider states are set.

pact-python's verifier matches the answers, one interaction at a time, in a child process of its own. It talks to the
provider through a gate on loopback that is ours (``gate``): credentials are added there and never reach the verifier,
and what was really sent and answered is seen there. Provider states are set by us, before and after (``states``), not
by the verifier. ``run`` is the way in; ``state`` is for the module of functions that a team writes for its provider.

The names are looked up when they are used: the child processes begin here too, and need few of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from signet.live.replay.functions import Request, state
    from signet.live.replay.plan import ByCommand, ByFunctions, ByUrl, Limits, Plan, Subject, Transport
    from signet.live.replay.replaying import needs_states, run, tool, was_recorded
    from signet.live.replay.standing import in_states

__all__ = [
    "ByCommand",
    "ByFunctions",
    "ByUrl",
    "Limits",
    "Plan",
    "Request",
    "Subject",
    "Transport",
    "in_states",
    "needs_states",
    "run",
    "state",
    "tool",
    "was_recorded",
]

_HOMES = {
    **dict.fromkeys(("Request", "state"), "functions"),
    **dict.fromkeys(("needs_states", "run", "tool", "was_recorded"), "replaying"),
    "in_states": "standing",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'plan')}"), name)
