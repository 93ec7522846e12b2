"""The table of what may happen around schemas: operations, parameters, bodies, media types, answers, headers, security.

One row an id, with its level where it is not the law's. What happens to a schema is in ``keywords``.
"""

from __future__ import annotations

from typing import NamedTuple

from signet.core.changes.law import (
    DIFFERS,
    NARROWS,
    NEITHER,
    NONE,
    REQUEST,
    RESPONSE,
    UNKNOWN,
    WIDENS,
)
from signet.core.model.change import BREAKING, HARMLESS, WARNING

SAME = "="
"""The alias of an id that oasdiff has too."""


class Row(NamedTuple):
    """One kind of change. A ``level`` that the law does not give comes with a ``reason``."""

    direction: str
    effect: str
    alias: str
    sentence: str
    level: str = ""
    reason: str = ""


_PROMISED = "A policy that is broken: the sunset is what consumers were promised."
_SCOPES = "Whether a consumer's token has the scope, no document tells."
_UNDECLARED = "Whether what is not declared is refused, the spec does not say."
_NOTICE = "Its consumers were warned; whoever still uses it breaks."

OPERATIONS: dict[str, Row] = {
    "endpoint-added": Row(NEITHER, WIDENS, SAME, "The operation is new."),
    "api-path-removed-without-deprecation": Row(NEITHER, NARROWS, SAME, "The path was removed, with this operation."),
    "api-path-removed-with-deprecation": Row(
        NEITHER, NARROWS, SAME, "The path was removed, with this operation, which was deprecated.", WARNING, _NOTICE
    ),
    "api-path-removed-after-sunset": Row(
        NEITHER,
        NARROWS,
        "api-path-removed-with-deprecation",
        "The path was removed, with this operation, after its sunset {before}.",
        HARMLESS,
        "It ended when it was said to end.",
    ),
    "api-path-removed-before-sunset": Row(
        NEITHER, NARROWS, SAME, "The path was removed, with this operation, before its sunset {before}."
    ),
    "api-path-sunset-parse": Row(
        NEITHER, NARROWS, SAME, "The path was removed, with this operation; its sunset {before} is no date."
    ),
    "api-removed-without-deprecation": Row(NEITHER, NARROWS, SAME, "The operation was removed."),
    "api-removed-with-deprecation": Row(
        NEITHER, NARROWS, SAME, "The operation, which was deprecated, was removed.", WARNING, _NOTICE
    ),
    "api-removed-after-sunset": Row(
        NEITHER,
        NARROWS,
        "api-removed-with-deprecation",
        "The operation was removed after its sunset {before}.",
        HARMLESS,
        "It ended when it was said to end.",
    ),
    "api-removed-before-sunset": Row(NEITHER, NARROWS, SAME, "The operation was removed before its sunset {before}."),
    "api-sunset-parse": Row(
        NEITHER, NARROWS, "api-path-sunset-parse", "The operation was removed; its sunset {before} is no date."
    ),
    "endpoint-deprecated": Row(NEITHER, NONE, SAME, "The operation is deprecated now."),
    "endpoint-deprecated-with-sunset": Row(
        NEITHER, NONE, SAME, "The operation is deprecated now; its sunset is {after}."
    ),
    "endpoint-reactivated": Row(NEITHER, NONE, SAME, "The operation is not deprecated any more."),
    "api-deprecated-sunset-missing": Row(
        NEITHER, DIFFERS, SAME, "The operation is deprecated now, and has no sunset date.", BREAKING, _PROMISED
    ),
    "api-deprecated-sunset-parse": Row(
        NEITHER, DIFFERS, SAME, "The operation is deprecated, and its sunset {after} is no date.", BREAKING, _PROMISED
    ),
    "api-sunset-date-too-small": Row(
        NEITHER, DIFFERS, SAME, "The operation is deprecated, and its sunset {after} is too near.", BREAKING, _PROMISED
    ),
    "api-sunset-deleted": Row(
        NEITHER,
        DIFFERS,
        "sunset-deleted",
        "The operation is still deprecated, and its sunset {before} was taken away.",
        BREAKING,
        _PROMISED,
    ),
    "api-sunset-date-changed-too-small": Row(
        NEITHER, DIFFERS, SAME, "The sunset was moved from {before} to {after}, which is too near.", BREAKING, _PROMISED
    ),
    "api-invalid-stability-level": Row(
        NEITHER,
        DIFFERS,
        SAME,
        "The stability of the operation is no level: {before} in the base, {after} in the revision.",
        BREAKING,
        "What is promised cannot be told.",
    ),
    "api-stability-decreased": Row(
        NEITHER, DIFFERS, SAME, "The stability of the operation was lowered from {before} to {after}."
    ),
    "api-stability-increased": Row(
        NEITHER, NONE, SAME, "The stability of the operation was raised from {before} to {after}."
    ),
    "api-operation-id-added": Row(NEITHER, NONE, SAME, "The operation has the id {after} now."),
    "api-operation-id-removed": Row(NEITHER, NONE, SAME, "The operation's id was {before}, and is {after} now."),
    "api-tag-added": Row(NEITHER, NONE, SAME, "The operation has the tag {after} now."),
    "api-tag-removed": Row(NEITHER, NONE, SAME, "The operation has the tag {before} no more."),
    "webhook-added": Row(NEITHER, WIDENS, SAME, "The webhook {after} is new."),
    "webhook-removed": Row(NEITHER, NARROWS, SAME, "The webhook {before} was removed."),
    "callback-added": Row(NEITHER, WIDENS, "", "The callback {after} is new."),
    "callback-removed": Row(NEITHER, NARROWS, "", "The callback {before} was removed."),
    "server-path-removed": Row(
        NEITHER, UNKNOWN, "", "The API is not below the base path {before} any more; it is below {after}."
    ),
}

PARAMETERS: dict[str, Row] = {
    "new-request-path-parameter": Row(REQUEST, NARROWS, SAME, "{What} is new."),
    "new-required-request-parameter": Row(REQUEST, NARROWS, SAME, "{What} is new, and required."),
    "new-optional-request-parameter": Row(REQUEST, NONE, SAME, "{What} is new, and optional."),
    "new-required-request-default-parameter-to-existing-path": Row(
        REQUEST, NARROWS, SAME, "{What} is new for all operations of the path, and required."
    ),
    "new-optional-request-default-parameter-to-existing-path": Row(
        REQUEST, NONE, SAME, "{What} is new for all operations of the path, and optional."
    ),
    "request-parameter-removed": Row(REQUEST, UNKNOWN, SAME, "{What} was removed.", WARNING, _UNDECLARED),
    "request-parameter-removed-with-deprecation": Row(
        REQUEST, NONE, SAME, "{What}, which was deprecated, was removed."
    ),
    "request-parameter-removed-before-sunset": Row(
        REQUEST, DIFFERS, SAME, "{What} was removed before its sunset {before}.", BREAKING, _PROMISED
    ),
    "request-parameter-sunset-parse": Row(
        REQUEST, DIFFERS, SAME, "{What} was removed; its sunset {before} is no date.", BREAKING, _PROMISED
    ),
    "request-parameter-became-required": Row(REQUEST, NARROWS, SAME, "{What} is required now."),
    "request-parameter-became-optional": Row(REQUEST, WIDENS, SAME, "{What} is optional now."),
    "request-parameter-serialization-changed": Row(
        REQUEST, DIFFERS, "", "How {what} is written was changed from {before} to {after}."
    ),
    "request-parameter-schema-added": Row(REQUEST, NARROWS, "", "{What} has a schema now."),
    "request-parameter-schema-removed": Row(
        REQUEST, UNKNOWN, "", "{What} has no schema any more, which says how it is written too."
    ),
    "request-parameter-became-not-empty": Row(REQUEST, NARROWS, "", "{What} may not be empty any more."),
    "request-parameter-sunset-deleted": Row(
        REQUEST,
        DIFFERS,
        SAME,
        "{What} is still deprecated, and its sunset {before} was taken away.",
        BREAKING,
        _PROMISED,
    ),
    "request-parameter-sunset-date-changed-too-small": Row(
        REQUEST,
        DIFFERS,
        SAME,
        "The sunset of {what} was moved from {before} to {after}, which is too near.",
        BREAKING,
        _PROMISED,
    ),
    "webhook-parameter-added": Row(RESPONSE, NONE, "", "{What} is sent too now."),
    "webhook-parameter-removed": Row(RESPONSE, WIDENS, "", "{What} is not sent any more."),
    "webhook-parameter-became-optional": Row(RESPONSE, WIDENS, "", "{What} need not be sent any more."),
}

BODIES: dict[str, Row] = {
    "request-body-added-required": Row(REQUEST, NARROWS, SAME, "The request has a body now, which is required."),
    "request-body-added-optional": Row(REQUEST, WIDENS, SAME, "The request may have a body now."),
    "request-body-removed": Row(
        REQUEST, UNKNOWN, SAME, "The request has no body any more.", BREAKING, "What was said in it cannot be said."
    ),
    "request-body-became-required": Row(REQUEST, NARROWS, SAME, "The request body is required now."),
    "request-body-became-optional": Row(REQUEST, WIDENS, SAME, "The request body is optional now."),
    "request-body-media-type-added": Row(REQUEST, WIDENS, SAME, "The request body may be {after} now."),
    "request-body-media-type-removed": Row(REQUEST, NARROWS, SAME, "The request body may not be {before} any more."),
    "request-body-media-type-schema-added": Row(REQUEST, NARROWS, SAME, "A request body of {after} has a schema now."),
    "request-body-media-type-schema-removed": Row(
        REQUEST, WIDENS, SAME, "A request body of {before} has no schema any more."
    ),
    "response-media-type-added": Row(
        RESPONSE, NONE, SAME, "The answer {what} may be {after} now, for those who ask for it."
    ),
    "response-media-type-removed": Row(RESPONSE, WIDENS, SAME, "The answer {what} is not {before} any more."),
    "response-media-type-name-changed": Row(
        RESPONSE, UNKNOWN, SAME, "The media type of the answer {what} was changed from {before} to {after}."
    ),
    "response-media-type-name-generalized": Row(
        RESPONSE, WIDENS, SAME, "The media type of the answer {what} was widened from {before} to {after}."
    ),
    "response-media-type-name-specialized": Row(
        RESPONSE, NARROWS, SAME, "The media type of the answer {what} was narrowed from {before} to {after}."
    ),
    "response-body-media-type-schema-added": Row(
        RESPONSE, NARROWS, SAME, "The answer {what} as {after} has a schema now."
    ),
    "response-body-media-type-schema-removed": Row(
        RESPONSE,
        WIDENS,
        SAME,
        "The answer {what} as {before} has no schema any more.",
        WARNING,
        "Nothing says that it changed; nothing promises it.",
    ),
    "webhook-answer-media-type-added": Row(REQUEST, WIDENS, "", "The answer {what} may be {after} now."),
    "webhook-answer-media-type-removed": Row(REQUEST, NARROWS, "", "The answer {what} may not be {before} any more."),
    "webhook-body-added": Row(RESPONSE, NONE, "", "The webhook has a body now."),
    "webhook-body-removed": Row(RESPONSE, WIDENS, "", "The webhook has no body any more."),
    "webhook-body-media-type-added": Row(RESPONSE, WIDENS, "", "The webhook's body may be {after} now."),
    "webhook-body-media-type-removed": Row(RESPONSE, NARROWS, "", "The webhook's body is never {before} any more."),
}

_TOLERANT = "Whoever relies on a property that is not always there breaks; nobody had to."
_HIDDEN = "What is write-only is not in an answer."

SENT = {"request": SAME, "request-parameter": "", "request-header": "", "webhook-answer": ""}
ANSWERED = {"response": SAME, "response-header": "", "webhook": "", "webhook-parameter": ""}
"""Whose properties there are, by who sends them; and whether oasdiff has the ids."""


def sent(tree: str, alias: str) -> dict[str, Row]:
    """The rows of the properties of what the consumer sends."""
    rows = {
        f"new-required-{tree}-property": Row(REQUEST, NARROWS, alias, "{What} is new, and required."),
        f"new-required-{tree}-property-with-default": Row(
            REQUEST, NARROWS, alias, "{What} is new and required, although it has a default."
        ),
        f"new-optional-{tree}-property": Row(REQUEST, NONE, alias, "{What} is new, and optional."),
        f"{tree}-property-removed": Row(REQUEST, UNKNOWN, alias, "{What} was removed."),
        f"{tree}-closed-property-removed": Row(
            REQUEST,
            NARROWS,
            f"{tree}-property-removed" if alias else "",
            "{What} was removed, and what is not named is refused.",
        ),
        f"{tree}-property-became-required": Row(REQUEST, NARROWS, alias, "{What} is required now."),
        f"{tree}-property-became-required-with-default": Row(
            REQUEST, NARROWS, alias, "{What} is required now, although it has a default."
        ),
        f"{tree}-property-became-optional": Row(REQUEST, WIDENS, alias, "{What} is optional now."),
        f"{tree}-required-property-became-not-read-only": Row(
            REQUEST, NARROWS, alias, "{What} is not read-only any more, and must be sent."
        ),
    }
    for event, said in _SHOWN.items():
        for kind in ("required", "optional"):
            rows.setdefault(f"{tree}-{kind}-property-{event}", Row(REQUEST, NONE, alias, f"{{What}} is {said}."))
    return rows


def answered(tree: str, alias: str) -> dict[str, Row]:
    """The rows of the properties of what the provider sends."""
    rows: dict[str, Row] = {}
    for hidden, name in (("", ""), ("write-only-", " and write-only")):
        gone = Row(RESPONSE, WIDENS, alias, f"{{What}}, which was optional{name}, was removed.", WARNING, _TOLERANT)
        lost = Row(RESPONSE, WIDENS, alias, f"{{What}}, which was required{name}, was removed.")
        left = Row(RESPONSE, WIDENS, alias, "{What} need not be there any more.")
        muted = {"level": HARMLESS, "reason": _HIDDEN} if hidden else {}
        rows |= {
            f"{tree}-required-{hidden}property-added": Row(RESPONSE, NONE, alias, "{What} is new, and always there."),
            f"{tree}-optional-{hidden}property-added": Row(RESPONSE, NONE, alias, "{What} is new, and may be there."),
            f"{tree}-required-{hidden}property-removed": lost._replace(**muted),
            f"{tree}-optional-{hidden}property-removed": gone._replace(**muted),
            f"{tree}-{hidden}property-became-required": Row(RESPONSE, NARROWS, alias, "{What} is always there now."),
            f"{tree}-{hidden}property-became-optional": left._replace(**muted),
        }
    rows |= {
        f"{tree}-required-property-became-not-write-only": Row(
            RESPONSE, UNKNOWN, alias, "{What} is not write-only any more, and always there."
        ),
        f"{tree}-required-property-became-write-only": Row(
            RESPONSE, WIDENS, alias, "{What}, which was always there, is write-only now."
        ),
        f"{tree}-optional-property-became-write-only": Row(
            RESPONSE, WIDENS, alias, "{What}, which might be there, is write-only now.", WARNING, _TOLERANT
        ),
    }
    for event, said in _SHOWN.items():
        for kind in ("required", "optional"):
            rows.setdefault(f"{tree}-{kind}-property-{event}", Row(RESPONSE, NONE, alias, f"{{What}} is {said}."))
    return rows


_SHOWN = {
    "became-read-only": "read-only now",
    "became-not-read-only": "not read-only any more",
    "became-write-only": "write-only now",
    "became-not-write-only": "not write-only any more",
}

PROPERTIES: dict[str, Row] = {}
for _tree, _alias in SENT.items():
    PROPERTIES |= sent(_tree, _alias)
for _tree, _alias in ANSWERED.items():
    PROPERTIES |= answered(_tree, _alias)
for _id in ("new-required-request-header-property", "request-header-property-became-required"):
    PROPERTIES[_id] = PROPERTIES[_id]._replace(alias=SAME)

ANSWERS: dict[str, Row] = {
    "response-success-status-added": Row(RESPONSE, NONE, SAME, "The operation may answer {after} now."),
    "response-success-status-removed": Row(RESPONSE, WIDENS, SAME, "The operation does not answer {before} any more."),
    "response-non-success-status-added": Row(RESPONSE, NONE, SAME, "The operation may answer {after} now."),
    "response-non-success-status-removed": Row(
        RESPONSE,
        WIDENS,
        SAME,
        "The operation does not answer {before} any more.",
        WARNING,
        "An error that is gone breaks only those who wait for it.",
    ),
    "webhook-answer-status-added": Row(REQUEST, WIDENS, "", "The webhook may be answered with {after} now."),
    "webhook-answer-status-removed": Row(
        REQUEST, NARROWS, "", "The webhook may not be answered with {before} any more."
    ),
    "response-header-added": Row(RESPONSE, NONE, SAME, "{What} is new."),
    "required-response-header-removed": Row(RESPONSE, WIDENS, SAME, "{What}, which was always there, was removed."),
    "optional-response-header-removed": Row(
        RESPONSE, WIDENS, SAME, "{What}, which might be there, was removed.", WARNING, _TOLERANT
    ),
    "response-header-schema-added": Row(RESPONSE, NARROWS, "", "{What} has a schema now."),
    "response-header-schema-removed": Row(
        RESPONSE,
        WIDENS,
        "",
        "{What} has no schema any more.",
        WARNING,
        "Nothing says that it changed; nothing promises it.",
    ),
    "response-header-became-optional": Row(RESPONSE, WIDENS, SAME, "{What} need not be there any more."),
    "response-header-became-required": Row(RESPONSE, NARROWS, "", "{What} is always there now."),
}

SECURITY: dict[str, Row] = {
    "api-security-required": Row(
        NEITHER,
        NARROWS,
        "api-security-added",
        "The operation could be called without credentials; it needs {after} now.",
    ),
    "api-security-added": Row(NEITHER, WIDENS, SAME, "The operation may be called with {after} now."),
    "api-security-not-required": Row(
        NEITHER, WIDENS, "api-security-removed", "The operation needs no credentials any more; it was {before}."
    ),
    "api-security-removed": Row(
        NEITHER,
        NARROWS,
        SAME,
        "The operation may not be called with {before} any more.",
        WARNING,
        "Whoever uses another of the alternatives does not notice.",
    ),
    "api-security-scope-added": Row(
        NEITHER, NARROWS, SAME, "The operation needs the scope {after} now.", WARNING, _SCOPES
    ),
    "api-security-scope-removed": Row(
        NEITHER, WIDENS, SAME, "The operation does not need the scope {before} any more."
    ),
    "api-global-security-required": Row(
        NEITHER,
        NARROWS,
        "api-global-security-added",
        "The API could be called without credentials; it needs {after} now.",
    ),
    "api-global-security-added": Row(NEITHER, WIDENS, SAME, "The API may be called with {after} now."),
    "api-global-security-not-required": Row(
        NEITHER, WIDENS, "api-global-security-removed", "The API needs no credentials any more; it was {before}."
    ),
    "api-global-security-removed": Row(
        NEITHER,
        NARROWS,
        SAME,
        "The API may not be called with {before} any more.",
        WARNING,
        "Whoever uses another of the alternatives does not notice.",
    ),
    "api-global-security-scope-added": Row(
        NEITHER, NARROWS, SAME, "The API needs the scope {after} now.", WARNING, _SCOPES
    ),
    "api-global-security-scope-removed": Row(
        NEITHER, WIDENS, SAME, "The API does not need the scope {before} any more."
    ),
    "api-security-component-added": Row(NEITHER, NONE, SAME, "The security scheme {after} is new."),
    "api-security-component-removed": Row(NEITHER, NONE, SAME, "The security scheme {before} was removed."),
    "api-security-component-type-changed": Row(
        NEITHER, UNKNOWN, SAME, "The type of a security scheme was changed from {before} to {after}."
    ),
    "api-security-component-carrier-changed": Row(
        NEITHER, UNKNOWN, "", "Where the key of a security scheme is sent was changed from {before} to {after}."
    ),
    "api-security-component-oauth-url-changed": Row(
        NEITHER, NONE, SAME, "The address of an authorization was changed from {before} to {after}."
    ),
    "api-security-component-oauth-token-url-changed": Row(
        NEITHER, NONE, SAME, "The address for tokens was changed from {before} to {after}."
    ),
    "api-security-component-oauth-scope-added": Row(NEITHER, NONE, SAME, "The scope {after} is new."),
    "api-security-component-oauth-scope-removed": Row(NEITHER, NONE, SAME, "The scope {before} was removed."),
    "api-security-component-oauth-scope-changed": Row(
        NEITHER, NONE, SAME, "The description of a scope was changed from {before} to {after}."
    ),
}

DOCUMENT: dict[str, Row] = {
    "api-schema-removed": Row(NEITHER, NONE, SAME, "The schema {before} was removed from the components."),
    "api-version-not-bumped": Row(NEITHER, NONE, SAME, "Something breaks, and the version is still {after}."),
    "api-version-decreased": Row(
        NEITHER, NONE, SAME, "Something breaks, and the version fell from {before} to {after}."
    ),
    "api-major-version-not-bumped": Row(
        NEITHER, NONE, SAME, "Something breaks, and the major version did not rise, from {before} to {after}."
    ),
}
