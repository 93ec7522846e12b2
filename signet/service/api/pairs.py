"""Pairs: integrations, the matrix of two services, comparisons, changes of specs and whom they hit."""

from __future__ import annotations

from fastapi import APIRouter, Response

from signet.service.answers import integrations, specs
from signet.service.api import parameters as given
from signet.service.api.routes import PREFIX, Question, listed, part
from signet.service.api.shapes import compared, judged

router = APIRouter(prefix=PREFIX, route_class=Question, tags=["pairs"])


@router.get(
    "/integrations",
    response_model=judged.Integrations,
    operation_id="listIntegrations",
    summary="Which versions meet, and how do they stand?",
)
async def list_integrations(
    page: given.PageAsked, service: given.OnlyService = None, environment: given.OnlyEnvironment = None
) -> Response:
    """Each consumer version and provider version that meet, on main branches or in an environment."""
    question = part(
        lambda asked: integrations.integrations(asked, service=service, environment=environment), "integrations"
    )
    return await listed(page, question)


@router.get(
    "/integrations/{consumer}/{provider}/matrix",
    response_model=judged.Matrix,
    operation_id="getMatrix",
    summary="Which versions of two services fit?",
)
async def matrix(
    page: given.PageAsked, consumer: given.ConsumerPath, provider: given.ProviderPath, every: given.Every = False
) -> Response:
    """Each version of a consumer with each version of a provider: the one reason that Deploy Guard has for the pair."""
    question = part(lambda asked: integrations.matrix(asked, consumer, provider, every=every), "cells")
    return await listed(page, question)


@router.get(
    "/comparisons",
    response_model=compared.Comparison,
    operation_id="getComparison",
    summary="Does a contract fit a spec?",
)
async def comparison(
    page: given.PageAsked,
    consumer: given.Consumer,
    consumer_version: given.ConsumerVersion,
    provider: given.Provider,
    provider_version: given.OnlyVersion = None,
) -> Response:
    """The contract of a consumer version compared with the spec of a provider version, or with the agreed one.

    Every finding has its places in both documents.
    """
    question = part(
        lambda asked: integrations.comparison(asked, consumer, consumer_version, provider, provider_version), "findings"
    )
    return await listed(page, question)


@router.get(
    "/comparisons/{consumer}/{provider}/{contract}/{spec}",
    response_model=compared.Comparison,
    operation_id="getComparisonByDigests",
    summary="Does this contract fit this spec?",
)
async def comparison_of(
    page: given.PageAsked,
    consumer: given.ConsumerPath,
    provider: given.ProviderPath,
    contract: given.ContractDigest,
    spec: given.SpecDigest,
) -> Response:
    """The same of a stored contract and a stored spec, by their digests."""
    question = part(lambda asked: integrations.comparison_of(asked, consumer, provider, contract, spec), "findings")
    return await listed(page, question)


@router.get(
    "/changes", response_model=compared.Changes, operation_id="listChanges", summary="What changed between two specs?"
)
async def changes(page: given.PageAsked, base: given.Base, revision: given.Revision) -> Response:
    """What changed from one spec of the registry to another, and what of it can break a consumer."""
    day = specs.today()
    question = part(lambda asked: specs.changes(asked, base, revision, day=day), "changes")
    return await listed(page, question, also=day.isoformat())


@router.get("/impact", response_model=compared.Impact, operation_id="listImpact", summary="Whom does a spec hit?")
async def impact(
    page: given.PageAsked,
    revision: given.Revision,
    base: given.OtherBase = None,
    environment: given.OnlyEnvironment = None,
) -> Response:
    """Each consumer version that matters, and what it would be to it if a spec took the place of another."""
    question = part(lambda asked: specs.impact(asked, revision, base=base, environment=environment), "consumers")
    return await listed(page, question)
