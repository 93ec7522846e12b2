"""Text of the registry on a page: nothing hidden, nothing secret, and links only where they are harmless.

Jinja escapes what this module returns; nothing here makes markup.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

_USERINFO = re.compile(r"(?i)([a-z][a-z0-9+.-]{0,30}://)[^/\s\"'<>@]*@")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def shown(text: str) -> str:
    """``text`` with what does not print written out, but for line ends and tabs; without credentials in URLs.

    What turns the direction of a line could show another version than the one that is meant.
    """
    if "://" in text:
        text = _USERINFO.sub(r"\1***@", text)
    return text if text.isprintable() else "".join(map(_printed, text))


def _printed(char: str) -> str:
    if char.isprintable() or char in "\n\t":
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def web_address(text: str) -> str:
    """The text where it is an http(s) address that a page may link to; else empty."""
    try:
        parts = urlsplit(text)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return text if is_web and text.isprintable() and " " not in text else ""


def moment(seconds: int) -> tuple[str, str]:
    """A time as a page says it, in UTC: for machines and for people; both empty for what no calendar has."""
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return "", ""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{at.day} {_MONTHS[at.month - 1]} {at.year}, {at:%H:%M} UTC"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 finding``, ``2 findings``, ``12,000 findings``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_PARTS = re.compile(r"(\d+)")


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts 1.10 after 1.9."""
    return tuple(
        (1, int(part), "") if part.isdigit() and part.isascii() else (0, 0, part) for part in _PARTS.split(name) if part
    )
