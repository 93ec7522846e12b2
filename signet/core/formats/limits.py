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
_DIGITS = 300
_LARGE = 10**_DIGITS
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
    try:
        places = _places(value, 0, 0, False)
    except _TooDeep:
        return f"it is nested deeper than {MAX_DEPTH} levels"
    return "its keys are too long for how deep they stand" if places > MAX_POINTERS else ""


def is_modest(value: Any) -> bool:
    """True if a value is surely not too much, and has no number that ``number`` could refuse."""
    try:
        return _places(value, 0, 0, True) <= MAX_POINTERS and _is_small(value)
    except (_TooDeep, _Large):
        return False


class _TooDeep(Exception):
    """A value below the deepest level that is allowed."""


class _Large(Exception):
    """A number that may be too long."""


def _is_small(value: Any) -> bool:
    if value.__class__ is int:
        return bool(-_LARGE < value < _LARGE)
    return value.__class__ is not Decimal or (-_DIGITS < value.adjusted() < _DIGITS and len(str(value)) < _DIGITS)


def _places(node: Any, length: int, depth: int, only_small: bool) -> int:
    """The characters of the pointers of all values below a node whose own pointer has a length."""
    if depth >= MAX_DEPTH and (node.__class__ is dict or node.__class__ is list):
        raise _TooDeep
    if length > MAX_POINTER:
        return MAX_POINTERS + 1
    if node.__class__ is dict:
        places = sum(map(len, node)) + len(node) * (length + 1)
        for key, child in node.items():
            if child.__class__ is dict or child.__class__ is list:
                places += _places(child, length + 1 + len(key), depth + 1, only_small)
            elif only_small and child.__class__ is not str and not _is_small(child):
                raise _Large
        return places
    if node.__class__ is not list:
        return 0
    width = length + 1 + len(str(len(node)))
    places = len(node) * width
    for child in node:
        if child.__class__ is dict or child.__class__ is list:
            places += _places(child, width, depth + 1, only_small)
        elif only_small and child.__class__ is not str and not _is_small(child):
            raise _Large
    return places
