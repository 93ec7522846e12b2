"""Results of live tests: the latest spec test of a version, the latest replay of a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from signet.core.guard import check_names, spec_of
from signet.core.model.contract import Contract
from signet.core.model.decision import Candidate
from signet.core.model.spec import Spec
from signet.errors import UsageError
from signet.registry import documents, layout
from signet.registry.facts.draft import Draft, new_name, seen
from signet.registry.facts.publishing import SpecItem, keep_spec
from signet.registry.read import RegistryState


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result: passed or not, by which ``tool``, to be read at ``url``, and the ``branch`` that the version is of.

    ``details`` are what the test tells of itself: its seed, how many requests.
    """

    passed: bool
    branch: str | None = None
    tool: str = ""
    url: str = ""
    details: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def word(self) -> Literal["passed", "failed"]:
        """The result as the records have it."""
        return "passed" if self.passed else "failed"


@dataclass(frozen=True, slots=True)
class Replayed:
    """The result of replaying one contract of a consumer."""

    consumer: str
    contract: Contract
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Tried:
    """The result of a consumer's tests at a provider version: it counts as a replay of the contract (a digest)."""

    service: str
    version: str
    consumer: str
    contract: str
    outcome: Outcome


def tried(draft: Draft, results: Sequence[Tried]) -> str:
    """The results of one run, also of several provider versions. UsageError where a contract is no longer there."""
    told = []
    for one in results:
        identity = ("contract", one.consumer, one.service, one.contract)
        if draft.state.entry(layout.path(*identity)) is None:
            raise UsageError(
                f"The contract of {one.consumer} with {one.service} is not in the registry any more.",
                "Publish it again, or run the tests again with what is there now.",
            )
        seen(draft, one.service, one.version, one.outcome.branch)
        record = _replay_file(one.service, one.version, one.consumer, one.contract, one.outcome)
        draft.put(("replay", one.service, one.version, one.consumer, one.contract), record)
        told.append(f"{one.service} {one.version} {one.outcome.word} (tests of {one.consumer})")
    return "; ".join(told)


def _replay_file(service: str, version: str, consumer: str, contract: str, outcome: Outcome) -> documents.ReplayFile:
    return documents.ReplayFile(
        service=service,
        version=version,
        consumer=consumer,
        contract=contract,
        result=outcome.word,
        tool=outcome.tool,
        url=outcome.url,
        details=dict(outcome.details),
    )


def spec_test(draft: Draft, service: str, version: str, outcome: Outcome, item: SpecItem | None) -> str:
    """The latest spec test of a provider version; without an item, against the spec that the version has."""
    service = draft.state.resolve_alias(service)
    seen(draft, service, version, outcome.branch)
    spec = item.spec if item is not None else _own_spec(draft, service, version)
    keep_spec(draft, service, spec)
    record = documents.SpecTestFile(
        service=service,
        version=version,
        spec=spec.digest,
        result=outcome.word,
        tool=outcome.tool,
        url=outcome.url,
        details=dict(outcome.details),
    )
    draft.put(("spec-test", service, version), record)
    return f"{service} {version} {outcome.word}"


def _own_spec(draft: Draft, service: str, version: str) -> Spec:
    state = draft.state
    digest = spec_of(state, service, version)
    if digest is not None:
        return state.spec(service, digest)
    agreed = state.agreed(service)
    if agreed is None:
        raise UsageError(
            f"{service} {version} has no spec that it could be tested against.",
            "Pass the tested spec with --spec FILE, or publish it first; for a replay pass --consumer.",
        )
    return agreed


def replay(
    draft: Draft,
    service: str,
    version: str,
    outcome: Outcome,
    consumer: str,
    consumer_version: str | None,
    contract: Contract | None,
) -> str:
    """The latest replay of a consumer's contract by a provider version. The contract: a document, or a version's."""
    service, consumer = draft.state.resolve_alias(service), draft.state.resolve_alias(consumer)
    seen(draft, service, version, outcome.branch)
    if contract is not None:
        new_name("service", consumer, draft.state.services())
        digest = contract.digest
    elif consumer_version is not None:
        digest = _contract_of(draft.state, consumer, consumer_version, service)
    else:
        raise UsageError(
            f"It is not said which contract of {consumer} was replayed.",
            "Pass --consumer-version, or the contract itself with --contract FILE.",
        )
    record = _replay_file(service, version, consumer, digest, outcome)
    draft.put(("replay", service, version, consumer, digest), record)
    return f"{service} {version} {outcome.word} (contract of {consumer})"


def several(
    draft: Draft,
    service: str,
    version: str,
    tested: tuple[SpecItem | None, Outcome] | None,
    replays: Sequence[Replayed],
) -> str:
    """The results of one run: a spec test (of the item, else of the version's own spec), and replays."""
    told: dict[str, list[str]] = {}
    if tested is not None:
        item, outcome = tested
        spec_test(draft, service, version, outcome, item)
        told.setdefault(outcome.word, []).append("spec")
    consumers: dict[str, list[str]] = {}
    for one in replays:
        replay(draft, service, version, one.outcome, one.consumer, None, one.contract)
        consumers.setdefault(one.outcome.word, []).append(draft.state.resolve_alias(one.consumer))
    for word, names in consumers.items():
        listed = ", ".join(dict.fromkeys(names))
        told.setdefault(word, []).append(f"contract{'s' if len(names) > 1 else ''} of {listed}")
    parts = [f"{word} ({'; '.join(told[word])})" for word in ("failed", "passed") if word in told]
    return f"{draft.state.resolve_alias(service)} {version} {', '.join(parts)}"


def _contract_of(state: RegistryState, consumer: str, version: str, provider: str) -> str:
    check_names(state, [Candidate(consumer, version)], None)
    manifest = state.manifest(consumer, version)
    contracts = manifest.contracts if manifest is not None else {}
    if provider not in contracts:
        raise UsageError(
            f"{consumer} {version} has no contract with {provider}.",
            f"It has contracts with: {', '.join(sorted(contracts)) or 'nobody'}.",
        )
    return contracts[provider]
