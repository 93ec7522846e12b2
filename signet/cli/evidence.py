"""From a registry's state to the tests that a provider version needs, and from their outcomes to what is recorded.

It decides which spec and which contracts are tested, what decides and what only informs, and what of the outcomes is a
fact. It starts nothing, sends nothing and prints nothing. Rules: rules.md ("Verification").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from signet.errors import CouldNotTest, UnknownName, UsageError

if TYPE_CHECKING:
    from signet.core.due import Due
    from signet.core.model.contract import Contract
    from signet.core.model.spec import Spec
    from signet.live.outcome import Outcome
    from signet.live.replay import Subject
    from signet.registry.read import RegistryState
    from signet.registry.record import Outcome as Result
    from signet.registry.record import Replayed, SpecItem


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for: ``only`` is "spec", "replays" or empty; ``again`` repeats what has passed already.

    ``development``: contracts that only a development branch has decide as well. ``has_states``: the provider can be
    put into the states that contracts name, or is in them.
    """

    only: str = ""
    consumer: str | None = None
    again: bool = False
    development: bool = False
    has_states: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A contract to replay, under its consumer's name in the registry; one that does not decide informs."""

    subject: Subject
    consumer: str
    decides: bool = True

    @property
    def contract(self) -> Contract:
        """The contract itself."""
        return self.subject.contract


@dataclass(slots=True)
class Choice:
    """What is to be tested. ``kept`` has passed before; ``left_out`` says what cannot be tested here, and why."""

    spec: Spec | None = None
    replays: list[Wanted] = field(default_factory=list)
    kept: list[Due] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def notes(self, service: str, version: str) -> list[str]:
        """What people are told of it before the test."""
        passed = [f"{label(one)}: the same content has passed at {service} {version} before" for one in self.kept]
        return [*passed, *self.left_out]


def spec_to_test(state: RegistryState, service: str, version: str) -> Spec | None:
    """The spec that a version is held to: the one it was published with, else the agreed one; None if there is none."""
    known = service in state.services()
    manifest = state.manifest(service, version) if known and version else None
    if manifest is not None and manifest.spec is not None:
        return state.spec(service, manifest.spec)
    return state.agreed(service) if known else None


def chosen(
    state: RegistryState | None,
    service: str,
    version: str,
    asked: Asked,
    spec: Spec | None = None,
    contracts: Sequence[Contract] = (),
) -> Choice:
    """What is to be tested at a version of a provider: what is named here, else what the registry says.

    1. The spec: the one that is named, else the version's own, else the agreed one.
    2. The replays: the contracts that are named, else those of every consumer version that is live anywhere or heads a
       branch; equal contents once, and what has passed at this version before only if asked ``again``.

    UnknownName for a service that is not known; CouldNotTest where nothing is left.
    """
    choice = Choice()
    if state is not None and spec is None and not contracts:
        _check_known(state, service)
    if asked.only != "replays":  # 1
        choice.spec = spec or (spec_to_test(state, service, version) if state is not None else None)
        if choice.spec is None:
            choice.left_out.append(f"there is no spec of {service or 'this provider'}: no spec test")
    if asked.only != "spec" and contracts:  # 2
        _take(state, service, contracts, asked, choice)
    elif asked.only != "spec" and state is not None:
        _choose(state, service, version, asked, choice)
    if choice.spec is None and not choice.replays and not choice.kept:
        raise CouldNotTest(
            f"There is nothing to test: {'; '.join(choice.left_out) or 'no contract with it is in use'}.",
            "Publish a spec or a contract, or name one with --spec or --contract.",
        )
    return choice


def _check_known(state: RegistryState, service: str) -> None:
    from signet.core.model.names import nearest

    if service not in state.services():
        near = nearest(service, state.services())
        raise UnknownName(
            [("unknown-service", "service", service, near)],
            "Nothing was created; publish its spec first, or name one with --spec.",
        )


def _choose(state: RegistryState, service: str, version: str, asked: Asked, choice: Choice) -> None:
    from signet.core.due import due
    from signet.live import replay

    if asked.consumer is not None and asked.consumer not in state.consumers(service):
        raise UsageError(
            f"{asked.consumer} has no contract with {service}.",
            f"Its consumers are: {', '.join(sorted(state.consumers(service))) or 'nobody'}.",
        )
    for one in due(state, service, version, consumer=asked.consumer):
        if one.known is not None and one.known.passed and not asked.again:
            choice.kept.append(one)
            continue
        contract = state.contract(one.consumer, service, one.contract)
        if not asked.has_states and replay.needs_states(contract):
            choice.left_out.append(f"{label(one)}: not replayed, as nothing sets its provider states (see --states)")
            continue
        subject = replay.Subject(contract, label(one), replay.was_recorded(contract))
        choice.replays.append(Wanted(subject, one.consumer, one.gates or asked.development))


def label(one: Due) -> str:
    """``contract of cart 1.2.0, 1.3.0``."""
    return f"contract of {one.consumer} {', '.join(one.consumer_versions)}"


def _take(
    state: RegistryState | None, service: str, contracts: Sequence[Contract], asked: Asked, choice: Choice
) -> None:
    """Contracts that are named decide, whatever the registry says of them."""
    from signet.live import replay

    for contract in contracts:
        consumer, provider = contract.consumer, contract.provider
        if state is not None:
            consumer, provider = state.resolve_alias(consumer), state.resolve_alias(provider)
        if service and provider != service:
            raise UsageError(
                f"The contract of {consumer} is with {provider}, and {service} is tested.",
                "Name another file, or --name.",
            )
        if asked.consumer not in (None, consumer):
            continue
        if not asked.has_states and replay.needs_states(contract):
            raise UsageError(
                f"The contract of {consumer} needs provider states, and nothing sets them.",
                "Pass --states, --states-url or --states-command; or --stateless if the provider is in them already.",
            )
        subject = replay.Subject(contract, f"contract of {consumer}", replay.was_recorded(contract))
        choice.replays.append(Wanted(subject, consumer))


# --- outcomes --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Evidence:
    """What the tests found: the spec test if there was one, and the replays beside what was wanted of them."""

    spec: tuple[Spec, Outcome] | None = None
    replays: list[tuple[Wanted, Outcome]] = field(default_factory=list)

    def outcomes(self) -> list[Outcome]:
        """All outcomes as they are told, the spec test first; what only informs is advice."""
        told = [] if self.spec is None else [self.spec[1]]
        return told + [found if wanted.decides else found.informing() for wanted, found in self.replays]


def has_passed(outcomes: Sequence[Outcome], kept: Sequence[Any]) -> bool:
    """Did all pass that decides? CouldNotTest where nothing was sent, and nothing is known from before."""
    if any(outcome.failed for outcome in outcomes):
        return False
    if not kept and not any(outcome.requests for outcome in outcomes):
        raise CouldNotTest(
            "Nothing could be sent: the contracts hold nothing that HTTP can judge.",
            "Test it with another tool, and record that: signet record-verification.",
        )
    return True


def facts(
    evidence: Evidence, service: str, *, branch: str | None, url: str
) -> tuple[tuple[SpecItem | None, Result] | None, list[Replayed], list[str]]:
    """What is recorded of the evidence: the spec test, the replays, and notes on what is no fact.

    The spec goes along as it was tested: the registry may have another one by now. A replay of which a part could not
    be sent has not passed; it is recorded only if it failed.
    """
    from signet.registry.record import Outcome as Result
    from signet.registry.record import Replayed, SpecItem

    def result(outcome: Outcome) -> Result:
        return Result(outcome.passed, branch, outcome.tool, url, outcome.details)

    tested, replays, notes = None, [], []
    if evidence.spec is not None:
        spec, outcome = evidence.spec
        tested = SpecItem(spec, b"", service), result(outcome)
    for wanted, outcome in evidence.replays:
        if outcome.failed or (outcome.requests and not any(row.skipped for row in outcome.rows)):
            replays.append(Replayed(wanted.consumer, wanted.contract, result(outcome)))
        else:
            notes.append(f"{outcome.subject}: not recorded, as not all of it can be replayed over HTTP")
    return tested, replays, notes
