"""Environments: what is live in them, and what went there."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from signet.service.answers import environments
from signet.service.api import parameters as given
from signet.service.api.routes import PREFIX, Question, answered, listed, part
from signet.service.api.shapes import registry as shapes

router = APIRouter(prefix=PREFIX, route_class=Question, tags=["environments"])


@router.get(
    "/environments",
    response_model=shapes.Environments,
    operation_id="listEnvironments",
    summary="Which environments are there?",
)
async def list_environments(page: given.PageAsked) -> Response:
    """All environments in the order of promotion, with what is live in each."""
    return await listed(page, part(environments.environments, "environments"))


@router.get(
    "/environments/{environment}",
    response_model=shapes.Environment,
    operation_id="getEnvironment",
    summary="How does it stand?",
)
async def get_environment(request: Request, environment: given.EnvironmentPath, at: given.At = None) -> Response:
    """One environment, with the verdict of Deploy Guard on every version that is live there."""
    return await answered(request, lambda asked: environments.environment(asked, environment), at=at)


@router.get(
    "/deployments", response_model=shapes.Deployments, operation_id="listDeployments", summary="What is live now?"
)
async def list_deployments(
    page: given.PageAsked, environment: given.OnlyEnvironment = None, service: given.OnlyService = None
) -> Response:
    """A row for each version that is deployed, wanted or released; in an environment, or of a service."""
    question = part(
        lambda asked: environments.deployments(asked, environment=environment, service=service), "deployments"
    )
    return await listed(page, question)
