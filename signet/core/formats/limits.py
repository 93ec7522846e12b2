"""What a document may be at most, and numbers and refusals as every reader of text has them (safety.md T21 to T26)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from signet.errors import Fault, InvalidData

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 100
MAX_ALIAS_NODES = 200_000
MAX_DIGITS = 1_000
MAX_FAULTS = 100
MAX_DIRECTIVES = 100
MAX_POINTERS = 200_000_000


def refused(name: str, line: int, why: str) -> InvalidData:
    """The error for a document that is refused as a whole."""
    return InvalidData(f"{name} is refused.", [Fault(name, None, line, why)])


def number(source: str) -> int | Decimal | None:
    """An exact number, or None where it is not finite or too long to be meant."""
    if len(source) > MAX_DIGITS:
        return None
    try:
        return int(source)
    except ValueError:
        pass
    try:
        value = Decimal(source)
        return value if value.is_finite() and abs(float(value)) != float("inf") else None
    except (InvalidOperation, OverflowError, ValueError):
        return None


def excess(value: Any) -> str | None:
    """Why a value is too much for those who walk it, or None: too deep, or long keys so high that pointers explode.

    The pointers to all its members, written out, have at most ``MAX_POINTERS`` characters: long keys near the root
    stand in the pointer of each value below them. A real document of 13 MB has a quarter of that.
    """
    level, volume = [(value, 0)], 0
    for _ in range(MAX_DEPTH):
        below = []
        for node, length in level:
            if isinstance(node, dict):
                volume += len(node) * (length + 1) + sum(map(len, node))
                below += [
                    (child, length + 1 + len(key)) for key, child in node.items() if isinstance(child, (dict, list))
                ]
            elif isinstance(node, list):
                inside = [(child, length + 8) for child in node if isinstance(child, (dict, list))]
                volume += len(inside) * (length + 8)
                below += inside
            if volume > MAX_POINTERS:
                return "its keys are too long for how deep they stand"
        if not below:
            return None
        level = below
    return f"it is nested deeper than {MAX_DEPTH} levels"
