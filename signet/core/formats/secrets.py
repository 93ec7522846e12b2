"""What looks like a secret: by the name that a value has, by its form, and by how random it is.

It finds, and says what may stand in the place of what it found; who records or publishes decides what to do. Nothing
here ever puts a secret into a message: a ``Leak`` has the place and the kind.

``sure`` are forms that hardly anything but a secret has (private keys, JSON Web Tokens, keys with a known prefix, card
numbers, passwords in URLs). Text that is merely as random as a secret is not sure: digests look like that too.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from signet.core.formats.pointer import escape

UUID = re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
SAMPLE = "left-out-by-signet"
"""What stands in the place of a text that has no form of its own."""
NO_UUID = "00000000-0000-4000-8000-000000000000"
NO_LOGIN = "dXNlcjpwYXNzd29yZA=="
"""``user:password``, as Basic credentials are written."""
NO_BYTES = "bGVmdC1vdXQtYnktc2lnbmV0"
"""``SAMPLE`` in base64."""
NO_TOKEN = "sample.sample.sample"  # noqa: S105 - it is none
NO_SECRETS = (SAMPLE, NO_UUID, NO_LOGIN, NO_BYTES, NO_TOKEN, "user:password", "password")
"""Samples, and what they say: whoever sends them tells no secret."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET = re.compile(
    r"(^|_)(password|passwd|passphrase|passcode|pwd|secrets?|tokens?|jwt|bearer|authorization|auth|credentials?|cookie|"
    r"session|session_?id|(php|asp)?sessid|jsessionid|sid|csrf|xsrf|otp|totp|mfa_code|pin|cvv2?|cvc2?|iban|ssn|pan|"
    r"signature|sig|hmac|nonce|recovery_codes?|client_assertion|saml_?response)($|_)"
    r"|(^|_)(api|access|private|secret|signing|encryption|master|account|auth|license|subscription|functions)_?keys?($|_)"
    r"|(^|_)(card|cc|credit_card|account|routing|social_security)_?(number|no|num)($|_)|^(x_)?api_?key"
)
_HARMLESS = re.compile(
    r"_(type|kind|count|length|size|limit|at|in|expiry|expires|expiration|ttl|enabled|required|policy|status|method|"
    r"scheme|algorithm|alg|version|name|s?_?used|url|uri|endpoint)$|^(max|min|total|num|prompt|completion|has|is)_"
)
_LETTERS, _HEX, _DIGITS = re.compile(r"[A-Za-z]"), re.compile(r"(?i)[0-9a-f]{8,}\Z"), re.compile(r"[0-9]+\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d\S*)?\Z")
_PREFIXED = (
    r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|gl(?:pat|dt|rt|cbt|ptt|oas)-[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,}"
    r"|sk-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{30,}|ya29\.[A-Za-z0-9_-]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}"
    r"|hf_[A-Za-z0-9]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|dop_v1_[a-f0-9]{32,}|shp(?:at|ss|ca|pa)_[a-fA-F0-9]{20,}"
    r"|whsec_[A-Za-z0-9+/=]{16,}|AGE-SECRET-KEY-1[A-Z0-9]{20,}|hv[sb]\.[A-Za-z0-9_-]{20,}|sq0[a-z]{3}-[A-Za-z0-9_-]{20,}"
)
_KEY_END = r"[A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"
_LOGIN_END = r"[^\s/?#@\"'<>]"
_LOGIN_NAME = r"[^\s/?#@\"'<>:]"
_PATTERNS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("a private key", re.compile(rf"-----BEGIN {_KEY_END}(.*?-----END {_KEY_END}|.*)", re.DOTALL), SAMPLE),
    ("a JSON Web Token", re.compile(r"(?<![\w-])eyJ[\w-]{4,}\.[\w-]{2,}\.[\w.-]*"), NO_TOKEN),
    (
        "a login in a URL",
        re.compile(
            rf"(?i)(?<=://){_LOGIN_NAME}*:{_LOGIN_END}*@|(?<=https://){_LOGIN_END}+@|(?<=http://){_LOGIN_END}+@"
        ),
        "",
    ),
    ("a key of a known service", re.compile(rf"(?<![A-Za-z0-9])(?:{_PREFIXED})"), SAMPLE),
)
_NUMBERS = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,}(?!\w)")
_LONGEST_CARD = 19
_CARDS = re.compile(
    r"4\d{12}(\d{3}){0,2}\Z|(5[1-5]\d{2}|222[1-9]|22[3-9]\d|2[3-6]\d{2}|27[01]\d|2720)\d{12}\Z|3[47]\d{13}\Z"
    r"|3(0[0-5]|[68]\d)\d{11}\Z|6(011|5\d{2}|4[4-9]\d)\d{12,15}\Z|35(2[89]|[3-8]\d)\d{12}\Z|62\d{14,17}\Z"
)
_LOGIN = re.compile(r"(?i)\b(bearer|basic|digest|token)([ ]+)(?!(?:token|realm|auth)\b)([\w.~+/=-]{6,})")
_DENSE = re.compile(r"[A-Za-z0-9_+=-]{20,}")
_SLASHED = re.compile(r"(?<![\w/.:+-])[A-Za-z0-9+/]{32,}={0,2}(?![\w/.-])")
_JOINT = re.compile(r"[_=+-]")
_WORDLIKE = re.compile(r"(?:[a-z]*(?:[A-Z][a-z]{2,})*\d{0,4}|[A-Z]+\d{0,4}|\d+)\Z")
_ENOUGH, _ENOUGH_HEX = 3.0, 2.8
_LONGEST_NAME, _SHORTEST = 100, 9


class Leak(NamedTuple):
    """Something that looks like a secret: where (a JSON pointer), what kind, and whether that is sure."""

    pointer: str
    kind: str
    sure: bool


# --- names -----------------------------------------------------------------------------------------------------------


def plain_name(name: str) -> str:
    """A name as words in small letters: ``X-API-Key``, ``apiKey`` and ``api_key`` are two words."""
    return "_".join(_WORDS.findall(name[:_LONGEST_NAME])).lower()


def is_named(name: str) -> bool:
    """Does a name (of a member, parameter, header, cookie, field) say that its value is a secret?"""
    plain = plain_name(name)
    return bool(_SECRET.search(plain)) and not _HARMLESS.search(plain)


# --- forms -----------------------------------------------------------------------------------------------------------


def sample(value: str) -> str:
    """What may stand in the place of a secret: a text of the same form, where it has one; never a part of it."""
    if UUID.fullmatch(value):
        return NO_UUID
    if _DIGITS.match(value) or (_HEX.match(value) and not value.isalpha()):
        return "0" * len(value)
    if _EMAIL.match(value):
        return "someone@example.com"
    if _DATE.match(value):
        return "2000-01-01T00:00:00Z" if len(value) > len("2000-01-01") else "2000-01-01"
    for _kind, pattern, instead in _PATTERNS[:2]:
        if pattern.search(value):
            return instead
    return "https://example.com/" if re.match(r"(?i)https?://", value) else SAMPLE if value else ""


def replaced(text: str) -> str:
    """A text with a sample in the place of each secret in it, sure or not."""
    for _kind, pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    text = _LOGIN.sub(_without_login, text)
    text = _NUMBERS.sub(_without_cards, text)
    for pattern in (_DENSE, _SLASHED):
        text = pattern.sub(lambda found: sample(found[0]) if is_random(found[0]) else found[0], text)
    return text


def _without_login(found: re.Match[str]) -> str:
    is_plain_word = found[3].isalpha() and (found[3].islower() or found[3].istitle())
    if is_plain_word or found[3] in (NO_LOGIN, SAMPLE, NO_TOKEN):
        return found[0]  # 'the bearer brought', 'basic income'
    return f"{found[1]}{found[2]}{NO_LOGIN if found[1].lower() == 'basic' else SAMPLE}"


def _cards(numbers: str) -> Iterator[tuple[int, int]]:
    """Where cards' numbers stand in groups of digits: other groups may be before and after them (an expiry date)."""
    groups = [found.span() for found in re.finditer("[0-9]+", numbers)]
    at = 0
    while at < len(groups):
        start = groups[at][0]
        ends = [
            end for end in range(at, min(at + _LONGEST_CARD, len(groups))) if is_card(numbers[start : groups[end][1]])
        ]
        if ends:
            yield start, groups[ends[-1]][1]
            at = ends[-1]
        at += 1


def _without_cards(found: re.Match[str]) -> str:
    text = found[0]
    for start, end in _cards(text):
        text = text[:start] + re.sub("[0-9]", "0", text[start:end]) + text[end:]
    return text


def is_card(text: str) -> bool:
    """Is this the number of a payment card? Its digits say so (the sum of Luhn), and so does its beginning."""
    digits = re.sub(r"\D", "", text)
    if not _CARDS.match(digits):
        return False
    total = 0
    for at, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + at % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def is_random(text: str) -> bool:
    """Is a run of characters as random as a key? UUIDs are not meant, nor words with dashes between them."""
    if UUID.search(text) or text in (SAMPLE, NO_LOGIN, NO_BYTES):
        return False
    if _HEX.match(text):
        return len(text) >= 32 and not text.isdigit() and entropy(text.lower()) >= _ENOUGH_HEX
    kinds = sum(bool(re.search(kind, text)) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    if "/" in text:
        return kinds == 3 and entropy(text) >= 4.2
    strange = sum(len(part) for part in _JOINT.split(text) if not _WORDLIKE.match(part))
    mixed = kinds == 3 or (kinds == 2 and len(re.findall("[0-9]", text)) >= 5)
    return mixed and strange >= 12 and entropy(text) >= _ENOUGH


def entropy(text: str) -> float:
    """Bits for each character of a text, by how often its characters come."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


# --- documents -------------------------------------------------------------------------------------------------------


def found_in(text: str) -> Iterator[tuple[str, bool]]:
    """(kind, sure) of what looks like a secret in a text."""
    if len(text) < _SHORTEST:
        return
    for kind, pattern, instead in _PATTERNS:
        if any(found[0] != instead for found in pattern.finditer(text)):
            yield kind, True
    if any(True for found in _NUMBERS.finditer(text) for _ in _cards(found[0])):
        yield "a card number", True
    if any(is_random(found[0]) for pattern in (_DENSE, _SLASHED) for found in pattern.finditer(text)):
        yield "a text as random as a key", False


def scan(value: Any, pointer: str = "", skip: Callable[[str], bool] = lambda _pointer: False) -> Iterator[Leak]:
    """Each leak of a plain JSON value, names of members too; ``skip`` says which pointers are not looked at."""
    if skip(pointer):
        return
    if isinstance(value, dict):
        for name, member in value.items():
            place = f"{pointer}/{escape(replaced(name))}"
            for kind, sure in found_in(name):
                yield Leak(f"{pointer}/...", f"{kind} as a name", sure)
            yield from scan(member, place, skip)
    elif isinstance(value, list):
        for at, member in enumerate(value):
            yield from scan(member, f"{pointer}/{at}", skip)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        for kind, sure in found_in(value if isinstance(value, str) else str(value)):
            yield Leak(pointer, kind, sure)
