"""Texts that a pattern of ECMA-262 may take: short ones first, built along the pattern.

What a pattern says about its surroundings (look-around, boundaries) is passed over, and some classes are only guessed:
each text is a proposal, and whoever takes it asks ``signet.core.compare.texts.matches`` first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

LOWER, UPPER, DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "1234567890"
_PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))
_ORDERS = (
    LOWER + UPPER + DIGITS + "-_. " + _PRINTABLE,
    "".join(a + b + c + d for a, b, c, d in zip(LOWER, UPPER, DIGITS * 3, "!#$%&*+-.@_~" * 3, strict=False)),
    DIGITS + LOWER + UPPER + "-_. " + _PRINTABLE,
)
"""Which characters are tried first: readable ones, of all kinds, digits."""
_SETS = {
    "d": [(48, 57)],
    "w": [(48, 57), (65, 90), (95, 95), (97, 122)],
    "s": [(9, 13), (32, 32), (0xA0, 0xA0), (0x2028, 0x2029), (0xFEFF, 0xFEFF)],
}
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}
_PROPERTIES = {
    "L": [(65, 90), (97, 122), (0xE0, 0xF6)],
    "Lu": [(65, 90)],
    "Ll": [(97, 122)],
    "N": [(48, 57)],
    "Nd": [(48, 57)],
    "P": [(33, 35), (37, 42), (44, 47), (58, 59), (63, 64)],
    "S": [(36, 36), (43, 43), (60, 62)],
    "Z": [(32, 32)],
    "Zs": [(32, 32)],
    "M": [(0x300, 0x36F)],
}
_REPEATS = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}")
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})")
_PROPERTY = re.compile(r"([pP])\{(?:[A-Za-z_]+=)?([A-Za-z_]+)\}")
_GROUP = re.compile(r"\((\?(?:<?[=!]|[:>]|<([A-Za-z0-9_$]+)>|[a-z]*(?:-[a-z]+)?[:)]))?")
MOST_REPEATED = 2_000
MOST_PARTS = 2_000
TRIES = 6
_LAST = 0x10FFFF

Ranges = list[tuple[int, int]]


class NoPattern(Exception):
    """It is no pattern, or none that can be built along."""


class Repeat(NamedTuple):
    """A part that comes several times; ``most`` None has no end."""

    part: Part
    fewest: int
    most: int | None


class Group(NamedTuple):
    """Alternatives, each a sequence; ``number`` from 1 if it is remembered."""

    options: list[list[Part]]
    number: int = 0


class Back(NamedTuple):
    """What a group took, once more."""

    number: int


class Signs(NamedTuple):
    """One character of these."""

    ranges: Ranges


Part = Repeat | Group | Back | Signs


def texts(pattern: str, shortest: int, longest: int | None, turn: int) -> Iterator[str]:
    """Proposals: of least length, then of the length that is asked for, then others; with several kinds of characters.

    ``turn`` shifts which characters are taken. Nothing for what is no pattern.
    """
    try:
        whole = _Reader(pattern).whole()
    except (NoPattern, IndexError, ValueError, RecursionError):
        return
    least = _least(whole)
    wanted = [0, 1, shortest - least, 3, 7, 15]
    wanted += [] if longest is None else [longest - least]
    extras = sorted({each for each in wanted if each >= 0}, key=lambda each: (each + least < shortest, each))
    for choice in range(TRIES):
        for extra in extras:
            with suppress(NoPattern):
                yield _Writer(_ORDERS[choice % len(_ORDERS)], turn + choice, choice, extra).written(whole)


def _least(part: Part) -> int:
    """The fewest characters of a part."""
    match part:
        case Repeat(inner, fewest, _):
            return fewest * _least(inner) if fewest else 0
        case Group(options, _):
            return min(sum(map(_least, option)) for option in options)
        case Back():
            return 0
        case _:
            return 1


@dataclass(slots=True)
class _Writer:
    """Writes one text; ``extra`` characters beyond the fewest are spent where repetition allows them."""

    order: str
    turn: int
    choice: int
    extra: int
    position: int = 0
    groups: dict[int, str] = field(default_factory=dict)

    def written(self, part: Part) -> str:
        match part:
            case Repeat(inner, fewest, most):
                return self.repeated(inner, fewest, most)
            case Group(options, number):
                option = options[self.choice % len(options)]
                text = "".join([self.written(each) for each in option])
                self.groups[number] = text
                return text
            case Back(number):
                return self.groups.get(number, "")
            case Signs(ranges):
                return self.sign(ranges)

    def repeated(self, inner: Part, fewest: int, most: int | None) -> str:
        if fewest > MOST_REPEATED:
            raise NoPattern
        size = max(_least(inner), 1)
        room = self.extra // size if most is None else min(self.extra // size, most - fewest)
        count = fewest + max(room, 0)
        self.extra -= max(room, 0) * size
        return "".join([self.written(inner) for _ in range(min(count, MOST_REPEATED))])

    def sign(self, ranges: Ranges) -> str:
        nice = [each for each in self.order if any(low <= ord(each) <= high for low, high in ranges)]
        at = self.position + self.turn
        self.position += 1
        if nice:
            return nice[at % len(nice)]
        low, high = ranges[at % len(ranges)] if ranges else (0x61, 0x61)
        code = low + at % (high - low + 1)
        return chr(code) if not 0xD800 <= code <= 0xDFFF else "\ue000"


class _Reader:
    """Reads a pattern into parts."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.position, self.remembered, self.parts = pattern, 0, 0, 0
        self.names: dict[str, int] = {}

    def whole(self) -> Group:
        found = self.group(0)
        if self.position < len(self.pattern):
            raise NoPattern
        return found

    def group(self, number: int) -> Group:
        options: list[list[Part]] = [[]]
        while self.position < len(self.pattern) and self.pattern[self.position] != ")":
            if self.pattern[self.position] == "|":
                self.position += 1
                options.append([])
                continue
            part = self.atom()
            if part is not None:
                options[-1].append(self.counted(part))
            else:
                self.skipped()
        return Group(options, number)

    def counted(self, part: Part) -> Part:
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise NoPattern
        sign = self.pattern[self.position : self.position + 1]
        bounds: tuple[int, int | None]
        if sign in ("*", "+", "?") and sign:
            bounds = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
            self.position += 1
        elif found := _REPEATS.match(self.pattern, self.position):
            fewest = int(found[1])
            bounds = (fewest, fewest if not found[2] else int(found[3]) if found[3] else None)
            self.position = found.end()
        else:
            return part
        if self.pattern[self.position : self.position + 1] == "?":
            self.position += 1
        return Repeat(part, *bounds)

    def skipped(self) -> None:
        """Pass over the repetition of what has no width."""
        self.counted(Back(-1))

    def atom(self) -> Part | None:
        """The next part; None for what takes no character."""
        sign = self.pattern[self.position]
        if sign == "(":
            return self.inner()
        if sign == "[":
            return Signs(self.klass())
        if sign == "\\":
            return self.escape()
        self.position += 1
        if sign in "^$":
            return None
        return Signs(_all_but([(10, 10), (13, 13), (0x2028, 0x2029)]) if sign == "." else [(ord(sign), ord(sign))])

    def inner(self) -> Part | None:
        found = _GROUP.match(self.pattern, self.position)
        said = found[1] if found else None
        if found is None:
            raise NoPattern
        self.position = found.end()
        number = 0
        if said is None or found[2]:
            self.remembered += 1
            number = self.remembered
            self.names[found[2] or ""] = number
        elif said.endswith(")"):
            return None
        held = self.group(number)
        if self.pattern[self.position] != ")":
            raise NoPattern
        self.position += 1
        return None if said is not None and said.endswith(("=", "!")) else held

    def escape(self) -> Part | None:
        sign = self.pattern[self.position + 1]
        if sign in "bB":
            self.position += 2
            return None
        if sign == "k" and (named := re.compile(r"\\k<([^>]*)>").match(self.pattern, self.position)):
            self.position = named.end()
            return Back(self.names.get(named[1], 0))
        if sign in "123456789":
            self.position += 2
            return Back(int(sign))
        return Signs(self.escaped())

    def escaped(self) -> Ranges:
        """The characters that an escape means."""
        sign = self.pattern[self.position + 1]
        if found := _HEX.match(self.pattern, self.position + 1):
            self.position = found.end()
            code = int(found[1] or found[2] or found[3], 16)
            return [(code, code)]
        if found := _PROPERTY.match(self.pattern, self.position + 1):
            self.position = found.end()
            ranges = _PROPERTIES.get(found[2], _PROPERTIES["L"])
            return _all_but(sorted(ranges)) if found[1] == "P" else ranges
        if sign == "c":
            self.position += 3
            code = ord(self.pattern[self.position - 1]) % 32
            return [(code, code)]
        self.position += 2
        if sign.lower() in _SETS:
            return _SETS[sign] if sign.islower() else _all_but(_SETS[sign.lower()])
        code = _CONTROLS.get(sign, ord(sign))
        return [(code, code)]

    def klass(self) -> Ranges:
        self.position += 1
        is_negated = self.pattern[self.position] == "^"
        self.position += is_negated
        held: Ranges = []
        while self.pattern[self.position] != "]":
            first = self.member()
            is_range = self.pattern[self.position] == "-" and self.pattern[self.position + 1] != "]"
            if is_range and len(first) == 1 and first[0][0] == first[0][1]:
                self.position += 1
                last = self.member()
                held.append((first[0][0], max(first[0][0], last[-1][1])))
            else:
                held += first
        self.position += 1
        return _all_but(sorted(held)) if is_negated else held

    def member(self) -> Ranges:
        if self.pattern[self.position] == "\\":
            if self.pattern[self.position + 1] == "b":
                self.position += 2
                return [(8, 8)]
            return self.escaped()
        self.position += 1
        code = ord(self.pattern[self.position - 1])
        return [(code, code)]


def _all_but(ranges: Ranges) -> Ranges:
    """All other characters; ``ranges`` are sorted."""
    found, start = [], 0
    for low, high in ranges:
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return [*found, (start, _LAST)] if start <= _LAST else found
