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
MAX_POINTER = 100_000
MAX_POINTERS = 200_000_000  # characters of the pointers of all values together; GitHub's own spec has 80 million


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


def excess(value: Any) -> str:
    """Why a value is too much for those who walk it: too deep, or its places too long; an empty text if it is fine.

    Long keys near the root stand in the pointer of each value below them: written out, the pointers of all values can
    be longer than any memory.
    """
    level: list[tuple[Any, int]] = [(value, 0)]
    places = 0
    for _ in range(MAX_DEPTH):
        below = []
        for node, length in level:
            if isinstance(node, dict):
                places += sum(map(len, node)) + len(node) * (length + 1)
                below += [
                    (child, length + 1 + len(key)) for key, child in node.items() if isinstance(child, (dict, list))
                ]
            elif isinstance(node, list):
                width = length + 1 + len(str(len(node)))
                places += len(node) * width
                below += [(child, width) for child in node if isinstance(child, (dict, list))]
        if places > MAX_POINTERS or any(length > MAX_POINTER for _node, length in below):
            return "its keys are too long for how deep they stand"
        if not below:
            return ""
        level = below
    return f"it is nested deeper than {MAX_DEPTH} levels"
