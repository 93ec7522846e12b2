"""What all answers have: the commit, the page that a list continues on, and problems."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Commit = Annotated[
    str,
    Field(pattern="^[0-9a-f]{40}$|^[0-9a-f]{64}$", description="The commit of the registry that was asked."),
]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of what is meant, in hexadecimal digits.")]
Name = Annotated[str, Field(description="The name of a service or an environment.")]
Version = Annotated[str, Field(description="The version of a service.")]


class Shape(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(populate_by_name=True, json_schema_serialization_defaults_required=False)


class Answer(Shape):
    """An answer: it names the commit that it follows from."""

    commit: Commit


class Listed(Answer):
    """One page of a list."""

    next: str | None = Field(description="The path of the page that follows, at the same commit; null on the last one.")


class Fault(Shape):
    """One thing that is wrong with a request, or with a file of the registry."""

    place: str | None = Field(None, description="Where in the request: `query/limit`, `path/service`.")
    file: str | None = Field(None, description="Which file of the registry.")
    pointer: str | None = Field(None, description="JSON pointer into the file.")
    line: int | None = None
    message: str


class Problem(Shape):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    code: str = Field(description="Stable, for programs.")
    remedy: str | None = Field(None, description="What to do about it.")
    faults: list[Fault] | None = None
    id: str | None = Field(None, description="What the log of the service calls this failure.")
