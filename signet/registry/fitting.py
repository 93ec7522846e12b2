"""The fixtures of a registry, held against the spec of their service. Who lists, checks or serves them asks here."""

from __future__ import annotations

from signet.core import compare, guard
from signet.core.fixtures import misfits
from signet.core.guard import check_names
from signet.core.model import names
from signet.core.model.comparison import Finding
from signet.core.model.decision import Candidate
from signet.core.model.fixture import Fixture
from signet.core.model.spec import Spec
from signet.errors import Undecided, UnknownName
from signet.registry.read import RegistryState


def spec_of(state: RegistryState, service: str, version: str | None = None) -> Spec:
    """The spec that fixtures of a service are held against: that of a version, else the agreed one.

    A service that only has specs of versions is held to that of its main branch. UnknownName for what the registry does
    not know; Undecided (``spec-missing``) where there is no spec.
    """
    if version is not None:
        check_names(state, [Candidate(service, version)], None)
        digest = guard.spec_of(state, service, version)
    else:
        _check_known(state, service)
        digest = state.agreed_spec(service)
        head = state.main_head(service) if digest is None else None
        digest = guard.spec_of(state, service, head) if head is not None else digest
    if digest is None:
        raise Undecided(
            f"{service}{f' {version}' if version else ''} has no spec that its fixtures could be held against.",
            "Publish it with 'signet publish'.",
            code="spec-missing",
        )
    return state.spec(service, digest)


def judged(
    state: RegistryState, service: str, *, environment: str | None = None, version: str | None = None
) -> list[tuple[Fixture, tuple[Finding, ...]]]:
    """The fixtures of a service, each with why it does not fit the spec; those that do not are never served.

    With an environment those that count there, without one all.
    """
    if version is None:
        _check_known(state, service)
    found = state.every_fixture(service) if environment is None else state.fixtures(service, environment)
    if not found and version is None:
        return []
    prepared = compare.prepare(spec_of(state, service, version))
    return [(one, misfits(one, prepared)) for one in found]


def _check_known(state: RegistryState, service: str) -> None:
    if service not in state.services():
        near = names.nearest(service, state.services())
        raise UnknownName(
            [("unknown-service", "service", service, near)], "'signet status' lists what the registry knows."
        )
