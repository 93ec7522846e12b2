"""Texts that fit a length, a format and patterns: readable ones, that say which property they stand in.

It proposes; whether a text fits is asked of ``signet.core.compare.values``.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from signet.core.compare import values
from signet.core.compare.texts import Unjudgeable, matches
from signet.live.mock.generated import patterns

LONGEST = 100_000
"""Characters of a text that is made; longer ones are made only where a schema asks for them."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_FIRST = datetime(2024, 1, 1, 12, tzinfo=UTC)


def strings(schemas: Sequence[Mapping[str, Any]], name: str, turn: int) -> Iterator[str]:
    """Proposals for a text in the property ``name``, the most readable first; ``turn`` makes them differ."""
    shortest = max([_whole(schema.get("minLength"), 0) for schema in schemas], default=0)
    bounded = [_whole(schema["maxLength"], 0) for schema in schemas if values.is_number(schema.get("maxLength"))]
    longest = min(bounded, default=None)
    word = _phrase(name, turn)
    for pattern in dict.fromkeys(str(schema["pattern"]) for schema in schemas if "pattern" in schema):
        if _surely_matches(pattern, word):
            yield word
        yield from patterns.texts(pattern, shortest, longest, turn)
    for named in dict.fromkeys(str(schema["format"]) for schema in schemas if "format" in schema):
        for text in _formatted(named, _slug(name), turn):
            yield text
            yield from _stretched(named, text, shortest, longest)
    yield _cut(word, shortest, longest)
    yield from _short(turn, longest)


def _surely_matches(pattern: str, text: str) -> bool:
    try:
        return matches(pattern, text)
    except Unjudgeable:
        return False


def _whole(value: Any, otherwise: int) -> int:
    return int(value) if values.is_number(value) else otherwise


def _phrase(name: str, turn: int) -> str:
    """``firstName`` as "first name", the next one as "first name 2"."""
    words = " ".join([each if each.isupper() else each.lower() for each in _WORDS.findall(name)]) or "text"
    return words if turn == 0 else f"{words} {turn + 1}"


def _slug(name: str) -> str:
    letters = "-".join(each.lower() for each in _WORDS.findall(name) if each.isascii())
    return letters[:40] or "text"


def _cut(text: str, shortest: int, longest: int | None) -> str:
    """The text, repeated or cut to a length; the end stays, for it is what differs."""
    if len(text) < shortest <= LONGEST:
        text = ((text + " ") * (shortest // (len(text) + 1) + 1))[: shortest - 1] + text[-1]
    if longest is not None and len(text) > longest:
        head, _, count = text.rpartition(" ")
        text = f"{head[: longest - len(count)]}{count}" if head and count.isdigit() else text[:longest]
        text = text[-longest:] if longest else ""
    return text


def _short(turn: int, longest: int | None) -> Iterator[str]:
    """What is left where nearly nothing is allowed: letters, digits, the empty text."""
    letters = patterns.LOWER + patterns.UPPER + patterns.DIGITS
    width, text = longest or 1, ""
    while width > 0 and (turn or not text) and len(text) < 12:
        turn, rest = divmod(turn, len(letters))
        text, width = letters[rest] + text, width - 1
    yield text
    yield ""


# --- formats ---------------------------------------------------------------------------------------------------------


def _date(turn: int) -> datetime:
    return _FIRST + timedelta(days=turn % 36_000)


def _numbered(slug: str, turn: int) -> str:
    return slug if turn == 0 else f"{slug}-{turn + 1}"


_FORMATS: dict[str, Callable[[str, int], tuple[str, ...]]] = {
    "date-time": lambda _, turn: (f"{_date(turn):%Y-%m-%dT%H:%M:%SZ}",),
    "date": lambda _, turn: (f"{_date(turn):%Y-%m-%d}",),
    "time": lambda _, turn: (f"{12 + turn // 60 % 12:02}:{turn % 60:02}:00Z",),
    "duration": lambda _, turn: (f"P{1 + turn}D",),
    "email": lambda slug, turn: (f"{_numbered(slug, turn)}@example.com", f"{chr(97 + turn % 26)}@b.co"),
    "hostname": lambda slug, turn: (f"{_numbered(slug, turn)}.example.com", f"{chr(97 + turn % 26)}.co"),
    "ipv4": lambda _, turn: (f"192.0.2.{1 + turn % 254}", f"10.{turn // 65536 % 256}.{turn // 256 % 256}.{turn % 256}"),
    "ipv6": lambda _, turn: (
        f"2001:db8::{1 + turn:x}" if turn < 65535 else f"2001:db8::{turn >> 16:x}:{turn % 65536:x}",
    ),
    "uri": lambda slug, turn: (f"https://example.com/{_numbered(slug, turn)}", f"x:{turn}"),
    "uri-reference": lambda slug, turn: (f"/{_numbered(slug, turn)}",),
    "uri-template": lambda slug, turn: (f"https://example.com/{_numbered(slug, turn)}/{{id}}",),
    "uuid": lambda _, turn: (f"00000000-0000-4000-8000-{1 + turn:012x}",),
    "json-pointer": lambda slug, turn: (f"/{_numbered(slug, turn)}",),
    "relative-json-pointer": lambda slug, turn: (f"{turn}/{slug}",),
    "regex": lambda slug, turn: (f"^{_numbered(slug, turn)}$",),
    "byte": lambda slug, turn: (base64.b64encode(_numbered(slug, turn).encode()).decode(), "AAAA", ""),
    "password": lambda slug, turn: (_numbered(slug, turn),),
    "binary": lambda slug, turn: (_numbered(slug, turn),),
}
_SAME = {"idn-email": "email", "idn-hostname": "hostname", "iri": "uri", "iri-reference": "uri-reference"}
_SAME |= {"url": "uri", "datetime": "date-time", "uuid4": "uuid", "ip": "ipv4", "base64": "byte", "host": "hostname"}


def _formatted(named: str, slug: str, turn: int) -> tuple[str, ...]:
    make = _FORMATS.get(_SAME.get(named, named))
    return make(slug, turn) if make else ()


def _stretched(named: str, text: str, shortest: int, longest: int | None) -> Iterator[str]:
    """A text of a format at the length that is asked for, where the format has room."""
    missing = shortest - len(text)
    kind = _SAME.get(named, named)
    if 0 < missing <= LONGEST:
        if kind in ("uri", "uri-reference", "uri-template", "json-pointer", "password", "binary"):
            yield text + "a" * missing
        elif kind == "email":
            yield "a" * min(missing, 40) + text
        elif kind == "byte":
            yield base64.b64encode(b"a" * -(-shortest * 3 // 4)).decode()
            yield "A" * -(-shortest // 4 * -4)
        elif kind == "date-time":
            yield f"{text[:-1]}.{'0' * max(missing - 1, 1)}Z"
    if longest is not None and len(text) > longest and kind in ("password", "binary"):
        yield text[:longest]
