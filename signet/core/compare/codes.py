"""The table of finding codes: severity, the step of the recipe, the sentence from which messages are made, the rule.

Codes keep the names that the field knows (openapi-pact-comparator, swagger-mock-validator). Everything that lists codes
(messages, outputs, documentation, tests) comes from this table.
"""

from __future__ import annotations

from typing import NamedTuple

ERROR, WARNING, UNDECIDED = "error", "warning", "undecided"


class Code(NamedTuple):
    """One kind of finding. ``sentence`` may hold ``{name}``, ``{expected}``, ``{promised}`` and ``{why}``.

    The rule behind it is what is ``required`` of the consumer, or else what the consumer ``relies`` on rightly.
    """

    severity: str
    step: int
    sentence: str
    required: str = ""
    relies: str = ""

    @property
    def rule(self) -> str:
        """The rule as one sentence."""
        return self.required or self.relies


CODES: dict[str, Code] = {
    "request.path-or-method.unknown": Code(
        ERROR,
        1,
        "The spec has no operation {expected}{why}.",
        required="Request a method and a path that the spec has, with path parameters that fit their schemas.",
    ),
    "request.accept.incompatible": Code(
        ERROR,
        3,
        "The consumer accepts {expected}; the provider answers {promised}.",
        required="Accept a media type that some response of the operation has.",
    ),
    "request.accept.unknown": Code(
        WARNING,
        3,
        "The consumer accepts {expected}; the spec names no media type.",
        relies="A spec without media types promises none: what is accepted cannot be relied on.",
    ),
    "request.authorization.missing": Code(
        ERROR,
        4,
        "The request satisfies no security alternative ({promised}).",
        required="Satisfy some security alternative, with all schemes inside it.",
    ),
    "request.header.incompatible": Code(
        ERROR,
        5,
        "The request header {name} does not fit: {why}.",
        required="Send every required header, and only values that fit the schema.",
    ),
    "request.header.unknown": Code(
        WARNING,
        5,
        "The spec does not name the request header {name}.",
        relies="A header that the spec does not name may be sent; that it has an effect is not promised.",
    ),
    "request.cookie.incompatible": Code(
        ERROR,
        5,
        "The cookie {name} does not fit: {why}.",
        required="Send every required cookie, and only values that fit the schema.",
    ),
    "request.query.incompatible": Code(
        ERROR,
        5,
        "The query parameter {name} does not fit: {why}.",
        required="Send every required query parameter, and only values that fit the schema in its style.",
    ),
    "request.query.unknown": Code(
        WARNING,
        5,
        "The spec does not name the query parameter {name}.",
        relies="A parameter that the spec does not name may be sent; that it has an effect is not promised.",
    ),
    "request.parameter.unvalidatable": Code(
        WARNING,
        5,
        "The parameter {name} is written as {expected}, which cannot be compared.",
        relies="Of a parameter in a media type that has no schema language, only its presence is compared.",
    ),
    "request.content-type.incompatible": Code(
        ERROR,
        6,
        "The request is {expected}; the operation takes {promised}.",
        required="Send a body in a media type that the operation takes.",
    ),
    "request.content-type.missing": Code(
        WARNING,
        6,
        "The request has a body and no Content-Type.",
        required="Say what the body is: without Content-Type the provider has to guess.",
    ),
    "request.content-type.unknown": Code(
        WARNING,
        6,
        "The request is {expected}; the spec names no media type for it.",
        relies="A spec without media types for the body promises nothing about how it is read.",
    ),
    "request.body.incompatible": Code(
        ERROR,
        6,
        "The request body does not fit: {why}.",
        required="Send a body that is valid against the schema as a request; readOnly properties are not required.",
    ),
    "request.body.unknown": Code(
        WARNING,
        6,
        "The request has a body, and the spec has none for this operation.",
        relies="A body that the spec does not describe may be sent; that it has an effect is not promised.",
    ),
    "request.body.unvalidatable": Code(
        WARNING,
        6,
        "A request body of type {expected} cannot be compared.",
        relies="Of a body in a type that has no schema language, only the media type is compared.",
    ),
    "response.status.default": Code(
        WARNING,
        7,
        "The status {expected} is covered by the default response only.",
        relies="The default response covers every status that is not declared; it promises none in particular.",
    ),
    "response.status.unknown": Code(
        ERROR,
        7,
        "The operation never answers with status {expected}; it has {promised}.",
        relies="The statuses that the operation declares: exactly, by a range such as 2XX, or by default.",
    ),
    "response.content-type.incompatible": Code(
        ERROR,
        8,
        "{expected} is expected; the provider answers {promised}.",
        relies="The media types that the response declares.",
    ),
    "response.content-type.unknown": Code(
        WARNING,
        8,
        "{expected} is expected; the spec names no media type.",
        relies="A response without media types promises none.",
    ),
    "response.header.incompatible": Code(
        ERROR,
        8,
        "The response header {name} does not fit: {why}.",
        relies="The values that the schema of the header allows.",
    ),
    "response.header.unknown": Code(
        ERROR,
        8,
        "The spec does not promise the response header {name}.",
        relies="The response headers that the spec names.",
    ),
    "response.header.undefined": Code(
        WARNING,
        8,
        "HTTP defines the response header {name}; the spec has none.",
        relies="HTTP's own headers may come with any response; the spec does not promise them.",
    ),
    "response.header.unvalidatable": Code(
        WARNING,
        8,
        "The response header {name} is written as {expected}, which cannot be compared.",
        relies="Of a header in a media type that has no schema language, only its presence is compared.",
    ),
    "response.body.incompatible": Code(
        ERROR,
        8,
        "The expected response body does not fit: {why}.",
        relies="The properties that the schema names, with the types and values that it allows.",
    ),
    "response.body.unknown": Code(
        ERROR,
        8,
        "The consumer expects a body, and the spec promises none.",
        relies="A body only where the response has content with a schema.",
    ),
    "response.body.unvalidatable": Code(
        WARNING,
        8,
        "A response body of type {expected} cannot be compared.",
        relies="Of a body in a type that has no schema language, only the media type is compared.",
    ),
    "request.schema.unvalidatable": Code(
        UNDECIDED,
        6,
        "A schema of the request cannot be judged: {why}.",
        required="Nothing can be said until the schema is mended: it is neither a yes nor a no.",
    ),
    "response.schema.unvalidatable": Code(
        UNDECIDED,
        8,
        "A schema of the response cannot be judged: {why}.",
        relies="Nothing can be said until the schema is mended: it is neither a yes nor a no.",
    ),
    "request.matcher.unvalidatable": Code(
        UNDECIDED,
        10,
        "A matcher of the request cannot be judged: {why}.",
        required="A matcher must leave a value that the schema lists; whether this one does, no engine can tell.",
    ),
    "response.matcher.unvalidatable": Code(
        UNDECIDED,
        10,
        "A matcher of the response cannot be judged: {why}.",
        relies="A matcher must leave a value that the schema lists; whether this one does, no engine can tell.",
    ),
    "request.matcher.ignored": Code(
        WARNING,
        10,
        "A matcher of the request is not compared, only its example is: {why}.",
        required="A matcher that nobody can read says nothing; the example beside it is what is sent.",
    ),
    "response.matcher.ignored": Code(
        WARNING,
        10,
        "A matcher of the response is not compared, only its example is: {why}.",
        relies="A matcher that nobody can read says nothing; the example beside it is what is expected.",
    ),
    "request.generator.incompatible": Code(
        WARNING,
        10,
        "The generator {name} makes what the request may not have: {why}.",
        required="Generate what fits as the example does: at run time it is sent in its place.",
    ),
    "response.generator.incompatible": Code(
        WARNING,
        10,
        "The generator {name} makes what the provider never answers: {why}.",
        relies="The example and its matchers; a test that ran with other values says nothing about them.",
    ),
    "interaction.ignored": Code(
        WARNING,
        1,
        "This is no HTTP interaction ({why}); a spec says nothing about it.",
        relies="A spec promises HTTP only; a message is verified by replay.",
    ),
    "undecided": Code(
        UNDECIDED,
        1,
        "The comparison gave up within its budget: {why}.",
        required="Nothing can be said within the budget of steps and depth: it is neither a yes nor a no.",
    ),
}
"""Every code, in the order of the steps."""


def sentence(code: str, *, name: str = "", expected: str = "", promised: str = "", why: str = "") -> str:
    """The message of a finding."""
    return CODES[code].sentence.format(name=name, expected=expected, promised=promised, why=why)
