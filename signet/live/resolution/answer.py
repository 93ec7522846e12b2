"""What is asked, and the answer: JSON, ``{"version": ..., "artifacts": {"image": ..., "source": ..., "tests": ...}}``.

A list of such objects means that several versions are productive, an empty one that none is. Other keys are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from signet.core.formats import text
from signet.core.model import names
from signet.core.placeholders import ARTIFACTS, fault_of
from signet.errors import Fault, InvalidData

LARGEST = 256 * 1024
"""Bytes of an answer."""
MOST = 20
"""Versions of one service that may be productive at once."""


class Question(NamedTuple):
    """Which version of a service is productive; ``role`` is the part that it plays for the ``other`` service."""

    service: str
    role: str
    other: str
    environment: str | None

    @property
    def values(self) -> dict[str, str]:
        """What has a place in a URL or a command."""
        return {"service": self.service, "role": self.role, "other": self.other, "environment": self.environment or ""}

    def as_json(self) -> dict[str, Any]:
        """What a command reads on its standard input."""
        return {**self.values, "environment": self.environment}


class Counterpart(NamedTuple):
    """A version that is productive, and what it consists of."""

    version: str
    artifacts: Mapping[str, str]


def _version(value: str) -> str:
    reason = names.fault_of("version", value)
    if reason:
        raise ValueError(f"{value[:200]!r} cannot be a version: {reason}")
    return value


def _artifact(value: str) -> str:
    reason = fault_of(value)
    if reason:
        raise ValueError(f"it is refused: {reason}")
    return value


Artifact = Annotated[str, AfterValidator(_artifact)]


class _Artifacts(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    image: Artifact | None = None
    source: Artifact | None = None
    tests: Artifact | None = None


class _Found(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    version: Annotated[str, AfterValidator(_version)]
    artifacts: _Artifacts = _Artifacts()


_LIST = TypeAdapter(Annotated[list[_Found], Field(max_length=MOST)])


def read(data: bytes, name: str) -> tuple[Counterpart, ...]:
    """The answer; InvalidData, with every fault, for one that is not in this form. ``name`` is whose answer it is."""
    remedy = 'It must print {"version": "4.0.1", "artifacts": {"image": "..."}}, or a list of these.'
    try:
        if data.lstrip()[:1] not in (b"{", b"["):
            raise InvalidData("", [Fault(name, None, 1, "it is no JSON object, and no list of them")])
        document = text.read(data, name)
    except InvalidData as error:
        raise InvalidData(f"{name} is refused.", error.faults, remedy) from None
    value = document.value if isinstance(document.value, list) else [document.value]
    try:
        found = _LIST.validate_python(value)
    except ValidationError as error:
        faults = [_fault(document, one) for one in error.errors()[:20]]
        raise InvalidData(f"{name} is refused.", faults, remedy) from None
    kinds = [{kind: getattr(one.artifacts, kind) for kind in ARTIFACTS} for one in found]
    return tuple(
        Counterpart(one.version, {kind: value for kind, value in each.items() if value is not None})
        for one, each in zip(found, kinds, strict=True)
    )


def _fault(document: text.Document, error: Any) -> Fault:
    where = list(error["loc"]) if isinstance(document.value, list) else list(error["loc"])[1:]
    said = str(error["ctx"]["error"]) if error["type"] == "value_error" else str(error["msg"])
    return document.fault("".join(f"/{text.escape(str(part))}" for part in where), said[:1].lower() + said[1:])
