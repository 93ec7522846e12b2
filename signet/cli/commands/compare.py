"""``signet compare``: does a contract fit a spec?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signet.cli import files, opening, options, render
from signet.cli.boundary import BY_VERDICT
from signet.errors import Undecided, UnknownName, UsageError

if TYPE_CHECKING:
    from signet.core.formats.text import Document
    from signet.core.model.comparison import Comparison, Finding
    from signet.core.model.contract import Contract
    from signet.core.model.spec import Spec
    from signet.registry.read import RegistryState

COLOURS = {"error": "red", "warning": "yellow", "undecided": "yellow"}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two documents: what it is called, and where its values stand in its text."""

    label: str
    document: Document
    prefix: str = ""

    def place(self, pointer: str) -> dict[str, Any]:
        """File, line and pointer of a value, as they are in the file."""
        full = self.prefix + pointer
        return {"file": self.document.name, "line": self.document.line(full), "pointer": full}


def compare(
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
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Does a contract fit a spec? Every finding, with its place in both documents.

    Each side is a file, or a name in the registry; what exists as a file is a file. Two files need no registry.
    --provider says which contract is meant, where a consumer version has several.

    \b
    Examples:
      signet compare --spec openapi.yaml --contract pacts/cart-catalog.json
      signet compare --spec catalog --contract cart@2.1.0
      signet compare --spec openapi.yaml --contract cart@2.1.0 --provider catalog

    Exit code: 0 compatible, 1 incompatible, 4 undecided.
    """
    wanted, expected = opening.required(spec, "spec"), opening.required(contract, "contract")
    state = None
    if not (_is_file(wanted) and _is_file(expected)):
        state = opening.for_reading(registry, at=at, offline=offline)
    promised, spec_side = _spec(wanted, state)
    named = provider or (None if _is_file(wanted) else wanted.partition("@")[0])
    relied, contract_side = _contract(expected, state, named)
    comparison = _compared(relied, promised)
    if json:
        render.say_json(_answer(comparison, contract_side, spec_side, state.commit if state else None))
    else:
        _print(comparison, contract_side, spec_side)
    return BY_VERDICT[comparison.verdict]


def _compared(contract: Contract, spec: Spec) -> Comparison:
    from signet.core.compare import compare

    return compare(contract, spec)


def _is_file(text: str) -> bool:
    """Is it a path, and not a name in the registry? What exists or looks like a path is one."""
    path = Path(text)
    return files.is_file(path) or "/" in text or path.suffix in files.ENDINGS


def _spec(text: str, state: RegistryState | None) -> tuple[Spec, Side]:
    if state is None or _is_file(text):
        read = files.spec(Path(text))
        return read.spec, Side(text, read.document)
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
    from signet.core.formats import text as formats
    from signet.registry import layout

    path = layout.path("spec", service, digest)
    data, prefix = state.bytes_at(path), "/document"
    if data is None:
        path = layout.path("agreed-spec", service)
        data, prefix = state.bytes_at(path) or b"", ""
    return Side(label, formats.read(data, path), prefix)


def _contract(text: str, state: RegistryState | None, provider: str | None) -> tuple[Contract, Side]:
    if state is None or _is_file(text):
        read = files.contract(Path(text))
        return read.contract, Side(text, read.document)
    from signet.core.formats import text as formats
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
    return found, Side(text, formats.read(state.bytes_at(path) or b"", path), "/pact")


def _known(state: RegistryState, service: str) -> None:
    from signet.core.model.names import nearest

    if service not in state.services():
        near = nearest(service, state.services())
        unknown = [("unknown-service", "service", service, near)]
        raise UnknownName(unknown, "If it is a file, check its path; 'signet status' lists the services.")


def _answer(comparison: Comparison, contract: Side, spec: Side, commit: str | None) -> dict[str, Any]:
    findings = []
    for finding in comparison.findings:
        places = {
            "contract_place": contract.place(finding.contract_pointer),
            "spec_place": spec.place(finding.spec_pointer),
        }
        findings.append(finding.as_json() | places)
    return {
        "schema": "signet.comparison/1",
        "verdict": comparison.verdict,
        "contract": contract.label,
        "spec": spec.label,
        "commit": commit,
        "findings": findings,
    }


def _print(comparison: Comparison, contract: Side, spec: Side) -> None:
    verb = {"compatible": "fits", "incompatible": "does not fit", "undecided": "may or may not fit"}[comparison.verdict]
    render.say(
        f"{comparison.verdict}: {contract.label} {verb} {spec.label}",
        colour=render.MARKS.get(comparison.verdict, "yellow"),
    )
    for finding in comparison.findings:
        _print_finding(finding, contract, spec)
    counts = {severity: sum(one.severity == severity for one in comparison.findings) for severity in COLOURS}
    words = [render.counted(number, severity) for severity, number in counts.items() if number]
    render.say(", ".join(words).replace("undecideds", "undecided") or "no findings")


def _print_finding(finding: Finding, contract: Side, spec: Side) -> None:
    render.say(
        f"  {finding.severity}: {finding.message} [{finding.code}]", colour=COLOURS.get(finding.severity, "yellow")
    )
    render.say(f"      interaction {finding.interaction}: {finding.description}")
    for side, pointer in ((contract, finding.contract_pointer), (spec, finding.spec_pointer)):
        place = side.place(pointer)
        render.say(f"      {place['file']}:{place['line']} #{place['pointer']}")
    if finding.expected or finding.promised:
        render.say(f"      expected: {finding.expected or '-'}; promised: {finding.promised or '-'}")
