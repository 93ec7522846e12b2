"""``signet publish``: specs and contracts into the registry, in one commit, compared at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from signet.cli import checkout, counterparts, files, leaks, opening, options, receipts, render
from signet.errors import SignetError, UsageError

if TYPE_CHECKING:
    from signet.cli.counterparts import Meeting
    from signet.core.model.contract import Contract
    from signet.registry.opening import Repository
    from signet.registry.record import ContractItem, SpecItem


def publish(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Specs and contracts, or folders of them.")
    ] = None,
    path: options.Paths = None,
    kind: Annotated[
        Literal["spec", "contract", "provider", "consumer"] | None,
        typer.Option(
            "--type",
            "-t",
            envvar="SIGNET_TYPE",
            help="What the files are, if they should not be told apart by themselves: spec (or provider), contract "
            "(or consumer).",
        ),
    ] = None,
    name: options.Name = None,
    version: options.Version = None,
    branch: options.Branch = None,
    artifact: options.Artifacts = None,
    allow_secrets: Annotated[
        bool,
        typer.Option(
            "--allow-secrets",
            envvar="SIGNET_ALLOW_SECRETS",
            help="Publish contracts also if something in them looks like a secret.",
        ),
    ] = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Publish specs (OpenAPI) and contracts (Pact files) in one commit, and compare them at once.

    What each file is, is seen from its content. --name is the service that publishes: the provider of a spec, the
    consumer of a contract (none: the consumer's name in the Pact file). A contract always belongs to a version:
    --version, or else the commit that is checked out here. A spec published without --version becomes the agreed spec
    of the provider; with one it is the spec of that version. --artifact says where the image, the source or the tests
    of the version are; 'signet run' hands that to the commands that start it or test with it.

    A contract that holds what is surely a secret (a private key, a token, the number of a card) is refused.

    The same publish again changes nothing. Other content under a published version is refused. The comparison with the
    counterparts goes to stderr and never changes the exit code: deploy-guard decides.

    \b
    Examples:
      signet publish --name catalog --path openapi.yaml
      signet publish --name catalog --version 4.0.1 --path openapi.yaml
      signet publish --name cart --version 2.1.0 --branch main --path pacts
      signet publish --name cart --version 2.1.0 --path pacts --artifact tests=tests/contract
    """
    named = [*(path or []), *(paths or [])]
    if not named:
        raise UsageError("No file is named.", "Pass --path FILE; it may be repeated.")
    given = files.read(files.expanded(named), files.KINDS[kind] if kind else None)
    if not allow_secrets:
        leaks.refuse([one for one in given if isinstance(one, files.ContractFile)])
    specs = [one for one in given if isinstance(one, files.SpecFile)]
    contracts = _merged([one.contract for one in given if isinstance(one, files.ContractFile)])
    _check(specs, contracts, name)
    artifacts = options.artifacts(artifact)
    if artifacts and not contracts and not version:
        raise UsageError("An artifact is of a version, and an agreed spec has none.", "Pass --version.")
    if artifacts and len({name or one.consumer for one in contracts}) > 1:
        raise UsageError("Contracts of several consumers are published, and an artifact is of one.", "Pass --name.")
    repo = opening.for_writing(registry)
    number = checkout.version(version) if contracts or version else None
    spec_version = number if version else None
    on = checkout.branch(branch) if number else None
    items = _items(specs, contracts, name, number, spec_version, on)

    from signet.registry import record

    receipt = record.publish(repo, items, artifacts=artifacts, how=opening.how())
    meetings = _compared(repo, items)
    for meeting in meetings:
        verdict = meeting.comparison.verdict
        render.note(meeting.sentence(), colour=render.MARKS.get(verdict, "yellow"))
    return receipts.recorded(receipt, as_json=json, comparisons=[meeting.as_json() for meeting in meetings])


def _merged(contracts: list[Contract]) -> list[Contract]:
    """Several Pact files of one pair are one contract."""
    from signet.core.formats import pact

    pairs: dict[tuple[str, str], list[Contract]] = {}
    for contract in contracts:
        pairs.setdefault((contract.consumer, contract.provider), []).append(contract)
    return [pact.merged(group) for group in pairs.values()]


def _check(specs: Sequence[files.SpecFile], contracts: Sequence[Contract], name: str | None) -> None:
    if specs and name is None:
        raise UsageError("A spec does not say which service it is of.", "Pass --name, or set SIGNET_NAME.")
    if len(specs) > 1:
        names = ", ".join(str(one.path) for one in specs)
        raise UsageError(f"Several specs are named, and a service has one: {names}.", "Publish one of them.")
    consumers = sorted({contract.consumer for contract in contracts})
    if name is not None and len(consumers) > 1:
        raise UsageError(
            f"--name {name} is one consumer, and the contracts are of several: {', '.join(consumers)}.",
            "Leave out --name, or publish the files of each consumer by themselves.",
        )


def _items(
    specs: Sequence[files.SpecFile],
    contracts: Sequence[Contract],
    name: str | None,
    version: str | None,
    spec_version: str | None,
    branch: str | None,
) -> list[SpecItem | ContractItem]:
    from signet.registry.record import ContractItem, SpecItem

    items: list[SpecItem | ContractItem] = []
    for one in specs:
        items.append(SpecItem(one.spec, one.text, name or "", spec_version, branch if spec_version else None))
    for contract in contracts:
        items.append(ContractItem(contract, version or "", branch, name))
    return items


def _compared(repo: Repository, items: Sequence[SpecItem | ContractItem]) -> list[Meeting]:
    """The comparisons on the state that holds now; what stands in their way is said, and is no failure."""
    from signet.registry.opening import newest
    from signet.registry.record import SpecItem

    try:
        state = newest(repo)
        consumers, providers = [], []
        for item in items:
            if isinstance(item, SpecItem):
                providers.append((state.resolve_alias(item.service), item.version))
            else:
                consumers.append((state.resolve_alias(item.consumer or item.contract.consumer), item.version))
        found = [*counterparts.of_contracts(state, consumers), *counterparts.of_specs(state, providers)]
    except SignetError as error:
        render.note(f"not compared: {error.message}")
        return []
    except Exception as error:  # noqa: BLE001 - it is recorded already: advice that fails must not call that a failure
        render.note(f"not compared, by a bug of ours ({type(error).__name__}); 'signet compare' reports it in full")
        return []
    return list(dict.fromkeys(found))
