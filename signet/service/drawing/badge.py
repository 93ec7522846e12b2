"""A badge: what it is about on the left, the verdict on the right, in a word with a sign beside its colour."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

LOOKS = {
    "yes": ("✓", "#1f7a4d"),
    "no": ("✗", "#b3261e"),
    "unknown": ("?", "#8a6100"),
    "unreadable": ("!", "#b3261e"),
    "not live": ("–", "#5a6270"),
}
NARROW = frozenset("iljtfr.,:;|!'()[]1 ")
HEIGHT = 20


def badge(about: dict[str, Any]) -> str:
    """A badge, as ``answers.badges`` tells it: ``label`` and ``verdict``."""
    sign, colour = LOOKS[about["verdict"]]
    label, told = about["label"], f"{sign} {about['verdict']}"
    left, right = _width(label), _width(told)
    said = f"{label}: {about['verdict']}"
    text = 'text-anchor="middle" fill="#ffffff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img" '
        f"aria-label={quoteattr(said)}>"
        f"<title>{escape(said)}</title>"
        f'<rect width="{left + right}" height="{HEIGHT}" rx="3" fill="#3a3f47"/>'
        f'<path d="M{left} 0h{right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{left}z" fill="{colour}"/>'
        f'<text x="{left / 2:g}" y="14" {text}>{escape(label)}</text>'
        f'<text x="{left + right / 2:g}" y="14" {text}>{escape(told)}</text>'
        "</svg>\n"
    )


def _width(text: str) -> int:
    """About how wide a text is, with room at both ends."""
    return 12 + sum(4 if char in NARROW else 10 if char in "mwMW@" else 7 for char in text)
