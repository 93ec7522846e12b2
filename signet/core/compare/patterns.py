"""Patterns of ECMA-262, which JSON Schema means, in the words of Rust's engines.

Signs mean Unicode characters. What ECMA allows only outside its Unicode mode means what it says there: a brace that
repeats nothing, an escape of a sign that needs none. It compiles nothing, and leaves what is wrong for the engine to
refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LAST = 0x10FFFF
_DIGITS = [(48, 57)]
_WORDS = [(48, 57), (65, 90), (95, 95), (97, 122)]
_SPACES = [(9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)]
_SPACES += [(0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)]


def _sign(code: int) -> str:
    return f"\\x{{{code:x}}}"


def _ranges(ranges: list[tuple[int, int]]) -> str:
    return "".join([_sign(low) if low == high else f"{_sign(low)}-{_sign(high)}" for low, high in ranges])


def _all_but(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    lows = [0, *(high + 1 for _, high in ranges)]
    highs = [*(low - 1 for low, _ in ranges), _LAST]
    return list(zip(lows, highs, strict=True))


_SETS = {name: _ranges(ranges) for name, ranges in {"d": _DIGITS, "w": _WORDS, "s": _SPACES}.items()}
_SETS |= {name: _ranges(_all_but(ranges)) for name, ranges in {"D": _DIGITS, "W": _WORDS, "S": _SPACES}.items()}
_ANY, _NONE = f"[{_ranges([(0, _LAST)])}]", f"[^{_ranges([(0, _LAST)])}]"
_DOT = r"[^\x{a}\x{d}\x{2028}\x{2029}]"
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_WORD = f"[{_SETS['w']}]"
_BOUNDARIES = {"b": r"(?-u:\b)", "B": r"(?-u:\B)"}
_AROUND = {
    "b": f"(?:(?<={_WORD})(?!{_WORD})|(?<!{_WORD})(?={_WORD}))",
    "B": f"(?:(?<={_WORD})(?={_WORD})|(?<!{_WORD})(?!{_WORD}))",
}
"""Boundaries of words, for an engine that looks around."""
_REPEATS = re.compile(r"\{[0-9]+(?:,[0-9]*)?\}")
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|u([Dd][89ABab]..)\\u([Dd][C-Fc-f]..)|u([0-9A-Fa-f]{4})")
_PROPERTY = re.compile(r"[pP]\{[A-Za-z0-9_=]+\}")
_GROUP = re.compile(r"\((?:\?(?:<?[=!]|[:>]|<[A-Za-z0-9_$]+>|[a-z]*(?:-[a-z]+)?[:)]))?")


class _Wrong(Exception):
    """No pattern of ECMA-262."""


def translated(pattern: str, *, looks_around: bool) -> str:
    """The pattern for the engine that looks around, or for the one that runs in linear time."""
    try:
        return "".join(_pieces(pattern, _AROUND if looks_around else _BOUNDARIES))
    except (_Wrong, IndexError, ValueError):
        return pattern


def _pieces(pattern: str, boundaries: dict[str, str]) -> Iterator[str]:
    position = 0
    while position < len(pattern):
        sign = pattern[position]
        taken = 1
        if sign == "[":
            piece, taken = _class(pattern, position)
        elif sign == "\\" and pattern[position + 1] in boundaries:
            piece, taken = boundaries[pattern[position + 1]], 2
        elif sign == "\\":
            atom, taken = _escaped(pattern, position, in_class=False)
            piece = _sign(atom) if isinstance(atom, int) else atom
        elif sign == "(" and (group := _GROUP.match(pattern, position)):
            piece, taken = group.group(), len(group.group())
        elif sign == "{" and position and (repeats := _REPEATS.match(pattern, position)):
            piece, taken = repeats.group(), len(repeats.group())
        elif sign in "{}]":
            piece = _sign(ord(sign))
        else:
            piece = _DOT if sign == "." else sign
        yield piece
        position += taken


def _escaped(pattern: str, position: int, *, in_class: bool) -> tuple[int | str, int]:
    """(what an escape means: a character, or a piece for the engine; how long it is)."""
    sign = pattern[position + 1]
    if sign in _SETS:
        return (_SETS[sign] if in_class else f"[{_SETS[sign]}]"), 2
    if sign in _CONTROLS:
        return _CONTROLS[sign], 2
    if sign == "b" and in_class:
        return 8, 2
    if found := _HEX.match(pattern, position + 1):
        pair, digits = found.group(3, 4), found.group(1) or found.group(2) or found.group(5)
        high, low = (int(each, 16) if each else 0 for each in pair)
        code = int(digits, 16) if digits else 0x10000 + ((high - 0xD800) << 10) + low - 0xDC00
        return code, 1 + len(found.group())
    if sign == "c" and pattern[position + 2].isascii() and pattern[position + 2].isalpha():
        return ord(pattern[position + 2]) % 32, 3
    if sign == "0" and not pattern[position + 2 : position + 3].isdigit():
        return 0, 2
    if found := _PROPERTY.match(pattern, position + 1):
        return f"\\{found.group()}", 1 + len(found.group())
    if sign.isascii() and sign.isalnum():
        if in_class:
            raise _Wrong
        return f"\\{sign}", 2  # a reference to a group, or a word of another language
    return ord(sign), 2


def _class(pattern: str, start: int) -> tuple[str, int]:
    """A class of characters with its brackets, and how long it is."""
    is_negated = pattern[start + 1] == "^"
    position = start + 1 + is_negated
    if pattern[position] == "]":
        return (_ANY if is_negated else _NONE), 2 + is_negated
    held: list[str] = []
    while pattern[position] != "]":
        first, position = _atom(pattern, position)
        if pattern[position] == "-" and pattern[position + 1] != "]":
            last, position = _atom(pattern, position + 1)
            if isinstance(first, int) and isinstance(last, int):
                held.append(f"{_sign(first)}-{_sign(last)}")
            else:
                held += [_piece(first), _sign(ord("-")), _piece(last)]
        else:
            held.append(_piece(first))
    return f"[{'^' * is_negated}{''.join(held)}]", position + 1 - start


def _atom(pattern: str, position: int) -> tuple[int | str, int]:
    if pattern[position] != "\\":
        return ord(pattern[position]), position + 1
    atom, taken = _escaped(pattern, position, in_class=True)
    return atom, position + taken


def _piece(atom: int | str) -> str:
    return _sign(atom) if isinstance(atom, int) else atom
