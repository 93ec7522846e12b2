"""What the verifier found, as problems with stable codes, in a stable order: status, headers, body.

It takes the verifier's words apart and never decides whether an interaction passed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

LONGEST = 300
MOST = 50
CODES = {
    "StatusMismatch": "status-mismatch",
    "HeaderMismatch": "header-mismatch",
    "BodyTypeMismatch": "body-type-mismatch",
    "BodyMismatch": "body-mismatch",
}
_NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?\Z")
_ORDER = list(CODES.values())


class NoVerdict(Exception):
    """The verifier gave no result for the one interaction that it was asked about."""


def mismatches(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(code, message) for each mismatch, none if the interaction holds; NoVerdict if that is not known."""
    result = _only_result(answer)
    if result.get("result") == "OK":
        if result.get("mismatch") or (answer.get("results") or {}).get("errors") or answer.get("raised"):
            raise NoVerdict("the verifier said both yes and no")
        return []
    mismatch = result.get("mismatch")
    if not isinstance(mismatch, dict):
        raise NoVerdict("the verifier said no and not why")
    listed = mismatch.get("mismatches")
    if not isinstance(listed, list) or not listed:
        raise NoVerdict(str(mismatch.get("message") or "the verifier said no and not why"))
    found = dict.fromkeys(_problem(each) for each in listed if isinstance(each, dict) and not _same_number(each))
    ordered = sorted(found, key=lambda each: (_ORDER.index(each[0]) if each[0] in _ORDER else len(_ORDER), each[1]))
    if len(ordered) > MOST:
        ordered[MOST:] = [(ordered[MOST][0], f"and {len(ordered) - MOST} more")]
    return ordered


def _only_result(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    if "failed" in answer:
        raise NoVerdict(str(answer["failed"]))
    results = answer.get("results")
    listed: Sequence[Any] = results.get("interactionResults") or [] if isinstance(results, dict) else []
    if len(listed) != 1 or not isinstance(listed[0], dict):
        raise NoVerdict(f"the verifier gave {len(listed)} results for one interaction")
    return listed[0]


def _same_number(mismatch: Mapping[str, Any]) -> bool:
    """1 and 1.0 are one number in JSON, and have one form in the registry; the verifier holds them for different."""
    if mismatch.get("type") != "BodyMismatch" or ") to be equal to " not in str(mismatch.get("mismatch")):
        return False
    pair = [str(mismatch.get(side)) for side in ("expected", "actual")]
    return all(map(_NUMBER.match, pair)) and Decimal(pair[0]) == Decimal(pair[1])


def _problem(mismatch: Mapping[str, Any]) -> tuple[str, str]:
    kind = str(mismatch.get("type"))
    code = CODES.get(kind, "mismatch")
    said = str(mismatch.get("mismatch") or "")
    if code == "status-mismatch":
        return code, f"the status is {mismatch.get('actual')}, expected {mismatch.get('expected')}"
    if code == "header-mismatch":
        return code, _clipped(f"header {mismatch.get('key')}: {said}")
    if code == "body-mismatch":
        path = str(mismatch.get("path") or "$")
        return code, _clipped(f"body at {'$' if path == '/' else path}: {said}")
    return code, _clipped(said or kind)


def _clipped(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."
