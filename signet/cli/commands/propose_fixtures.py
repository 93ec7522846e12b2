"""``signet propose-fixtures``: recorded answers become fixtures, on a branch of the registry, for people to approve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import files, opening, options, receipts
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.core.model.contract import Contract
    from signet.registry.read import RegistryState


def propose_fixtures(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="Pact files, or folders of them.")] = None,
    path: options.Paths = None,
    name: options.Name = None,
    environment: options.Environment = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Propose recorded answers as fixtures for mocks: on a branch of the registry, which people approve by merging.

    --name is the provider. FILE is what 'signet proxy' recorded, or any Pact file of one consumer with it: the example
    of each request, and the example of its answer. With --environment they are for mocks of that environment alone.
    What does not fit the spec, or holds a secret that cannot be replaced, is left out, with the reason.

    The branch is signet/fixtures/PROVIDER/by-CONSUMER. A later proposal takes its place; merging it approves the
    fixtures. The registry's own branch stays as it is, and nothing is pushed where nothing is new.

    \b
    Examples:
      signet propose-fixtures --name catalog pacts/cart-catalog.json
      signet propose-fixtures --name catalog --environment staging --path pacts

    Exit code: 0, whatever could be proposed.
    """
    service = opening.required(name, "name")
    given = [*(path or []), *(paths or [])]
    if not given:
        raise UsageError("No file is named.", "Name the Pact files whose answers are to be proposed.")
    contracts = [files.contract(one).contract for one in files.expanded(given, (".json",))]
    from signet.core.fixtures import Provenance, recorded
    from signet.registry import record
    from signet.registry.opening import newer

    repo = opening.for_writing(registry)
    state = newer(repo)
    consumer = _consumer(state, service, contracts)
    exchanges = [one for contract in contracts for one in recorded(contract)]
    whose = Provenance(state.resolve_alias(service), consumer, frozenset([environment] if environment else []))
    receipt = record.propose_fixtures(repo, exchanges, whose, how=opening.how())
    return receipts.recorded(receipt, as_json=json)


def _consumer(state: RegistryState, service: str, contracts: list[Contract]) -> str:
    """The one consumer that all contracts are of; they are with the service."""
    provider = state.resolve_alias(service)
    for contract in contracts:
        if state.resolve_alias(contract.provider) != provider:
            raise UsageError(
                f"The contract of {contract.consumer} is with {contract.provider}, and not with {service}.",
                "Name another file, or --name.",
            )
    consumers = sorted({state.resolve_alias(contract.consumer) for contract in contracts})
    if len(consumers) != 1:
        raise UsageError(
            f"The contracts are of several consumers: {', '.join(consumers)}.", "Propose those of each by themselves."
        )
    return consumers[0]
