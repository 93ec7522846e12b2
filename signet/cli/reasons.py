"""A reason of Deploy Guard as lines of text, the same wherever it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from signet.cli import render

if TYPE_CHECKING:
    from signet.core.model.decision import Reason

CLASSES = {"regression": "needs a change", "pending": "waits"}


def show(reason: Reason, line: Callable[[str, str | None], None]) -> None:
    """The reason, with its weight, code and class, and below it what helps; ``line`` is ``render.say`` or ``note``."""
    weight = reason.weight if reason.weight != "none" else "note"
    what = f", {CLASSES[reason.kind]}" if reason.kind in CLASSES else ""
    line(f"  {weight}: {reason.sentence()} [{reason.code}{what}]", render.MARKS.get(weight, "dim"))
    if reason.weight != "yes" and (remedy := reason.remedy()):
        line(f"      {remedy}", None)
