"""What a recording replaces: secrets, and values that are others in each run. Types and forms stay as they are.

A secret is known by the name of its header, parameter, member, field or cookie, by its form, or by being as random as a
key (``signet.core.formats.secrets``). What a run makes up anew (UUIDs and the like, the time, numbers that the provider
has just given away) becomes the same sample in each run, so that the same tests give the same bytes. What a provider
state names stays, as it is not made up. This module knows values, not requests and answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from signet.core.formats import json_text, secrets
from signet.errors import InvalidData

DEEPEST = 90
"""Levels of a JSON body; the contract around it has some too, and is read up to 100."""

SHORTEST = 9
"""Characters of the shortest text that anything here looks for: a URL with a login."""
LONGEST = 20_000
"""Characters of the longest text that is kept: what is longer is a file, and nothing that a contract is about."""
MOMENT, DAY = "2000-01-01T00:00:00", "2000-01-01"
EPOCH = 946_684_800
_HEX = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9][0-9a-f]*[0-9])[0-9a-f]{24,}(?![0-9A-Za-z])")
_ULID = re.compile(r"(?<![0-9A-Za-z])[0-7](?=[A-Z]*[0-9])[0-9A-HJKMNP-TV-Z]{25}(?![0-9A-Za-z])")
_TIME = re.compile(
    r"(?<![\d-])(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?([.,]\d+)?([Zz]|[+-]\d\d:?\d\d)?(?![\d])", re.ASCII
)
_DATE = re.compile(r"(?<![\d-])\d{4}-\d\d-\d\d(?![\dTt:-])", re.ASCII)
_RUN = re.compile(r"(?<![0-9A-Za-z])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[0-9A-Za-z]{10,}(?![0-9A-Za-z])")
_WORD = re.compile(r"[0-9A-Za-z.]+")
_ID = re.compile(r"(^|_)(id|number|no|seq|sequence|revision|rev)$")
_MEASURED = re.compile(r"(^|_)(elapsed|duration|took|latency|uptime|age)(_(ms|us|ns|s|seconds|millis))?$")


class NotJson(Exception):
    """A text that is no JSON that a contract could hold."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose beside the rules: headers to keep, names whose values are secret, and names that are not."""

    headers: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()

    @classmethod
    def of(cls, headers: Iterable[str] = (), secret: Iterable[str] = (), plain: Iterable[str] = ()) -> Choice:
        """From names as people write them."""
        plain_names = [frozenset(map(secrets.plain_name, names)) for names in (secret, plain)]
        return cls(frozenset(name.lower() for name in headers), *plain_names)

    def is_secret(self, name: str) -> bool:
        """Is the value of this name a secret?"""
        own = secrets.plain_name(name)
        return own in self.secret or (own not in self.plain and secrets.is_named(name))

    def is_plain(self, name: str) -> bool:
        """Did somebody say that the value of this name is none?"""
        return secrets.plain_name(name) in self.plain


class Known:
    """Values that are no accident: a provider state named them, or (for an answer) the request did."""

    def __init__(self, *said: str, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)
        self._said = "\n".join(said)
        self._words = frozenset(_WORD.findall(self._said))

    def and_in(self, *said: str) -> Known:
        """With more that was said."""
        return Known(self._said, *said, now=self.now)

    def names(self, text: str) -> bool:
        """Was this text named? A short one counts only as a whole word."""
        return text in self._words or (len(text) >= 8 and text in self._said)


# --- texts -----------------------------------------------------------------------------------------------------------


def in_request(text: str, known: Known) -> str:
    """A text of a request without secrets, and without what a run makes up."""
    if len(text) < SHORTEST:
        return text

    def moment(found: re.Match[str]) -> str:
        return _moment(found) if _is_near(found[0], known.now) and not known.names(found[0]) else found[0]

    def day(found: re.Match[str]) -> str:
        return DAY if _is_near(found[0], known.now) and not known.names(found[0]) else found[0]

    return secrets.replaced(_DATE.sub(day, _TIME.sub(moment, _without_ids(text, known))))


def in_answer(text: str, known: Known) -> str:
    """A text of an answer without secrets, and without what is another in each run; what the request named stays."""
    if len(text) < SHORTEST:
        return text
    if known.names(text):
        return secrets.replaced(text)

    def run(found: re.Match[str]) -> str:
        is_mixed = len(re.findall("[0-9]", found[0])) > 1 and len(re.findall("[A-Za-z]", found[0])) > 1
        return "0" * len(found[0]) if is_mixed and not known.names(found[0]) else found[0]

    def moment(found: re.Match[str]) -> str:
        return found[0] if known.names(found[0]) else _moment(found)

    def day(found: re.Match[str]) -> str:
        return found[0] if known.names(found[0]) else DAY

    text = secrets.replaced(_without_ids(text, known))
    return _RUN.sub(run, _DATE.sub(day, _TIME.sub(moment, text)))


def _without_ids(text: str, known: Known) -> str:
    def uuid(found: re.Match[str]) -> str:
        is_written = len(set(found[0].lower())) < 9  # 11111111-1111-... was made up by a person
        return found[0] if is_written or known.names(found[0]) else secrets.NO_UUID

    def zeros(found: re.Match[str]) -> str:
        return found[0] if known.names(found[0]) else "0" * len(found[0])

    return _ULID.sub(zeros, _HEX.sub(zeros, secrets.UUID.sub(uuid, text)))


def _moment(found: re.Match[str]) -> str:
    zone = "Z" if found[5] else ""
    return MOMENT.replace("T", found[0][10]) + zone


def _is_near(text: str, now: datetime) -> bool:
    """Is a date or time about now? Then it was made in this run."""
    try:
        found = datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return False
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return abs(found - now) < timedelta(hours=37)


# --- JSON ------------------------------------------------------------------------------------------------------------


def parsed(body: bytes) -> Any:
    """The JSON value of a body; NotJson if it is none, or none that the registry would read."""
    try:
        text = body.decode("utf-8").removeprefix("\ufeff").strip()
        value = json_text.value_of(text if text[:1] in ("{", "[") else f"[{text}]", "a body")
    except (ValueError, RecursionError, InvalidData) as error:
        raise NotJson from error
    if text[:1] not in ("{", "["):
        if len(value) != 1:
            raise NotJson
        value = value[0]
    if _is_too_deep(value, DEEPEST):
        raise NotJson
    return value


def _is_too_deep(value: Any, left: int) -> bool:
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left == 0 or any(_is_too_deep(each, left - 1) for each in members)


class Values:
    """Replaces in JSON values: those of a request, or (``answer``) those of an answer."""

    def __init__(self, choice: Choice, known: Known, answer: bool = False, repeated: Sequence[str] = ()) -> None:
        self.choice, self.known, self.answer = choice, known, answer
        self.repeated = repeated
        self.learned: set[str] = set()

    def hidden(self, text: str) -> str:
        """What stands in the place of a secret, which may turn up again elsewhere."""
        self.learned.add(text)
        return secrets.sample(text)

    def text(self, text: str) -> str:
        """One text, whatever its name; ``repeated`` are secrets that may be in it. A very long one is a sample."""
        if len(text) > LONGEST:
            return secrets.SAMPLE
        for secret in self.repeated:
            text = text.replace(secret, secrets.SAMPLE)
        if text[:1] in ("{", "[") and len(text) > 2:
            try:
                return json.dumps(self.value(parsed(text.encode())), default=float, sort_keys=True)
            except (NotJson, UnicodeEncodeError):
                pass
        return in_answer(text, self.known) if self.answer else in_request(text, self.known)

    def value(self, value: Any, name: str = "", is_secret: bool = False) -> Any:
        """A value that stands under ``name``; ``is_secret``: so does all that is in it."""
        if self.choice.is_plain(name):
            return self.value(value) if isinstance(value, (dict, list)) else value
        is_secret = is_secret or self.choice.is_secret(name)
        if isinstance(value, dict):
            return self._members(value, is_secret)
        if isinstance(value, list):
            return [self.value(each, "", is_secret) for each in value]
        if isinstance(value, str):
            return self.hidden(value) if is_secret else self.text(value)
        if isinstance(value, bool) or value is None:
            return value
        return self._number(value, name, is_secret)

    def _members(self, value: Mapping[str, Any], is_secret: bool) -> dict[str, Any]:
        """The members; a name that is a secret itself is left out with its value."""
        found: dict[str, Any] = {}
        for name, member in value.items():
            own = _without_ids(name, self.known)
            if secrets.replaced(own) == own:
                found.setdefault(own, self.value(member, name, is_secret))
        return found

    def _number(self, value: int | Decimal, name: str, is_secret: bool) -> int | Decimal:
        plain = secrets.plain_name(name)
        if isinstance(value, int):
            return self._whole(value, plain, is_secret)
        if is_secret:
            return Decimal("100.5")
        if not self.answer or self.known.names(str(value)):
            return value
        if _MEASURED.search(plain):
            return Decimal("0.5")
        scale = _epoch(value)
        return Decimal(EPOCH * scale) + Decimal("0.5") if scale else value

    def _whole(self, value: int, plain: str, is_secret: bool) -> int:
        size = len(str(abs(value)))
        if secrets.is_card(str(value)) or (is_secret and size > 2):
            return int(10 ** (size - 1))
        if not self.answer or self.known.names(str(value)):
            return value
        if (_ID.search(plain) or _MEASURED.search(plain)) and value > 0:
            return 1
        scale = _epoch(value)
        return EPOCH * scale if scale else value


def _epoch(value: int | Decimal) -> int:
    """1 if a number looks like seconds since 1970, 1000 for milliseconds, else 0."""
    return next((scale for scale in (1, 1000) if 1_000_000_000 * scale <= value < 10_000_000_000 * scale), 0)
