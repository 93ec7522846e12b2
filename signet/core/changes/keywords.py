"""The table of what may happen to a schema: one row an event, for every place where a schema may stand.

``SUBJECTS`` are those places. The id of a change is a subject and an event (``request-property-max-decreased``); its
level follows from the effect by the law, or from ``DEVIATIONS`` where there is a reason. oasdiff's ids have the same
form; each row says for which subjects it has one.
"""

from __future__ import annotations

from typing import NamedTuple

from signet.core.changes.law import DIFFERS, NARROWS, NONE, REQUEST, RESPONSE, UNKNOWN, WIDENS
from signet.core.model.change import BREAKING, HARMLESS, WARNING


class Subject(NamedTuple):
    """Where a schema stands. ``letter`` is its sign in the table; ``like`` the one whose ids oasdiff uses for it."""

    direction: str
    letter: str
    like: str = ""
    muted: str = ""  # the level of what would break, where whoever sends it need not


SUBJECTS: dict[str, Subject] = {
    "request-body": Subject(REQUEST, "B"),
    "request-property": Subject(REQUEST, "P"),
    "request-read-only-property": Subject(REQUEST, "R", muted=WARNING),
    "request-parameter": Subject(REQUEST, "Q"),
    "request-parameter-property": Subject(REQUEST, "q"),
    "request-header-property": Subject(REQUEST, "H", like="q"),
    "response-body": Subject(RESPONSE, "b"),
    "response-property": Subject(RESPONSE, "p"),
    "response-write-only-property": Subject(RESPONSE, "w", muted=HARMLESS),
    "response-header": Subject(RESPONSE, "h"),
    "response-header-property": Subject(RESPONSE, "g"),
    "webhook-body": Subject(RESPONSE, "1", like="B"),
    "webhook-property": Subject(RESPONSE, "2", like="P"),
    "webhook-parameter": Subject(RESPONSE, "3", like="Q"),
    "webhook-parameter-property": Subject(RESPONSE, "4", like="q"),
    "webhook-answer-body": Subject(REQUEST, "5", like="b"),
    "webhook-answer-property": Subject(REQUEST, "6", like="p"),
}
"""Every place of a schema. What a webhook or callback sends goes to the consumer, and is read as a response is."""


class Event(NamedTuple):
    """What may happen. ``oasdiff`` holds the signs of the subjects for which oasdiff has the id."""

    effect: str
    oasdiff: str
    sentence: str


def _bound(event: str, name: str, upper: bool, *letters: str) -> dict[str, Event]:
    """The rows of a limit; ``letters`` are for decreased, increased, and, unless it is there always, set and unset."""
    down, up = (NARROWS, WIDENS) if upper else (WIDENS, NARROWS)
    moved = {
        f"{event}-decreased": Event(down, letters[0], f"The {name} of {{what}} fell from {{before}} to {{after}}."),
        f"{event}-increased": Event(up, letters[1], f"The {name} of {{what}} rose from {{before}} to {{after}}."),
    }
    if len(letters) == 2:
        return moved
    return moved | {
        f"{event}-set": Event(NARROWS, letters[2], f"{{What}} has a {name} now: {{after}}."),
        f"{event}-unset": Event(WIDENS, letters[3], f"{{What}} has no {name} any more; it was {{before}}."),
    }


def _schema(event: str, name: str, letters: tuple[str, str] = ("BPbp", "BPbp")) -> dict[str, Event]:
    """The rows of a keyword that holds a schema which restricts what is allowed."""
    return {
        f"{event}-added": Event(NARROWS, letters[0], f"{{What}} has {name} now: {{after}}."),
        f"{event}-removed": Event(WIDENS, letters[1], f"{{What}} has no {name} any more; it was {{before}}."),
    }


def _union(event: str, name: str, wrapped: str) -> dict[str, Event]:
    """The rows of a union; ``wrapped`` are the subjects for which oasdiff knows that one was made."""
    return {
        f"{event}-added": Event(WIDENS, "BPbp", f"The {name} of {{what}} has one schema more: {{after}}."),
        f"{event}-removed": Event(NARROWS, "BPbp", f"The {name} of {{what}} has one schema less: {{before}}."),
        f"{event}-set": Event(NARROWS, "", f"{{What}} must be one of the schemas of its {name} now."),
        f"{event}-unset": Event(WIDENS, "", f"{{What}} need not be one of the schemas of its {name} any more."),
        f"wrapped-in-{event}": Event(
            DIFFERS, wrapped, f"{{What}} was restructured into {name}; none of its schemas is the one that was."
        ),
        f"wrapped-in-{event}-original-preserved": Event(
            WIDENS, wrapped, f"{{What}} was restructured into {name}; one of its schemas is the one that was."
        ),
        f"unwrapped-from-{event}": Event(
            DIFFERS, "", f"{{What}} was restructured from {name} into one schema, which was none of them."
        ),
    }


EVENTS: dict[str, Event] = {
    "type-generalized": Event(WIDENS, "BPQqbph", "The type of {what} was widened from {before} to {after}."),
    "type-specialized": Event(NARROWS, "qbph", "The type of {what} was narrowed from {before} to {after}."),
    "type-changed": Event(DIFFERS, "BPQqbph", "The type of {what} was changed from {before} to {after}."),
    "type-compatible": Event(
        NARROWS, "bph", "The type of {what} was changed from {before} to {after}; as text both are written alike."
    ),
    "list-of-types-widened": Event(WIDENS, "BPQqbp", "{What} may be {after} too now."),
    "list-of-types-narrowed": Event(NARROWS, "BPQqbp", "{What} may not be {before} any more."),
    "became-nullable": Event(WIDENS, "BPQqbph", "{What} may be null now."),
    "became-not-nullable": Event(NARROWS, "BPQqbph", "{What} may not be null any more."),
    "became-enum": Event(NARROWS, "BPQH", "{What} was restricted to a list of values: {after}."),
    "enum-removed": Event(WIDENS, "", "{What} is not restricted to a list of values any more; it was {before}."),
    "enum-value-added": Event(WIDENS, "PQqpw", "{What} may be {after} now."),
    "enum-value-removed": Event(NARROWS, "BPQqRp", "{What} may not be {before} any more."),
    "x-extensible-enum-value-added": Event(NONE, "", "{What} may be {after} now; the list is said to grow."),
    "x-extensible-enum-value-removed": Event(NARROWS, "QP", "{What} may not be {before} any more."),
    "const-added": Event(NARROWS, "BPbp", "{What} may only be {after} now."),
    "const-removed": Event(WIDENS, "BPbp", "{What} may be more than {before} now."),
    "const-changed": Event(DIFFERS, "BPbp", "The only value of {what} was changed from {before} to {after}."),
    "default-value-added": Event(NONE, "BPQbp", "{What} has a default now: {after}."),
    "default-value-removed": Event(NONE, "BPQbp", "{What} has no default any more; it was {before}."),
    "default-value-changed": Event(NONE, "BPQbp", "The default of {what} was changed from {before} to {after}."),
    "pattern-added": Event(NARROWS, "PQp", "{What} has a pattern now: {after}."),
    "pattern-removed": Event(WIDENS, "PQp", "{What} has no pattern any more; it was {before}."),
    "pattern-changed": Event(UNKNOWN, "PQp", "The pattern of {what} was changed from {before} to {after}."),
    "pattern-generalized": Event(
        WIDENS, "PQ", "The pattern of {what} was changed from {before} to {after}, which every text has."
    ),
    **_bound("max", "maximum", True, "BPQR", "BPQbp", "BPQ", ""),
    **_bound("min", "minimum", False, "BPQbp", "BPQR", "BPQ", ""),
    **_bound("exclusive-max", "exclusive maximum", True, "BPQR", "BPQbp", "BPQ", ""),
    **_bound("exclusive-min", "exclusive minimum", False, "BPQbp", "BPQR", "BPQ", ""),
    **_bound("max-length", "greatest length", True, "BPQR", "BPQbp", "BPQ", "bp"),
    **_bound("min-length", "least length", False, "BPQbp", "BPQ"),
    **_bound("max-items", "greatest number of items", True, "BPQR", "BPQbp", "BP", ""),
    **_bound("min-items", "least number of items", False, "BPQbp", "BPQ", "BPQ", "bp"),
    **_bound("max-properties", "greatest number of properties", True, "BPR", "BPbp", "BP", ""),
    **_bound("min-properties", "least number of properties", False, "bp", "BP"),
    **_bound("max-contains", "greatest number of items that are contained", True, "BPbp", "BPbp", "", ""),
    **_bound("min-contains", "least number of items that are contained", False, "BPbp", "BPbp"),
    "multiple-of-set": Event(NARROWS, "BP", "{What} must be a multiple of {after} now."),
    "multiple-of-unset": Event(WIDENS, "BPbp", "{What} need not be a multiple of {before} any more."),
    "multiple-of-generalized": Event(
        WIDENS, "BP", "What {what} must be a multiple of was changed from {before} to {after}, which divides it."
    ),
    "multiple-of-specialized": Event(
        NARROWS, "bp", "What {what} must be a multiple of was changed from {before} to {after}, a multiple of it."
    ),
    "multiple-of-changed": Event(
        DIFFERS, "BPbp", "What {what} must be a multiple of was changed from {before} to {after}."
    ),
    "unique-items-set": Event(NARROWS, "BP", "The items of {what} must differ now."),
    "unique-items-unset": Event(WIDENS, "BPbp", "The items of {what} need not differ any more."),
    **_schema("items", "a schema for its items", ("", "")),
    **_schema("not", "a schema that it must not fit", ("", "")),
    "not-changed": Event(UNKNOWN, "", "The schema that {what} must not fit was changed."),
    "if-changed": Event(UNKNOWN, "", "The condition (if) of {what} was changed."),
    **_schema("if", "a condition (if)"),
    **_schema("then", "a schema where its condition holds (then)"),
    **_schema("else", "a schema where its condition does not hold (else)"),
    **_schema("contains", "a schema that some items must fit (contains)"),
    **_schema("property-names", "a schema for the names of its properties"),
    **_schema("unevaluated-items", "a schema for its other items (unevaluatedItems)"),
    **_schema("unevaluated-properties", "a schema for its other properties (unevaluatedProperties)"),
    **_schema("content-schema", "a schema for what its text means (contentSchema)"),
    **_schema("dependent-schema", "a schema that hangs on a property"),
    **_schema("pattern-property", "a schema for properties whose names fit a pattern"),
    "prefix-items-added": Event(DIFFERS, "BPbp", "The items of {what} have one place more of their own: {after}."),
    "prefix-items-removed": Event(DIFFERS, "BPbp", "The items of {what} have one place less of their own: {before}."),
    "content-media-type-changed": Event(
        DIFFERS, "BPbp", "The media type of the text of {what} was changed from {before} to {after}."
    ),
    "content-encoding-changed": Event(
        DIFFERS, "BPbp", "The encoding of the text of {what} was changed from {before} to {after}."
    ),
    "dependent-required-added": Event(NARROWS, "BPbp", "{What} has a property that requires others now: {after}."),
    "dependent-required-removed": Event(
        WIDENS, "BPbp", "{What} has a property that does not require others any more; it was {before}."
    ),
    "dependent-required-changed": Event(
        DIFFERS, "BPbp", "What a property of {what} requires was changed from {before} to {after}."
    ),
    "additional-properties-forbidden": Event(NARROWS, "", "{What} may not have other properties any more."),
    "additional-properties-allowed": Event(WIDENS, "", "{What} may have other properties now."),
    "additional-properties-restricted": Event(NARROWS, "", "The other properties of {what} have a schema now."),
    "additional-properties-unrestricted": Event(WIDENS, "", "The other properties of {what} have no schema any more."),
    "map-removed": Event(NARROWS, "", "{What} is no map any more: it may not have other properties."),
    "all-of-added": Event(NARROWS, "BPbp", "{What} must fit one schema more (allOf): {after}."),
    "all-of-removed": Event(WIDENS, "BPbp", "{What} must fit one schema less (allOf): {before}."),
    "all-of-added-annotation-only": Event(
        NONE, "BPbp", "{What} has one schema more (allOf), which only describes: {after}."
    ),
    "all-of-removed-annotation-only": Event(
        NONE, "BPbp", "{What} has one schema less (allOf), which only described: {before}."
    ),
    **_union("any-of", "anyOf", ""),
    **_union("one-of", "oneOf", "Bb"),
    "one-of-schema-widened": Event(
        UNKNOWN, "", "A schema of the oneOf of {what} allows more now; what fits another too fits none of them."
    ),
    "discriminator-added": Event(UNKNOWN, "BPbp", "{What} has a discriminator now: {after}."),
    "discriminator-removed": Event(UNKNOWN, "BPbp", "{What} has no discriminator any more; it was {before}."),
    "discriminator-property-name-changed": Event(
        UNKNOWN, "BPbp", "The property that tells what {what} is was changed from {before} to {after}."
    ),
    "discriminator-mapping-added": Event(NONE, "BPbp", "The discriminator of {what} knows {after} now."),
    "discriminator-mapping-deleted": Event(
        UNKNOWN, "BPbp", "The discriminator of {what} does not know {before} any more."
    ),
    "discriminator-mapping-changed": Event(
        UNKNOWN, "BPbp", "A name that the discriminator of {what} knows leads from {before} to {after} now."
    ),
    "subtype-added": Event(UNKNOWN, "", "{What} has a subtype more: {after}."),
    "subtype-removed": Event(UNKNOWN, "", "{What} has a subtype less: {before}."),
    "deprecated": Event(NONE, "PpQ", "{What} is deprecated now."),
    "deprecated-with-sunset": Event(NONE, "Pp", "{What} is deprecated now; its sunset is {after}."),
    "deprecated-sunset-missing": Event(DIFFERS, "PpQ", "{What} is deprecated now, and has no sunset date."),
    "deprecated-sunset-invalid": Event(DIFFERS, "Pp", "{What} is deprecated now, and its sunset {after} is no date."),
    "sunset-date-too-small": Event(DIFFERS, "PpQ", "{What} is deprecated now, and its sunset {after} is too near."),
    "reactivated": Event(NONE, "PpQ", "{What} is not deprecated any more."),
    "stability-decreased": Event(DIFFERS, "Pp", "The stability of {what} was lowered from {before} to {after}."),
    "stability-increased": Event(NONE, "Pp", "The stability of {what} was raised from {before} to {after}."),
}
"""Every event, in the order in which a schema is compared. ``{what}`` is the subject in words."""

READ_ONLY = frozenset(
    {event for event, row in EVENTS.items() if "R" in row.oasdiff or event.startswith(("type-", "list-of-types-"))}
)
"""What is told in an id of its own of what a consumer should not send, and may send back as it came."""

SET = ("max", "min", "exclusive-max", "exclusive-min", "max-length", "max-items", "min-items", "max-properties")


class Deviation(NamedTuple):
    """A level that is not the law's: for one direction or subject (by its sign), with the reason."""

    level: str
    reason: str


DEVIATIONS: dict[tuple[str, str], Deviation] = {
    **{
        (REQUEST, f"{event}-set"): Deviation(
            WARNING, "A limit that is written down for the first time often says what always held."
        )
        for event in (*SET, "multiple-of")
    },
    (RESPONSE, "enum-value-added"): Deviation(WARNING, "Lists of values grow; who reads them should expect it."),
    (RESPONSE, "enum-removed"): Deviation(WARNING, "As for a list of values that grows."),
    (RESPONSE, "any-of-added"): Deviation(WARNING, "One more way of being right; the other ways are still promised."),
    (RESPONSE, "all-of-removed"): Deviation(WARNING, "What was promised may be promised by another schema."),
    (RESPONSE, "additional-properties-allowed"): Deviation(
        HARMLESS, "Whoever reads an answer does not mind a property more."
    ),
    (RESPONSE, "one-of-schema-widened"): Deviation(HARMLESS, "That more may come is told where it is widened."),
    (RESPONSE, "not-removed"): Deviation(WARNING, "What was excluded is not named; nobody can rely on much."),
    (RESPONSE, "map-removed"): Deviation(BREAKING, "The values of a map are promised; without it they are not."),
    ("q", "type-changed"): Deviation(WARNING, "It hangs on how the object is written: as text both are alike."),
    **{
        ("Q", f"default-value-{event}"): Deviation(
            BREAKING, "Who leaves the parameter out gets another answer, without changing anything."
        )
        for event in ("added", "removed", "changed")
    },
}
"""By (direction or sign of a subject, event)."""
