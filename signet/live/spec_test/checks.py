"""Which checks of schemathesis decide, which only inform, and under which stable code of ours each is told.

The gate is what a spec promises about answers (design: rules.md, Verification). Everything else that schemathesis can
check is about how a service treats requests, which a spec does not promise and correct services do differently.
"""

from __future__ import annotations

from typing import NamedTuple


class Check(NamedTuple):
    """One check: its stable code, whether it decides, what a problem of it says, and why it decides or does not."""

    code: str
    gate: bool
    meaning: str
    why: str


CHECKS: dict[str, Check] = {
    "not_a_server_error": Check(
        "server-error", True, "the service failed", "no request that anybody may send excuses a 5xx"
    ),
    "status_code_conformance": Check(
        "status-undeclared", True, "the status is not declared", "a consumer cannot be ready for what nobody declared"
    ),
    "content_type_conformance": Check(
        "content-type-undeclared", True, "the content type is not declared", "a consumer could not parse the body"
    ),
    "response_headers_conformance": Check(
        "header-misfit", True, "a header is missing or is not what is declared", "declared headers are promises"
    ),
    "response_schema_conformance": Check(
        "body-misfit", True, "the body does not fit its schema", "declared bodies are promises"
    ),
    "positive_data_acceptance": Check(
        "valid-refused", False, "a request that fits the spec was refused",
        "a service may refuse for reasons that no schema can say: a conflict, a rule of the business",
    ),
    "negative_data_rejection": Check(
        "invalid-accepted", False, "a request that does not fit the spec was accepted",
        "frameworks convert values and ignore what they do not know: correct FastAPI services do both",
    ),
    "missing_required_header": Check(
        "missing-header-accepted", False, "a request without a required header was accepted",
        "something between consumer and service may fill it in",
    ),
    "unsupported_method": Check(
        "method-answered", False, "a method that is not declared was not answered with 405",
        "frameworks answer HEAD and OPTIONS by themselves, and 404 is as good an answer",
    ),
    "allow_header_conformance": Check(
        "allow-header-misfit", False, "the Allow header names other methods than the spec",
        "frameworks fill it from one route where two share a path: correct FastAPI services do",
    ),
    "use_after_free": Check(
        "deleted-still-there", False, "what was deleted is still there",
        "that a deletion is lasting, or at once, is not written in a spec",
    ),
    "ensure_resource_availability": Check(
        "created-not-there", False, "what was created is not there",
        "that a creation is visible at once is not written in a spec; the link is a guess by names",
    ),
    "ignored_auth": Check(
        "credentials-not-needed", False, "it was answered without the credentials that the spec demands",
        "a gateway in front of the service may ask for them; no consumer is hurt",
    ),
}  # fmt: skip
"""By the name in schemathesis. Missing is ``object_level_authorization``: it takes two users."""

MALFORMED = Check(
    "malformed-refused", False, "a body that is not JSON was refused with a status that is not declared",
    "HTTP itself answers 400 or 415 to what cannot be parsed; no consumer sends it",
)  # fmt: skip
OVERSIZED = Check(
    "oversized-refused", False, "a request was too large, with a status that is not declared",
    "HTTP itself answers 413, 414 and 431, often before the service is asked",
)  # fmt: skip
NEVER_SUCCEEDED = "never-succeeded"
PARTLY_EXERCISED = "partly-exercised"
NOT_EXERCISED = "not-exercised"

GATE = tuple(name for name, check in CHECKS.items() if check.gate)
ADVICE = {check.code: name for name, check in CHECKS.items() if not check.gate}
"""Codes that a plan can ask for, and the checks that they are."""

_ORDER = (NOT_EXERCISED, *(check.code for check in CHECKS.values()))


def rank(code: str) -> int:
    """Where a code stands among the problems of an operation."""
    return _ORDER.index(code) if code in _ORDER else len(_ORDER)
