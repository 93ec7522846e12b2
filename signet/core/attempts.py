"""What is run for trials, and what the results say: commands filled in, equal ones once, results as facts.

The commands are those of the user, with what the registry says in their places (``signet.core.placeholders``). Nothing
is started here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from signet.core.placeholders import ARTIFACTS, fault_of, filled, places
from signet.core.trials import Trial
from signet.errors import Fault, InvalidData, UsageError


@dataclass(frozen=True, slots=True)
class Attempt:
    """A trial with its commands filled in: ``start`` is None for a provider that runs already.

    ``versions`` are all consumer versions that it speaks for: equal contract, equal commands, so one run is enough.
    ``missing`` says which artifact the registry does not name; then there is nothing that could be run.
    """

    trial: Trial
    start: tuple[str, ...] | None
    tests: tuple[str, ...]
    versions: tuple[str, ...]
    missing: str = ""

    @property
    def title(self) -> str:
        """``cart 2.1.0 with catalog 4.0.1``."""
        one = self.trial
        return f"{one.consumer} {', '.join(self.versions)} with {one.provider} {one.provider_version}"


def attempts(trials: Sequence[Trial], start: Sequence[str] | None, tests: Sequence[str]) -> tuple[Attempt, ...]:
    """What is to be run for these trials, each run once; ``{port}`` and ``{url}`` are left for when they are known.

    ``start`` and ``tests`` are checked templates (``signet.core.placeholders``). Names and versions of both sides have
    places in both; ``{version}`` and the artifacts are of the provider in ``start`` and of the consumer in ``tests``.
    InvalidData, with every fault, for artifacts that no program may get; UsageError where one program would be run as
    the evidence for two: before anything is run.
    """
    faults: list[Fault] = []
    found: dict[tuple[object, ...], Attempt] = {}
    for one in trials:
        sides = (
            (start, one.provider, one.provider_version, one.provider_artifacts),
            (tests, one.consumer, one.consumer_version, one.consumer_artifacts),
        )
        missing = ""
        words = []
        for template, service, version, artifacts in sides:
            wanted = [kind for kind in ARTIFACTS if kind in places(template or ())]
            absent = [kind for kind in wanted if kind not in artifacts]
            if absent and not missing:
                missing = f"{service} {version} has no artifact {' and no '.join(absent)}"
            for kind in wanted:
                reason = fault_of(artifacts[kind]) if kind in artifacts else ""
                if reason:
                    faults.append(Fault(f"{service} {version}", f"/artifacts/{kind}", 0, f"is refused: {reason}"))
            known = {kind: artifacts[kind] for kind in wanted if kind in artifacts}
            values = {**known, **_names(one), "version": version}
            words.append(None if template is None else tuple(filled(template, values)))
        begins, runs = words
        key = (one.consumer, one.provider, one.provider_version, one.contract, begins, runs)
        before = found[key].versions if key in found else ()
        found[key] = Attempt(one, begins, runs or (), (*before, one.consumer_version), missing)
    if faults:
        raise InvalidData(
            "Artifacts are refused: they would not be plain arguments of a program.",
            list(dict.fromkeys(faults)),
            "Nothing was run. Publish a version with the right artifacts.",
        )
    made = tuple(found.values())
    _refuse_one_for_two(made)
    return made


def _refuse_one_for_two(made: Sequence[Attempt]) -> None:
    """What is started must be of one provider version, and what is run of one contract."""
    started: dict[object, str] = {}
    ran: dict[object, tuple[str, str]] = {}
    for one in made:
        trial = one.trial
        if one.missing:
            continue
        other = started.setdefault(one.start, trial.provider_version)
        if other != trial.provider_version:
            raise UsageError(
                f"The same provider would be tested as {trial.provider} {other} and {trial.provider_version}.",
                "Say in --start which one is meant ({image}, {source}, {version}), or name it: --provider-version.",
            )
        consumer, contract = ran.setdefault((one.tests, trial.provider_version), (one.title, trial.contract))
        if (consumer.partition(" ")[0], contract) != (trial.consumer, trial.contract):
            raise UsageError(
                f"The same tests would be run for {consumer} and for {one.title}.",
                "Say in --tests which ones are meant ({tests}, {source}, {consumer}, {version}), or name --consumer.",
            )


def _names(one: Trial) -> dict[str, str]:
    return {
        "consumer": one.consumer,
        "consumer_version": one.consumer_version,
        "provider": one.provider,
        "provider_version": one.provider_version,
    }


@dataclass(frozen=True, slots=True)
class Tried:
    """How an attempt went. ``passed`` is None where it could not be tested, and ``why`` says so."""

    attempt: Attempt
    passed: bool | None
    exit_code: int | None = None
    why: str = ""


class Verdict(NamedTuple):
    """What a run says about a contract at a provider version: one fact of the registry."""

    provider: str
    provider_version: str
    consumer: str
    contract: str
    passed: bool
    consumer_versions: tuple[str, ...]
    exit_code: int


def verdicts(tried: Sequence[Tried]) -> tuple[Verdict, ...]:
    """The facts of a run. Several versions of a consumer may share a contract, with tests of their own.

    It failed if the tests of one of them failed. It passed if all of them passed: of one that could not be tested
    nothing is known, so then there is no fact.
    """
    by_fact: dict[tuple[str, str, str, str], list[Tried]] = {}
    for one in tried:
        trial = one.attempt.trial
        key = (trial.provider, trial.provider_version, trial.consumer, trial.contract)
        by_fact.setdefault(key, []).append(one)
    found = []
    for key, group in by_fact.items():
        failed = [one for one in group if one.passed is False]
        if failed or all(one.passed for one in group):
            told = failed or group
            versions = tuple(version for one in told for version in one.attempt.versions)
            found.append(Verdict(*key, not failed, versions, told[0].exit_code or 0))
    return tuple(found)
