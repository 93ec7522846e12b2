"""The parameters of the API: each has a limit, a description and an example. They say nothing of what is known."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request

from signet.core.model.names import LIMITS
from signet.service.api.routes import Page

LONGEST_LIST = 100
"""So many values a parameter may have that is given several times."""
_NAME, _VERSION = LIMITS["service"], LIMITS["version"]
_PAIR = _NAME + _VERSION + 1
DIGEST = "^[0-9a-f]{64}$"

At = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=64,
        pattern="^(HEAD(~[0-9]{1,9})?|[0-9A-Fa-f]{4,40}|[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.,Z+-]{1,40})?)$",
        description="A commit id, a date or date-time, HEAD or HEAD~N: the registry as it was then.",
        examples=["HEAD~1"],
    ),
]
Limit = Annotated[int, Query(ge=1, le=500, description="How many entries a page has at most.")]
Cursor = Annotated[
    str | None,
    Query(min_length=1, max_length=300, description="Where a page begins: from `next` of the page before."),
]


async def _page(request: Request, at: At = None, limit: Limit = 100, cursor: Cursor = None) -> Page:
    return Page(request, at, limit, cursor)


PageAsked = Annotated[Page, Depends(_page)]
"""What every list takes beside its own: ``at``, ``limit`` and ``cursor``."""

ServicePath = Annotated[str, Path(min_length=1, max_length=_NAME, description="A service.", examples=["cart"])]
ConsumerPath = Annotated[str, Path(min_length=1, max_length=_NAME, description="The consumer.", examples=["cart"])]
ProviderPath = Annotated[str, Path(min_length=1, max_length=_NAME, description="The provider.", examples=["catalog"])]
VersionPath = Annotated[str, Path(min_length=1, max_length=_VERSION, description="A version.", examples=["2.1.0"])]
EnvironmentPath = Annotated[
    str, Path(min_length=1, max_length=_NAME, description="An environment.", examples=["production"])
]
SpecPath = Annotated[
    str,
    Path(pattern="^(agreed|[0-9a-f]{8,64})$", description="`agreed`, or the (beginning of the) digest of a spec."),
]
ContractPath = Annotated[
    str, Path(pattern="^[0-9a-f]{8,64}$", description="The (beginning of the) digest of a contract.")
]
ContractDigest = Annotated[str, Path(pattern=DIGEST, description="The digest of a contract.")]
SpecDigest = Annotated[str, Path(pattern=DIGEST, description="The digest of a spec of the provider.")]

Service = Annotated[str, Query(min_length=1, max_length=_NAME, description="The service.", examples=["cart"])]
Version = Annotated[str, Query(min_length=1, max_length=_VERSION, description="Its version.", examples=["2.1.0"])]
Consumer = Annotated[str, Query(min_length=1, max_length=_NAME, description="The consumer.", examples=["cart"])]
ConsumerVersion = Annotated[
    str, Query(min_length=1, max_length=_VERSION, description="Its version.", examples=["2.1.0"])
]
Provider = Annotated[str, Query(min_length=1, max_length=_NAME, description="The provider.", examples=["catalog"])]

OnlyService = Annotated[
    str | None, Query(min_length=1, max_length=_NAME, description="Only what concerns this service.", examples=["cart"])
]
OnlyEnvironment = Annotated[
    str | None,
    Query(min_length=1, max_length=_NAME, description="Only this environment.", examples=["production"]),
]
OnlyProvider = Annotated[
    str | None, Query(min_length=1, max_length=_NAME, description="Only this provider.", examples=["catalog"])
]
OnlyConsumer = Annotated[
    str | None, Query(min_length=1, max_length=_NAME, description="Only this consumer.", examples=["cart"])
]
OnlyVersion = Annotated[
    str | None, Query(min_length=1, max_length=_VERSION, description="Only this version.", examples=["2.1.0"])
]
Target = Annotated[
    Literal["main-branch"] | None,
    Query(description="Ask against the heads of all main branches instead of an environment: may I merge?"),
]
With = Annotated[
    list[Annotated[str, Query(min_length=3, max_length=_PAIR, pattern="^[^@]+@[^@]+$")]] | None,
    Query(
        alias="with",
        max_length=LONGEST_LIST,
        description="SERVICE@VERSION that is deployed together with it; may be given several times.",
    ),
]
Ignore = Annotated[
    list[Annotated[str, Query(min_length=1, max_length=_PAIR)]] | None,
    Query(
        max_length=LONGEST_LIST,
        description="SERVICE or SERVICE@VERSION that is left out; may be given several times.",
    ),
]
NamePart = Annotated[
    str | None, Query(min_length=1, max_length=_NAME, description="Only those whose name or alias contains this.")
]
Wanted = Annotated[
    str,
    Query(
        min_length=1,
        max_length=200,
        pattern=r"\S",
        description="A name or a part of one; of an operation with its slash.",
        examples=["cart", "get /items"],
    ),
]
Every = Annotated[bool, Query(description="Every version, also those that are live nowhere and head nothing.")]
Operation = Annotated[
    str | None,
    Query(min_length=1, max_length=2000, description="An operation, `GET /items/{id}`, or its path alone."),
]
Field = Annotated[
    str | None,
    Query(min_length=1, max_length=2000, description="A field of that operation: `price`, `query:currency`."),
]
Base = Annotated[
    str,
    Query(
        min_length=1,
        max_length=_PAIR,
        description="SERVICE (its agreed spec) or SERVICE@VERSION: what was.",
        examples=["catalog@4.0.1"],
    ),
]
OtherBase = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=_PAIR,
        description="What was: SERVICE@VERSION; none: the service's current spec.",
        examples=["catalog@4.0.0"],
    ),
]
Revision = Annotated[
    str,
    Query(
        min_length=1,
        max_length=_PAIR,
        description="SERVICE (its agreed spec) or SERVICE@VERSION: what is to be.",
        examples=["catalog"],
    ),
]
Drawing = Annotated[
    Literal["json", "mermaid", "svg"] | None,
    Query(alias="format", description="How the graph is told; without it, what `Accept` prefers."),
]
