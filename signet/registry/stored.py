"""Specs and contracts of the registry by the names that people use, with the documents that they were read from.

It compares nothing, and knows no file outside the registry.
"""

from __future__ import annotations

from signet.core.formats import text as texts
from signet.core.formats.places import Side
from signet.core.guard import check_names, spec_of
from signet.core.model.contract import Contract
from signet.core.model.decision import Candidate
from signet.core.model.names import nearest
from signet.core.model.spec import Spec
from signet.errors import Undecided, UnknownName, UsageError
from signet.registry import layout
from signet.registry.read import RegistryState


def spec(text: str, state: RegistryState) -> tuple[Spec, Side]:
    """``SERVICE`` (its agreed spec) or ``SERVICE@VERSION``, and what it was read from.

    UnknownName for names that the registry does not know; Undecided (``spec-missing``) where there is no spec.
    UsageError for ``SERVICE@``: a variable that is empty must not turn a version into the agreed spec.
    """
    service, at, version = text.partition("@")
    if at and not version:
        raise UsageError(f"'{text}' names no version.", f"Write {service}@VERSION, or {service} for its agreed spec.")
    if version:
        check_names(state, [Candidate(service, version)], None)
        digest = spec_of(state, service, version)
    else:
        _known(state, service)
        digest = state.agreed_spec(service)
    if digest is None:
        what = f"{service} {version} has no spec" if version else f"{service} has no agreed spec"
        remedy = "Publish it with 'signet publish', or name another version: SERVICE@VERSION."
        raise Undecided(f"{what}.", remedy, code="spec-missing")
    return state.spec(service, digest), stored_spec(state, text, service, digest)


def current_spec(service: str, state: RegistryState) -> tuple[Spec, Side]:
    """The agreed spec of a service, or where there is none that of its main branch's head; or ``SERVICE@VERSION``."""
    if "@" not in service and service in state.services() and not state.has_agreed_spec(service):
        head = state.main_head(service)
        if head is not None:
            return spec(f"{service}@{head}", state)
    return spec(service, state)


def stored_spec(state: RegistryState, label: str, service: str, digest: str | None) -> Side:
    """The document of a spec of the registry by its full digest; None: of the agreed one."""
    path = layout.path("spec", service, digest or "")
    data, prefix = state.bytes_at(path) if digest else None, "/document"
    if data is None:
        path = layout.path("agreed-spec", service)
        data, prefix = state.bytes_at(path) or b"", ""
    return Side(label, texts.read(data, path), prefix)


def contract(text: str, state: RegistryState, provider: str | None) -> tuple[Contract, Side]:
    """``CONSUMER@VERSION``, and what it was read from; ``provider`` says which of several is meant."""
    consumer, _, version = text.partition("@")
    if not version:
        raise UsageError(f"--contract {text} names no version.", f"Write it as {consumer}@VERSION.")
    check_names(state, [Candidate(consumer, version)], None)
    manifest = state.manifest(consumer, version)
    contracts = manifest.contracts if manifest else {}
    if provider is None and len(contracts) == 1:
        provider = next(iter(contracts))
    if provider is None or provider not in contracts:
        listed = ", ".join(sorted(contracts)) or "nobody"
        if provider is None and contracts:
            raise UsageError(f"{consumer} {version} has contracts with several: {listed}.", "Pass --provider.")
        who = provider or "anybody"
        raise UsageError(f"{consumer} {version} has no contract with {who}.", f"It has contracts with: {listed}.")
    return stored_contract(state, text, consumer, provider, contracts[provider])


def stored_contract(
    state: RegistryState, label: str, consumer: str, provider: str, digest: str
) -> tuple[Contract, Side]:
    """A contract of the registry by its full digest."""
    path = layout.path("contract", consumer, provider, digest)
    found = state.contract(consumer, provider, digest)
    return found, Side(label, texts.read(state.bytes_at(path) or b"", path), "/pact")


def _known(state: RegistryState, service: str) -> None:
    if service not in state.services():
        near = nearest(service, state.services())
        unknown = [("unknown-service", "service", service, near)]
        raise UnknownName(unknown, "If it is a file, check its path; 'signet status' lists the services.")
