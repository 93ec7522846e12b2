"""The table of finding codes: severity, the step of the recipe, and the sentence from which messages are made.

Codes keep the names that the field knows (openapi-pact-comparator, swagger-mock-validator). Everything that lists codes
(messages, documentation, tests) comes from this table.
"""

from __future__ import annotations

from typing import NamedTuple

ERROR, WARNING, UNDECIDED = "error", "warning", "undecided"


class Code(NamedTuple):
    """One kind of finding. ``sentence`` may hold ``{name}``, ``{expected}``, ``{promised}`` and ``{why}``."""

    severity: str
    step: int
    sentence: str


CODES: dict[str, Code] = {
    "request.path-or-method.unknown": Code(ERROR, 1, "The spec has no operation {expected}{why}."),
    "request.accept.incompatible": Code(ERROR, 3, "The consumer accepts {expected}; the provider answers {promised}."),
    "request.accept.unknown": Code(WARNING, 3, "The consumer accepts {expected}; the spec names no media type."),
    "request.authorization.missing": Code(ERROR, 4, "The request satisfies no security alternative ({promised})."),
    "request.header.incompatible": Code(ERROR, 5, "The request header {name} does not fit: {why}."),
    "request.header.unknown": Code(WARNING, 5, "The spec does not name the request header {name}."),
    "request.cookie.incompatible": Code(ERROR, 5, "The cookie {name} does not fit: {why}."),
    "request.query.incompatible": Code(ERROR, 5, "The query parameter {name} does not fit: {why}."),
    "request.query.unknown": Code(WARNING, 5, "The spec does not name the query parameter {name}."),
    "request.content-type.incompatible": Code(ERROR, 6, "The request is {expected}; the operation takes {promised}."),
    "request.content-type.missing": Code(WARNING, 6, "The request has a body and no Content-Type."),
    "request.content-type.unknown": Code(WARNING, 6, "The request is {expected}; the spec names no media type for it."),
    "request.body.incompatible": Code(ERROR, 6, "The request body does not fit: {why}."),
    "request.body.unknown": Code(WARNING, 6, "The request has a body, and the spec has none for this operation."),
    "request.body.unvalidatable": Code(WARNING, 6, "A request body of type {expected} cannot be compared."),
    "response.status.default": Code(WARNING, 7, "The status {expected} is covered by the default response only."),
    "response.status.unknown": Code(ERROR, 7, "The operation never answers with status {expected}; it has {promised}."),
    "response.content-type.incompatible": Code(ERROR, 8, "{expected} is expected; the provider answers {promised}."),
    "response.content-type.unknown": Code(WARNING, 8, "{expected} is expected; the spec names no media type."),
    "response.header.incompatible": Code(ERROR, 8, "The response header {name} does not fit: {why}."),
    "response.header.unknown": Code(ERROR, 8, "The spec does not promise the response header {name}."),
    "response.header.undefined": Code(WARNING, 8, "HTTP defines the response header {name}; the spec has none."),
    "response.body.incompatible": Code(ERROR, 8, "The expected response body does not fit: {why}."),
    "response.body.unknown": Code(ERROR, 8, "The consumer expects a body, and the spec promises none."),
    "response.body.unvalidatable": Code(WARNING, 8, "A response body of type {expected} cannot be compared."),
    "request.schema.unvalidatable": Code(UNDECIDED, 6, "A schema of the request cannot be judged: {why}."),
    "response.schema.unvalidatable": Code(UNDECIDED, 8, "A schema of the response cannot be judged: {why}."),
    "interaction.ignored": Code(WARNING, 1, "This is no HTTP interaction ({why}); a spec says nothing about it."),
    "undecided": Code(UNDECIDED, 1, "The comparison gave up within its budget: {why}."),
}  # fmt: skip
"""Every code, in the order of the steps."""


def sentence(code: str, *, name: str = "", expected: str = "", promised: str = "", why: str = "") -> str:
    """The message of a finding."""
    return CODES[code].sentence.format(name=name, expected=expected, promised=promised, why=why)
