"""The patterns of Pact's date matchers and generators (``yyyy-MM-dd'T'HH:mm:ss``): which texts they stand for.

It knows the letters of Java's formatters, which Pact took over, as far as they write digits, signs and names. Of a
pattern with anything else (optional sections, padding, eras) it says nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_PART = re.compile(r"''|'(?:[^']|'')*'|([A-Za-z])\1*|[^A-Za-z'\[\]{}#]")
LONGEST = 200
"""Characters of a pattern; nobody writes a date in more."""
_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}/]")
_OFFSET = r"[+-]\d{2}"
_NAME = r"\p{L}+\.?"
_ZONE = r"[A-Za-z][\w/+:-]*"


class Written(NamedTuple):
    """What a pattern writes: all of its texts as a regular expression, and one of them, the most ordinary.

    The expression comes from a stranger's pattern, so it is for the engine of linear time (``texts``) and no other.
    """

    shape: str
    sample: str


_FIXED = {
    "X": (rf"(?:Z|{_OFFSET}(?:\d{{2}})?)", "Z"),
    "XX": (rf"(?:Z|{_OFFSET}\d{{2}})", "Z"),
    "XXX": (rf"(?:Z|{_OFFSET}:\d{{2}})", "Z"),
    "x": (rf"{_OFFSET}(?:\d{{2}})?", "+02"),
    "xx": (rf"{_OFFSET}\d{{2}}", "+0200"),
    "xxx": (rf"{_OFFSET}:\d{{2}}", "+02:00"),
    "Z": (rf"{_OFFSET}\d{{2}}", "+0200"),
    "ZZ": (rf"{_OFFSET}:?\d{{2}}", "+02:00"),
    "ZZZ": (rf"{_OFFSET}\d{{2}}", "+0200"),
    "ZZZZZ": (rf"(?:Z|{_OFFSET}:\d{{2}})", "Z"),
    "a": (r"(?:[AaPp]\.?[Mm]\.?)", "AM"),
    "yy": (r"\d{2}", "24"),
    "uu": (r"\d{2}", "24"),
}
_NUMBERS = {"y": "2024", "u": "2024", "M": "12", "L": "12", "d": "17", "H": "13", "k": "13", "K": "11", "h": "11"} | {
    "m": "45",
    "s": "30",
    "D": "352",
    "w": "50",
    "e": "2",
    "F": "3",
}


@lru_cache(512)
def written(pattern: str) -> Written | None:
    """What a pattern writes; None if it has something that is not known here, or nothing at all."""
    if len(pattern) > LONGEST:
        return None
    shape, sample, last = "", "", 0
    for part in _PART.finditer(pattern):
        known = _part(part.group(), part.group(1)) if part.start() == last else None
        if known is None:
            return None
        shape, sample, last = shape + known[0], sample + known[1], part.end()
    return Written(f"^(?:{shape})$", sample) if shape and last == len(pattern) else None


def _part(text: str, letter: str | None) -> tuple[str, str] | None:
    if letter is None:
        literal = text if not text.startswith("'") else text[1:-1].replace("''", "'") or "'"
        return _SPECIAL.sub(r"\\\g<0>", literal), literal
    if text in _FIXED:
        return _FIXED[text]
    if letter in "ML" and len(text) > 2:
        return _NAME, "May"
    if letter in "Ec" or (letter == "e" and len(text) > 2):
        return _NAME, "Friday"
    if letter == "S":
        return rf"\d{{{len(text)}}}", ("123456789" + "0" * len(text))[: len(text)]
    if letter in "zvV":
        return _ZONE, "UTC"
    if letter not in _NUMBERS:
        return None
    return (rf"\d{{{len(text)},}}" if len(text) > 1 else r"\d+"), _NUMBERS[letter].zfill(len(text))
