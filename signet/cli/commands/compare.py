"""``signet compare``: does a contract fit a spec?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import formats, named, opening, options
from signet.cli.boundary import BY_VERDICT

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
    if not (named.is_file(wanted) and named.is_file(expected)):
        state = opening.for_reading(registry, at=at, offline=offline)
    promised, spec_side = named.spec(wanted, state)
    named_provider = provider or (None if named.is_file(wanted) else wanted.partition("@")[0])
    relied, contract_side = named.contract(expected, state, named_provider)
    are_stored = not (named.is_file(wanted) or named.is_file(expected))
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
