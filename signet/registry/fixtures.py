"""Fixtures in the registry: the document of one, its bytes, and all of a service at a commit.

A document says the same as ``signet.core.model.fixture``, and is refused where it could not be sent, or should not be
kept: credentials and cookies, and headers that belong to one connection. Whether it fits a spec is not asked here.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StrictInt, StrictStr, model_validator

from signet.core.formats.bodies import is_json
from signet.core.formats.structure import METHODS
from signet.core.model.fixture import CONNECTION, CREDENTIALS, Answered, Asked, Body, Fixture, Source
from signet.errors import Fault, InvalidData
from signet.registry import documents, layout
from signet.registry.documents import EnvironmentName, Record, ServiceName

if TYPE_CHECKING:
    from signet.registry.read import RegistryState

LARGEST = 1024 * 1024
"""Bytes of a fixture's file."""
MOST_NAMED = 100
MOST_VALUES = 1_000
LONGEST_PATH = 8_000
BODILESS = (204, 205, 304)

_OPERATION = re.compile(rf"(?:{'|'.join(METHODS).upper()}) /[^\s?#]*\Z")
_PATH = re.compile(r"(?:/(?:(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*|\{[^{}/\s]+\}))+\Z")
_HEADER = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+\Z")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(?: *;[\x20-\x7e]*)?\Z")


def _fitting(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.match(value) or _has_invisible(value):
            raise ValueError(what)
        return value

    return AfterValidator(check)


def _has_invisible(text: str) -> bool:
    return any(unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char != "\t" for char in text)


def _header_name(value: str) -> str:
    if not _HEADER.match(value):
        raise ValueError("the name of a header is written in small letters, without blanks")
    if value in CREDENTIALS:
        raise ValueError("credentials and cookies have no place in a registry")
    if value in CONNECTION:
        raise ValueError("it belongs to one connection, and is made by whoever answers")
    if value == "content-type":
        raise ValueError("what a body is stands at the body, as its media_type")
    return value


def _each_once(value: list[str]) -> list[str]:
    if len(set(value)) < len(value):
        raise ValueError("an environment is listed twice")
    return sorted(value)


def _base64(value: str) -> str:
    try:
        is_canonical = base64.b64encode(base64.b64decode(value, validate=True)).decode() == value
    except (binascii.Error, ValueError):
        is_canonical = False
    if not is_canonical:
        raise ValueError("it is not base64")
    return value


Operation = Annotated[StrictStr, _fitting(_OPERATION, "METHOD /path is expected, as in the spec: GET /items/{id}")]
Path = Annotated[
    StrictStr,
    Field(max_length=LONGEST_PATH),
    _fitting(_PATH, "a path as it is sent is expected, percent-encoded, or with whole segments as {name}"),
]
HeaderName = Annotated[StrictStr, AfterValidator(_header_name)]
HeaderValue = Annotated[StrictStr, _fitting(_VALUE, "no header can have this value")]
Headers = Annotated[dict[HeaderName, HeaderValue], Field(max_length=MOST_NAMED)]
MediaType = Annotated[StrictStr, _fitting(_MEDIA_TYPE, "type/subtype is expected, such as application/json")]
Values = Annotated[list[StrictStr], Field(min_length=1, max_length=MOST_VALUES)]
Query = Annotated[dict[StrictStr, Values], Field(max_length=MOST_NAMED)]
FixtureName = Annotated[str, documents.name_of("fixture")]


class BodyItem(Record):
    """A body: ``json`` for JSON, else ``text``, or ``base64`` for bytes."""

    model_config = ConfigDict(str_max_length=LARGEST)

    media_type: MediaType
    value: Any = Field(None, alias="json")
    text: StrictStr | None = None
    base64: Annotated[StrictStr, AfterValidator(_base64)] | None = None

    @model_validator(mode="after")
    def _one(self) -> BodyItem:
        given = {"value", "text", "base64"} & self.model_fields_set
        if len(given) != 1 or (self.text is None and self.base64 is None and "value" not in given):
            raise ValueError("one of 'json', 'text' and 'base64' is expected")
        if is_json(self.media_type) != ("value" in given):
            raise ValueError("'json' is for JSON media types, and for these alone")
        return self

    def noun(self) -> Body:
        """The body."""
        if "value" in self.model_fields_set:
            return Body(self.media_type, self.value)
        return Body(self.media_type, self.text if self.base64 is None else base64.b64decode(self.base64))


class RequestItem(Record):
    """What a request must be; what is left out may be anything."""

    path: Path
    query: Query | None = None
    headers: Headers = Field(default={})
    body: BodyItem | None = None


class ResponseItem(Record):
    """The answer."""

    status: Annotated[StrictInt, Field(ge=200, le=599)]
    headers: Headers = Field(default={})
    body: BodyItem | None = None

    @model_validator(mode="after")
    def _bodiless(self) -> ResponseItem:
        if self.body is not None and self.status in BODILESS:
            raise ValueError(f"an answer {self.status} has no body")
        return self


class FixtureFile(Record):
    """``services/<service>/fixtures/<operation>/<name>.json``."""

    kind: Literal["fixture"] = "fixture"
    service: ServiceName
    operation: Operation
    name: FixtureName
    request: RequestItem
    response: ResponseItem
    source: Literal["provider", "consumer"]
    environments: Annotated[list[EnvironmentName], Field(max_length=MOST_NAMED), AfterValidator(_each_once)] = Field(
        default=[]
    )

    @model_validator(mode="after")
    def _head(self) -> FixtureFile:
        if self.response.body is not None and self.operation.startswith("HEAD "):
            raise ValueError("the answer to HEAD has no body")
        return self

    def noun(self) -> Fixture:
        """The fixture."""
        asked, answered = self.request, self.response
        query = None if asked.query is None else {name: tuple(values) for name, values in asked.query.items()}
        return Fixture(
            self.service,
            self.operation,
            self.name,
            Asked(
                self.operation.partition(" ")[0],
                asked.path,
                query,
                asked.headers,
                asked.body.noun() if asked.body else None,
            ),
            Answered(answered.status, answered.headers, answered.body.noun() if answered.body else None),
            Source(self.source),
            frozenset(self.environments),
        )

    def written(self) -> dict[str, Any]:
        """The JSON value: only what is said."""
        return self.noun().as_json()


def document(fixture: Fixture) -> FixtureFile:
    """The record of a fixture; InvalidData with every fault where none can be."""
    path = layout.path("fixture", fixture.service, fixture.operation, fixture.name)
    return parsed(documents.json_bytes(fixture.as_json()), path)


def parsed(data: bytes, path: str) -> FixtureFile:
    """The record in a file; InvalidData with every fault of it, and where its path is that of another one."""
    if len(data) > LARGEST:
        raise documents.refused(path, [Fault(path, None, 0, f"has more than {LARGEST:,} bytes")])
    found = documents.parse(FixtureFile, data, path)
    if layout.path("fixture", found.service, found.operation, found.name) != path:
        raise documents.refused(path, [Fault(path, None, 0, "its path is that of another fixture")])
    return found


def read(state: RegistryState, service: str) -> tuple[Fixture, ...]:
    """All fixtures of a service, by operation and name; InvalidData with the faults of all that are broken.

    What stands among them and is none (but dot files) is a fault too: somebody takes it for approved.
    """
    root = f"services/{service}/fixtures"
    folders = [one for one in state.listing(root) if not one.name.startswith(".")]
    listed = {f"{root}/{one.name}": one for one in folders if not one.is_tree}
    for folder in folders:
        inside = state.listing(f"{root}/{folder.name}") if folder.is_tree else ()
        listed.update((f"{root}/{folder.name}/{one.name}", one) for one in inside if not one.name.startswith("."))
    state.prefetch(one.id for one in listed.values() if one.is_file)
    found: list[Fixture] = []
    faults: list[Fault] = []
    for path in sorted(listed):
        try:
            found.append(_at(state, path))
        except InvalidData as error:
            faults += error.faults or [Fault(path, None, 0, error.message)]
    if faults:
        raise documents.refused(root, faults)
    return tuple(sorted(found, key=lambda one: (one.operation, one.name)))


def _at(state: RegistryState, path: str) -> Fixture:
    if layout.identity(path) is None:
        raise documents.refused(path, [Fault(path, None, 0, "is no fixture: OPERATION/NAME.json is expected")])
    data = state.bytes_at(path)
    assert data is not None  # noqa: S101 - it is listed
    return parsed(data, path).noun()
