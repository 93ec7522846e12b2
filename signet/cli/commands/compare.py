"""``signet compare``: does a contract fit a spec?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import files, formats, opening, options
from signet.cli.boundary import BY_VERDICT
from signet.cli.formats import Side
from signet.errors import Undecided, UnknownName, UsageError

if TYPE_CHECKING:
    from signet.core.model.comparison import Comparison
    from signet.core.model.contract import Contract
    from signet.core.model.spec import Spec
    from signet.registry.read import RegistryState


def compare(
    ctx: typer.Context,
    spec: Annotated[
        str | None,
        typer.Option(
            "--spec",
            envvar="SIGNET_SPEC",
            metavar="FILE|SERVICE[@VERSION]",
            help="A spec: a file, the agreed spec of a service, or the spec of one of its versions.",
        ),
    ] = None,
    contract: Annotated[
        str | None,
        typer.Option(
            "--contract",
            envvar="SIGNET_CONTRACT",
            metavar="FILE|CONSUMER@VERSION",
            help="A contract: a file, or that of a consumer's version.",
        ),
    ] = None,
    provider: options.Provider = None,
    at: options.At = None,
    offline: options.Offline = False,
    format_: options.Format = None,
    quiet: options.Quiet = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Does a contract fit a spec? Every finding, with its place in both documents.

    Each side is a file, or a name in the registry; what exists as a file is a file. Two files need no registry.
    --provider says which contract is meant, where a consumer version has several.

    --format junit has a test case for each interaction, sarif and github have a place in the contract for each finding,
    markdown is for job summaries and pull requests.

    \b
    Examples:
      signet compare --spec openapi.yaml --contract pacts/cart-catalog.json
      signet compare --spec catalog --contract cart@2.1.0
      signet compare --spec openapi.yaml --contract cart@2.1.0 --provider catalog
      signet compare --spec catalog --contract cart@2.1.0 --format junit > comparison.xml

    Exit code: 0 compatible, 1 incompatible, 4 undecided.
    """
    answer = formats.chosen(format_, as_json=json, as_json_typed=options.is_typed(ctx, "json"))
    wanted, expected = opening.required(spec, "spec"), opening.required(contract, "contract")
    state = None
    if not (_is_file(wanted) and _is_file(expected)):
        state = opening.for_reading(registry, at=at, offline=offline)
    promised, spec_side = _spec(wanted, state)
    named = provider or (None if _is_file(wanted) else wanted.partition("@")[0])
    relied, contract_side = _contract(expected, state, named)
    are_stored = not (_is_file(wanted) or _is_file(expected))
    comparison = _compared(relied, promised, state, wanted.partition("@")[0] if are_stored else None)
    commit = state.commit if state else None
    outcome = formats.Outcome(comparison, relied.interactions, contract_side, spec_side, commit, quiet)
    formats.show(answer, outcome)
    return BY_VERDICT[comparison.verdict]


def _compared(contract: Contract, spec: Spec, state: RegistryState | None, service: str | None) -> Comparison:
    """The comparison; of a contract with a spec of its own provider in the registry, the one that may be kept."""
    if state is not None and service == contract.provider:
        return state.comparison(contract.consumer, service, contract.digest, spec.digest)
    from signet.core.compare import compare

    return compare(contract, spec)


def _is_file(text: str) -> bool:
    """Is it a path, and not a name in the registry? What exists or looks like a path is one."""
    path = Path(text)
    return files.is_file(path) or "/" in text or path.suffix in files.ENDINGS


def _spec(text: str, state: RegistryState | None) -> tuple[Spec, Side]:
    if state is None or _is_file(text):
        read = files.spec(Path(text))
        return read.spec, Side(text, read.document, origin=read.origin)
    from signet.core.guard import check_names, spec_of
    from signet.core.model.decision import Candidate

    service, _, version = text.partition("@")
    if version:
        check_names(state, [Candidate(service, version)], None)
        digest = spec_of(state, service, version)
    else:
        _known(state, service)
        digest = state.agreed_spec(service)
    if digest is None:
        what = f"{service} {version} has no spec" if version else f"{service} has no agreed spec"
        remedy = "Publish it with 'signet publish', or name another version: --spec SERVICE@VERSION."
        raise Undecided(f"{what}.", remedy, code="spec-missing")
    return state.spec(service, digest), _stored_spec(state, text, service, digest)


def _stored_spec(state: RegistryState, label: str, service: str, digest: str) -> Side:
    from signet.core.formats import text as texts
    from signet.registry import layout

    path = layout.path("spec", service, digest)
    data, prefix = state.bytes_at(path), "/document"
    if data is None:
        path = layout.path("agreed-spec", service)
        data, prefix = state.bytes_at(path) or b"", ""
    return Side(label, texts.read(data, path), prefix)


def _contract(text: str, state: RegistryState | None, provider: str | None) -> tuple[Contract, Side]:
    if state is None or _is_file(text):
        read = files.contract(Path(text))
        return read.contract, Side(text, read.document)
    from signet.core.formats import text as texts
    from signet.core.guard import check_names
    from signet.core.model.decision import Candidate
    from signet.registry import layout

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
    path = layout.path("contract", consumer, provider, contracts[provider])
    found = state.contract(consumer, provider, contracts[provider])
    return found, Side(text, texts.read(state.bytes_at(path) or b"", path), "/pact")


def _known(state: RegistryState, service: str) -> None:
    from signet.core.model.names import nearest

    if service not in state.services():
        near = nearest(service, state.services())
        unknown = [("unknown-service", "service", service, near)]
        raise UnknownName(unknown, "If it is a file, check its path; 'signet status' lists the services.")
