"""The law of changes: from what happened to a set of values, and who sends them, to how grave it is.

A rule that deviates from it is listed with its reason in ``rules``; it knows no document.
"""

from __future__ import annotations

from signet.core.model.change import BREAKING, HARMLESS, WARNING

NARROWS, WIDENS, DIFFERS, UNKNOWN, NONE = "narrows", "widens", "differs", "unknown", "none"
REQUEST, RESPONSE, NEITHER = "request", "response", "neither"

LAW: dict[tuple[str, str], str] = {
    (NARROWS, REQUEST): BREAKING,
    (NARROWS, RESPONSE): HARMLESS,
    (NARROWS, NEITHER): BREAKING,
    (WIDENS, REQUEST): HARMLESS,
    (WIDENS, RESPONSE): BREAKING,
    (WIDENS, NEITHER): HARMLESS,
    **dict.fromkeys([(DIFFERS, REQUEST), (DIFFERS, RESPONSE), (DIFFERS, NEITHER)], BREAKING),
    **dict.fromkeys([(UNKNOWN, REQUEST), (UNKNOWN, RESPONSE), (UNKNOWN, NEITHER)], WARNING),
    **dict.fromkeys([(NONE, REQUEST), (NONE, RESPONSE), (NONE, NEITHER)], HARMLESS),
}
"""By (effect, direction): consumers send requests and read responses, so the one may only grow, the other shrink."""
