"""The answer of Deploy Guard: a verdict, and one typed reason for each pair that was looked at.

One class a reason. Each has a stable ``code``, a ``weight`` (no, unknown, yes, none), a ``kind`` (regression: needs a
code change; pending: waits for a test, a publish or a deployment; note), a sentence, and the command that helps.
Which reason a pair gets is decided in ``signet.core.guard``, not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from json import dumps
from typing import Any, ClassVar, NamedTuple

Evidence = tuple[str, ...]
"""A fact that a reason stands on, named as in ``State.expect``; also ("placement", environment, service)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: a consumer version and a provider version, where they exist."""

    code: ClassVar[str]
    weight: ClassVar[str]
    kind: ClassVar[str]
    about: ClassVar[str]

    consumer: str | None = None
    consumer_version: str | None = None
    provider: str | None = None
    provider_version: str | None = None
    environment: str | None = None
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()
    _text: str = field(default="", init=False, repr=False, compare=False)

    @property
    def consumer_name(self) -> str:
        """``cart 2.1.0``."""
        return " ".join(part for part in (self.consumer, self.consumer_version) if part)

    @property
    def provider_name(self) -> str:
        """``catalog 4.0.1``, or ``catalog`` where no version is meant."""
        return " ".join(part for part in (self.provider, self.provider_version) if part)

    def sentence(self) -> str:
        """What is so, in one sentence."""
        raise NotImplementedError

    def remedy(self) -> str:
        """What helps, with the command; empty where nothing has to be done."""
        return ""

    def as_json(self) -> dict[str, Any]:
        """The reason as a JSON object; a service or version that does not exist is left out."""
        named = {
            "consumer": self.consumer,
            "consumer_version": self.consumer_version,
            "provider": self.provider,
            "provider_version": self.provider_version,
        }
        return {
            "code": self.code,
            "weight": self.weight,
            "class": self.kind,
            **{key: value for key, value in named.items() if value is not None},
            "sentence": self.sentence(),
            "remedy": self.remedy(),
        }

    def as_text(self) -> str:
        """The same as compact JSON; worked out once, as the same reason is told to many."""
        if not self._text:
            object.__setattr__(self, "_text", _json(self.as_json()))
        return self._text


def _json(value: Any) -> str:
    return dumps(value, ensure_ascii=False, separators=(",", ":"))


class Ignored(Reason):
    code, weight, kind = "ignored", "none", "note"
    about = "The pair was left out because --ignore names its consumer or its provider."

    def sentence(self) -> str:
        return f"{self.consumer_name} with {self.provider_name}: left out, as --ignore asks."


class ProviderNotDeployed(Reason):
    code, weight, kind = "provider-not-deployed", "no", "pending"
    about = "The consumer version has a contract with a provider that has no live version there."

    def sentence(self) -> str:
        return f"{self.consumer_name} needs {self.provider}, and no version of {self.provider} is live {self.place}."

    @property
    def place(self) -> str:
        """``in production``, or for main branches their heads."""
        return f"in {self.environment}" if self.environment else "on its main branch"

    def remedy(self) -> str:
        if self.environment:
            return (
                f"Deploy {self.provider} first: signet update-deployment --name {self.provider} --version VERSION "
                f"--environment {self.environment}; or ask for both together: --with {self.provider}@VERSION."
            )
        return f"Publish a version of {self.provider} from its main branch: signet publish --branch BRANCH."


class ReplayFailed(Reason):
    code, weight, kind = "replay-failed", "no", "regression"
    about = "The latest replay of the contract by the provider version failed."

    def sentence(self) -> str:
        return f"{self.provider_name} failed the replay of the contract of {self.consumer_name}."

    def remedy(self) -> str:
        return f"Change {self.provider} or {self.consumer}, and replay again: {_replay(self)}"


class ContractIncompatible(Reason):
    code, weight, kind = "contract-incompatible", "no", "regression"
    about = "The provider version has a spec, and the contract of the consumer version does not fit it."

    def sentence(self) -> str:
        text = f"The contract of {self.consumer_name} does not fit the spec of {self.provider_name}"
        return text + (f": {self.detail.rstrip('.')}." if self.detail else ".")

    def remedy(self) -> str:
        spec = self.provider if self.provider_version is None else f"{self.provider}@{self.provider_version}"
        return f"See every place: signet compare --contract {self.consumer}@{self.consumer_version} --spec {spec}."


class ProviderFailedVerification(Reason):
    code, weight, kind = "provider-failed-verification", "no", "regression"
    about = "The latest test of the provider version against its spec failed."

    def sentence(self) -> str:
        return f"{self.provider_name} failed the test against its own spec, so {self.consumer_name} cannot rely on it."

    def remedy(self) -> str:
        return f"Mend {self.provider}, and test it again: {_spec_test(self)}"


class Compatible(Reason):
    code, weight, kind = "compatible", "yes", "note"
    about = "The comparison passes and the spec test passed, or the latest replay passed."

    def sentence(self) -> str:
        text = f"{self.consumer_name} works with {self.provider_name}"
        return text + (f": {self.detail}." if self.detail else ".")


class ComparisonUndecided(Reason):
    code, weight, kind = "comparison-undecided", "unknown", "pending"
    about = "The comparison has no answer: it ended over its budget, or there are messages. A passed replay decides."

    def sentence(self) -> str:
        text = f"The contract of {self.consumer_name} could not be compared with the spec of {self.provider_name}"
        return text + (f": {self.detail}." if self.detail else ".")

    def remedy(self) -> str:
        return f"Replay the contract: {_replay(self)}"


class ProviderUnverified(Reason):
    code, weight, kind = "provider-unverified", "unknown", "pending"
    about = "The provider version was never tested against its spec."

    def sentence(self) -> str:
        return f"{self.provider_name} was never tested against its spec, so {self.consumer_name} has only a promise."

    def remedy(self) -> str:
        return f"Test it: {_spec_test(self)}"


class ReplayMissing(Reason):
    code, weight, kind = "replay-missing", "unknown", "pending"
    about = "The provider has no spec, lives by replays, and this version has no replay of this contract."

    def sentence(self) -> str:
        return f"{self.provider_name} has not replayed the contract of {self.consumer_name}."

    def remedy(self) -> str:
        return f"Replay it: {_replay(self)}"


class SpecMissing(Reason):
    code, weight, kind = "spec-missing", "unknown", "pending"
    about = "The provider version has neither a spec nor the result of a replay: there is nothing to judge by."

    def sentence(self) -> str:
        return f"{self.provider_name} has no spec and no replay, so nothing says whether {self.consumer_name} works."

    def remedy(self) -> str:
        if self.provider_version is None:
            return f"Publish its spec: signet publish --name {self.provider} --path openapi.yaml."
        return (
            f"Publish its spec: signet publish --name {self.provider} --version {self.provider_version} "
            f"--path openapi.yaml; or replay the contract: {_replay(self)}"
        )


class NothingToCheck(Reason):
    code, weight, kind = "nothing-to-check", "none", "note"
    about = "No pair is left: nobody there depends on the candidate, and it depends on nobody."

    def sentence(self) -> str:
        return f"There is nothing to check: {self.detail}."


class IgnoreNoMatch(Reason):
    code, weight, kind = "ignore-no-match", "none", "note"
    about = "--ignore names a service or a version that the registry does not know."

    def sentence(self) -> str:
        return f"--ignore {self.detail} names nothing that the registry knows."

    def remedy(self) -> str:
        return "Check its spelling: signet status lists the services."


def _spec_test(reason: Reason) -> str:
    version = reason.provider_version or "VERSION"
    return f"signet test --name {reason.provider} --version {version} --provider-url URL{_OTHERS}"


def _replay(reason: Reason) -> str:
    version = reason.provider_version or "VERSION"
    named = f"--name {reason.provider} --version {version} --consumer {reason.consumer}"
    return f"signet test {named} --provider-url URL{_OTHERS}"


_OTHERS = "; or record what another tool found: signet record-verification."


REASONS: tuple[type[Reason], ...] = (
    Ignored,
    ProviderNotDeployed,
    ReplayFailed,
    ContractIncompatible,
    ProviderFailedVerification,
    Compatible,
    ComparisonUndecided,
    ProviderUnverified,
    ReplayMissing,
    SpecMissing,
    NothingToCheck,
    IgnoreNoMatch,
)
"""Every reason there is, in the order in which they are tried."""


class Candidate(NamedTuple):
    """A version that asks."""

    service: str
    version: str

    def __str__(self) -> str:
        return f"{self.service} {self.version}"


class Decision(NamedTuple):
    """The verdict (yes, no, unknown) with all its reasons, for candidates in an environment.

    ``environment`` None asks for the heads of main branches ("may I merge?").
    """

    verdict: str
    candidates: tuple[Candidate, ...]
    environment: str | None
    reasons: tuple[Reason, ...]

    @property
    def waits(self) -> bool:
        """True if it is not *yes*, and every reason against or open only waits for somebody (rules.md, ``--wait``)."""
        held = [reason for reason in self.reasons if reason.weight in ("no", "unknown")]
        return bool(held) and all(reason.kind == "pending" for reason in held)

    def as_json(self) -> dict[str, Any]:
        """The decision as a JSON object (schema ``signet.decision/1``), without the registry it was asked of."""
        return {
            "schema": "signet.decision/1",
            "verdict": self.verdict,
            "candidates": [{"service": one.service, "version": one.version} for one in self.candidates],
            "environment": self.environment,
            "target": None if self.environment else "main-branch",
            "reasons": [reason.as_json() for reason in self.reasons],
        }

    def as_text(self, commit: str) -> str:
        """The same with its commit, as compact JSON: what the index service sends."""
        head = _json(self._replace(reasons=()).as_json()).removesuffix("]}")
        return f'{head}{",".join([reason.as_text() for reason in self.reasons])}],"commit":{_json(commit)}}}'
