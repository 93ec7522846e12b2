"""What a document may be at most, and numbers and refusals as every reader of text has them (safety.md T21 to T26)."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from signet.errors import Fault, InvalidData

MAX_BYTES = 20 * 1024 * 1024
MAX_DEPTH = 100
MAX_ALIAS_NODES = 200_000
MAX_DIGITS = 1_000
MAX_FAULTS = 100


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
