"""What is in the registry: services, versions, documents, results."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from signet.service.answers import documents, services
from signet.service.api import parameters as given
from signet.service.api.routes import PREFIX, Question, answered, listed, part
from signet.service.api.shapes import registry as shapes

router = APIRouter(route_class=Question, tags=["registry"], prefix=f"{PREFIX}/services")


@router.get("", response_model=shapes.Services, operation_id="listServices", summary="Which services are there?")
async def list_services(page: given.PageAsked, name: given.NamePart = None) -> Response:
    """All services by name; with `name`, those whose name or alias contains it."""
    return await listed(page, part(lambda asked: services.services(asked, name=name), "services"))


@router.get("/{service}", response_model=shapes.Service, operation_id="getService", summary="What is this service?")
async def get_service(request: Request, service: given.ServicePath, at: given.At = None) -> Response:
    """One service: its branches, where it is live, its providers and its consumers."""
    return await answered(request, lambda asked: services.service(asked, service), at=at)


@router.get(
    "/{service}/versions", response_model=shapes.Versions, operation_id="listVersions", summary="Which versions has it?"
)
async def list_versions(page: given.PageAsked, service: given.ServicePath) -> Response:
    """All versions of a service by name, with what they were published with and why they matter."""
    return await listed(page, part(lambda asked: services.versions(asked, service), "versions"))


@router.get(
    "/{service}/versions/{version}",
    response_model=shapes.OneVersion,
    operation_id="getVersion",
    summary="What is this version?",
)
async def get_version(
    request: Request, service: given.ServicePath, version: given.VersionPath, at: given.At = None
) -> Response:
    """One version with its latest results."""
    return await answered(request, lambda asked: services.version(asked, service, version), at=at)


@router.get(
    "/{service}/verifications",
    response_model=shapes.Verifications,
    operation_id="listVerifications",
    summary="Which results has it?",
)
async def list_verifications(
    page: given.PageAsked, service: given.ServicePath, version: given.OnlyVersion = None
) -> Response:
    """The latest results of a provider: tests against its spec, and replays of its consumers' contracts."""
    return await listed(
        page, part(lambda asked: services.verifications(asked, service, version=version), "verifications")
    )


@router.get("/{service}/specs", response_model=shapes.Specs, operation_id="listSpecs", summary="Which specs has it?")
async def list_specs(page: given.PageAsked, service: given.ServicePath) -> Response:
    """The agreed spec of a service, and those that its versions were published or tested with."""
    return await listed(page, part(lambda asked: documents.specs(asked, service), "specs"))


@router.get(
    "/{service}/specs/{digest}", response_model=shapes.OneSpec, operation_id="getSpec", summary="What does it promise?"
)
async def get_spec(
    request: Request, service: given.ServicePath, digest: given.SpecPath, at: given.At = None
) -> Response:
    """A spec with its content; `agreed` is the agreed one."""
    return await answered(request, lambda asked: documents.spec(asked, service, digest), at=at)


@router.get(
    "/{service}/contracts",
    response_model=shapes.Contracts,
    operation_id="listContracts",
    summary="Which contracts has it, as consumer?",
)
async def list_contracts(
    page: given.PageAsked, service: given.ServicePath, provider: given.OnlyProvider = None
) -> Response:
    """The contracts that versions of a consumer ever had."""
    return await listed(page, part(lambda asked: documents.contracts(asked, service, provider=provider), "contracts"))


@router.get(
    "/{service}/contracts/{provider}/{digest}",
    response_model=shapes.OneContract,
    operation_id="getContract",
    summary="What does it expect?",
)
async def get_contract(
    request: Request,
    service: given.ServicePath,
    provider: given.ProviderPath,
    digest: given.ContractPath,
    at: given.At = None,
) -> Response:
    """A contract with its content."""
    return await answered(request, lambda asked: documents.contract(asked, service, provider, digest), at=at)
