"""One interaction on stage: its provider states set, its request let through, its answer judged, its states torn down.

What counts as a failure of the provider, and what as no test at all, is decided here:

- a wrong answer, a state that cannot be set, and no answer from a provider that does answer after that: a problem;
- no connection, a provider that is gone or hangs as a whole, a verifier without a verdict: CouldNotTest.
"""

from __future__ import annotations

import itertools
import time
from typing import Any
from urllib.parse import urlsplit

from signet.errors import CouldNotTest, SignetError
from signet.live import exchanges
from signet.live.exchanges import Seen
from signet.live.outcome import Problem, Row
from signet.live.replay import documents, findings
from signet.live.replay.gate import Gate, Passage
from signet.live.replay.judging import Judge
from signet.live.replay.masking import Masking
from signet.live.replay.plan import Limits
from signet.live.replay.states import NotSet, Setter, Wanted
from signet.live.replay.upstream import NoAnswer, Unreachable, Upstream

_THERE = "Is it started, does it listen there, and does it stay up? Its log may say why it is gone."


class Stage:
    """Replays interactions at one provider."""

    def __init__(
        self,
        provider: Upstream,
        url: str,
        gate: Gate,
        judge: Judge,
        setter: Setter | None,
        masking: Masking,
        limits: Limits,
        seen: Seen | None = None,
    ) -> None:
        parts = urlsplit(url)
        self._provider, self._origin = provider, f"{parts.scheme}://{parts.netloc}"
        self.tokens = itertools.count(1)
        self._gate, self.judge, self._setter, self.masking, self._limits = gate, judge, setter, masking, limits
        self._seen = seen

    def replayed(self, name: str, document: dict[str, Any], wanted: list[Wanted]) -> Row:
        """The row of one interaction; CouldNotTest, or UsageError for a plan that does not work."""
        begun = time.monotonic()
        passage = self._gate.opened()
        ready: list[Wanted] = []
        problems: list[Problem] = []
        try:
            values = self._set_up(wanted, ready)
            self._check_values(document, values)
            problems = self._judged(name, documents.with_values(document, values), passage, bool(wanted))
        except NotSet as error:
            problems = [Problem(error.code, self.masking(str(error)))]
        finally:
            problems += self._torn_down(ready)
        if not problems and self._seen is not None:
            self._show(name, passage, self._seen)
        succeeded = sum(200 <= answer.status < 300 for answer in passage.answers)
        return Row(name, tuple(problems), len(passage.sent), succeeded, time.monotonic() - begun)

    def _show(self, name: str, passage: Passage, seen: Seen) -> None:
        """Tell what was asked and answered, and what was added to it."""
        for contract, sent, answer in zip(passage.contract, passage.sent, passage.answers, strict=False):
            seen(exchanges.replayed(name, contract, sent, (answer.status, answer.headers, answer.body)))

    def _set_up(self, wanted: list[Wanted], ready: list[Wanted]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for each in wanted:
            self.judge.left()
            values.update(each.params)
            if self._setter is not None:
                ready.append(each)
                values.update(self._setter.set_up(each))
        return values

    def _check_values(self, document: dict[str, Any], values: dict[str, Any]) -> None:
        """The verifier would take the example for a value that is missing, and the failure would be the provider's."""
        missing = sorted(documents.expressions(document["interactions"][0]) - set(values))
        if missing:
            where = (
                "the provider states return no value"
                if self._setter
                else "no provider states are set to return a value"
            )
            raise NotSet("state-value-missing", f"{where} for {', '.join(missing)}")

    def _torn_down(self, ready: list[Wanted]) -> list[Problem]:
        """Undo what was set up, also half-way, the last first. A problem here never hides an earlier one."""
        found = []
        for each in reversed(ready):
            try:
                if self._setter is not None:
                    self._setter.tear_down(each)
            except NotSet as error:
                if error.code != "state-unknown":
                    found.append(Problem(error.code, self.masking(str(error))))
            except SignetError as error:
                found.append(Problem("state-failed", self.masking(error.message)))
        return found

    def _judged(self, name: str, document: dict[str, Any], passage: Passage, has_states: bool) -> list[Problem]:
        answer = self.judge.asked(document, self._gate, self._limits.answer)
        for sent, given in zip(passage.sent, passage.contract, strict=False):
            self.masking.learn_from(sent, given)
        if passage.filter_failed:
            raise CouldNotTest(f"The request filter failed: {passage.filter_failed}.", "Mend 'filter_request'.")
        if passage.missing is not None:
            return [self._no_answer(name, passage.missing, passage)]
        try:
            found = findings.mismatches(answer)
        except findings.NoVerdict as error:
            raise CouldNotTest(f"{name!r} could not be replayed: {error}.", "Check this interaction.") from None
        if not passage.answers:
            raise CouldNotTest(f"{name!r} was not sent, though the verifier has a verdict.", "Check this interaction.")
        unset = (
            " (its provider states were not set: nothing is given that sets them)"
            if has_states and not self._setter
            else ""
        )
        command = self._command(passage)
        return [Problem(code, self.masking(message + unset), command) for code, message in found]

    def _no_answer(self, name: str, missing: NoAnswer, passage: Passage) -> Problem:
        if isinstance(missing, Unreachable):
            raise CouldNotTest(f"The provider at {self._origin} was not reached: {missing}.", _THERE)
        self.judge.left()
        if not self._provider.is_there():
            raise CouldNotTest(f"The provider at {self._origin} stopped answering at {name!r}: {missing}.", _THERE)
        return Problem("no-answer", f"there was no answer: {missing}", self._command(passage))

    def _command(self, passage: Passage) -> str:
        if not passage.sent:
            return ""
        sent = passage.sent[-1]
        return self.masking.curl(sent, self._origin + sent.path, passage.contract[-1])
