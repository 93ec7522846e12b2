"""A decision that another Signet told as JSON, read back; None for anything that ``Decision.as_json`` does not write.

It is strict: the verdict must follow from the reasons, codes must be known with their weight and class, and the
question must be the one that was asked. It decides nothing; whom to believe is for whoever asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from signet.core.model.decision import REASONS, Candidate, Decision, Reason

BY_CODE = {one.code: one for one in REASONS}
NAMES = ("consumer", "consumer_version", "provider", "provider_version")
TEXTS = ("sentence", "remedy")
TOLD = frozenset({"code", "weight", "class", *TEXTS})
LONGEST = 20_000


@dataclass(frozen=True)
class Heard(Reason):
    """A reason with the words that it was told in."""

    said: str = ""
    helps: str = ""

    def sentence(self) -> str:
        return self.said

    def remedy(self) -> str:
        return self.helps


def decision(told: Any, candidates: Sequence[Candidate], environment: str | None, commit: str) -> Decision | None:
    """The decision on exactly these candidates, there, at that commit; None where the value is anything else."""
    if not isinstance(told, dict) or not isinstance(told.get("reasons"), list):
        return None
    heard = [_reason(one) for one in told["reasons"]]
    reasons = tuple(one for one in heard if one is not None)
    chosen = tuple(dict.fromkeys(candidates))
    found = Decision(_verdict(reasons), chosen, environment, reasons)
    same = None not in heard and told == found.as_json() | {"commit": commit}
    return found if same and reasons and list(told) == [*found.as_json(), "commit"] else None


def _verdict(reasons: Sequence[Reason]) -> str:
    weights = {reason.weight for reason in reasons}
    return "no" if "no" in weights else "unknown" if "unknown" in weights else "yes"


def _reason(told: Any) -> Reason | None:
    """A reason; None for one that is not whole, or has a member that no reason has."""
    if not isinstance(told, dict) or not TOLD <= told.keys() <= TOLD | set(NAMES):
        return None
    if not all(isinstance(value, str) and len(value) <= LONGEST for value in told.values()):
        return None
    kind = BY_CODE.get(told["code"])
    if kind is None or (told["weight"], told["class"]) != (kind.weight, kind.kind):
        return None
    consumer, consumer_version, provider, provider_version = (told.get(name) for name in NAMES)
    return _class(kind)(
        consumer, consumer_version, provider, provider_version, said=told["sentence"], helps=told["remedy"]
    )


def _class(kind: type[Reason]) -> type[Heard]:
    """The class of reasons of a kind that are told by others."""
    return type(f"Heard{kind.__name__}", (Heard,), {"code": kind.code, "weight": kind.weight, "kind": kind.kind})
