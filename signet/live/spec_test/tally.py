"""What the events of a run add up to, operation by operation. It judges nothing but whether the run could be made.

Events are those of schemathesis' NDJSON report; what is not needed of them is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signet.errors import CouldNotTest
from signet.live.exchanges import Seen, exercised
from signet.live.spec_test.checks import CHECKS
from signet.live.spec_test.plan import PHASES
from signet.live.spec_test.requests import Sent, sent
from signet.live.spec_test.target import HIDDEN

Tell = Callable[[int, int, str], None]
UNIT_PHASES = PHASES[:3]
STATEFUL = PHASES[3]
NETWORK = {
    *("ConnectionError", "ConnectTimeout", "ReadTimeout", "Timeout", "SSLError", "ProxyError", "ChunkedEncodingError"),
    *("ContentDecodingError", "ServerUnavailable", "UnhealthyAPIError", "UnresponsiveOperationError"),
}
"""Errors of a run that say that an answer did not come, or not whole."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A check that an answer did not pass. ``title`` and ``message`` are schemathesis' own words.

    ``headers`` are those of the answer; ``sent`` are the requests that led to it.
    """

    check: str
    status: int
    title: str
    message: str
    headers: Mapping[str, Any]
    sent: tuple[Sent, ...]


@dataclass(slots=True)
class Tally:
    """What was counted for one operation. ``errors`` are why it, or a phase of it, could not be exercised."""

    requests: int = 0
    succeeded: int = 0
    seconds: float = 0.0
    statuses: set[int] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Count:
    """The tallies of a run. ``version`` is that of schemathesis; ``finished`` when its last event has come.

    ``seen`` gets what was asked and answered with 2xx, where no check failed; ``credentials`` are the names of headers
    that were given for the test.
    """

    tallies: dict[str, Tally]
    steps: int
    tell: Tell
    address: str
    version: str = ""
    finished: bool = False
    done: int = 0
    seen: Seen | None = None
    credentials: frozenset[str] = frozenset()
    loose: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, names: Iterable[str], phases: Iterable[str], tell: Tell, address: str) -> Count:
        """An empty count of these operations."""
        tallies = {name: Tally() for name in names}
        chosen = set(phases)
        steps = len(tallies) * len(chosen & set(UNIT_PHASES)) + (STATEFUL in chosen)
        return cls(tallies, steps, tell, address)

    def take(self, event: Mapping[str, Any]) -> None:
        """Count one event; CouldNotTest for one that says that the provider, or the run, is gone."""
        for kind, told in event.items():
            match kind:
                case "Initialize":
                    self.version = str(told.get("schemathesis_version", ""))
                case "ScenarioFinished":
                    self._scenario(told)
                case "PhaseFinished" if self.done < self.steps and told.get("phase", {}).get("name") == STATEFUL:
                    self._step(STATEFUL)
                case "NonFatalError":
                    self._error(told)
                case "FatalError":
                    raise self._fatal(told.get("exception", {}))
                case "EngineFinished":
                    self.finished = True

    def _scenario(self, told: Mapping[str, Any]) -> None:
        recorder = told.get("recorder", {})
        label = str(recorder.get("label", ""))
        unit = told.get("phase") in UNIT_PHASES
        cases = recorder.get("cases", {})
        for identity, interaction in recorder.get("interactions", {}).items():
            value = cases.get(identity, {}).get("value", {})
            name = label if unit else f"{value.get('method', '')} {value.get('path', '')}"
            tally = self.tallies.get(name)
            if tally is not None:
                before = len(tally.failures)
                self._interaction(tally, identity, interaction, recorder)
                if self.seen is not None and len(tally.failures) == before:
                    self._show(name, sent(recorder, identity), interaction.get("response"), self.seen)
        if unit:
            if label in self.tallies and told.get("skip_reason"):
                self.tallies[label].idle.append(str(told["skip_reason"]))
            self._step(label)

    def _interaction(
        self, tally: Tally, identity: str, interaction: Mapping[str, Any], recorder: Mapping[str, Any]
    ) -> None:
        tally.requests += 1
        response = interaction.get("response")
        if not response:
            return
        status = int(response.get("status_code", 0))
        tally.statuses.add(status)
        tally.succeeded += 200 <= status < 300
        tally.seconds += float(response.get("elapsed", 0))
        for check in recorder.get("checks", {}).get(identity, ()):
            if check.get("status") == "failure" and check.get("name") in CHECKS:
                failure = check.get("failure_info", {}).get("failure", {})
                told = str(failure.get("title", "")), str(failure.get("message") or "")
                headers = response.get("headers", {})
                tally.failures.append(Failure(check["name"], status, *told, headers, sent(recorder, identity)))

    def _show(self, name: str, requests: tuple[Sent, ...], response: Mapping[str, Any] | None, seen: Seen) -> None:
        """Tell of an answer with 2xx to a request that was meant to fit."""
        if response and requests and requests[-1].valid and 200 <= int(response.get("status_code", 0)) < 300:
            seen(exercised(name, requests[-1], response, HIDDEN, self.credentials))

    def _error(self, told: Mapping[str, Any]) -> None:
        value = told.get("value", {})
        kind, message = str(value.get("type", "")), _line(str(value.get("message", "")))
        label = str(told.get("label", ""))
        if kind in NETWORK:
            raise self._unreachable(kind, message, label)
        phase = str(told.get("phase") or "")
        text = f"{phase}: {message or kind}" if phase else message or kind
        if label in self.tallies:
            self.tallies[label].errors.append(text)
        else:
            self.loose.append(text)

    def _unreachable(self, kind: str, message: str, label: str) -> CouldNotTest:
        answered = sum(tally.requests for tally in self.tallies.values())
        place = f" at {label}" if label in self.tallies else ""
        if "imeout" in kind or kind == "UnresponsiveOperationError":
            return CouldNotTest(
                f"The provider at {self.address} gave no answer in time{place}.",
                "Is it overloaded, or does it hang? Allow more time for an answer, or exclude the operation.",
            )
        if not answered and ("refused" in message or "NameResolution" in message or "ConnectTimeout" in message):
            return CouldNotTest(
                f"The provider at {self.address} cannot be reached: {_why(message)}.",
                "Is it running, and is the URL right?",
            )
        return CouldNotTest(
            f"The provider at {self.address} broke the connection{place}: {message}.",
            "Did it crash? Look at its log; nothing is recorded of a test that was cut off.",
        )

    def _fatal(self, error: Mapping[str, Any]) -> CouldNotTest:
        kind, message = str(error.get("type", "")), _line(str(error.get("message", "")))
        if kind == "MemoryError":
            return CouldNotTest(
                f"The provider at {self.address} sent more than there is memory for.",
                "Exclude the operations whose answers do not end or are that large.",
            )
        return CouldNotTest(
            f"schemathesis could not test: {f'{kind}: {message}' if message else kind}.",
            "Is the spec one that it understands? 'signet publish' tells its faults.",
        )

    def _step(self, name: str) -> None:
        self.done = min(self.done + 1, self.steps)
        self.tell(self.done, self.steps, name)


def _line(text: str) -> str:
    """A message as one line, not too long."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= 300 else line[:300] + "..."


def _why(message: str) -> str:
    """Why there is no connection; the libraries below tell it in their own words, with their objects."""
    if "refused" in message:
        return "the connection is refused"
    return "its host is not known" if "NameResolution" in message else "no connection is made in time"
