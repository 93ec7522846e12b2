"""From tallies to an outcome: which failures are problems, which only advice, and when there is no outcome at all.

A test that found something wrong has an outcome, also where a part of it could not be made. One that found nothing
wrong has one only if it exercised every operation that was to be exercised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from signet.errors import CouldNotTest
from signet.live.outcome import Problem, Row
from signet.live.spec_test import checks
from signet.live.spec_test.checks import CHECKS, Check
from signet.live.spec_test.operations import Operation
from signet.live.spec_test.requests import curl
from signet.live.spec_test.sentences import sentence
from signet.live.spec_test.tally import Failure, Tally

EXCLUDED = "excluded"
NOBODY_HOME = frozenset({*range(300, 400), 401, 403, 404, 405, 407, 429, 502, 503, 504})
"""Statuses of a wrong address, of missing credentials, and of a proxy with nothing behind it."""

Masked = Callable[[str], str]


def rows(
    listed: Sequence[Operation],
    tallies: Mapping[str, Tally],
    secret: frozenset[str],
    masked: Masked,
) -> tuple[Row, ...]:
    """A row for each operation, in their order; CouldNotTest where the run says nothing about the provider."""
    _refuse_silence(tallies)
    made = tuple(_row(each, tallies.get(each.name), secret, masked) for each in listed)
    missed = [row for row in made if any(one.code == checks.NOT_EXERCISED for one in row.problems)]
    wrong = any(one.code != checks.NOT_EXERCISED for row in made for one in row.problems)
    if missed and not wrong:
        first = missed[0].problems[0]
        others = f" (and {len(missed) - 1} more)" if len(missed) > 1 else ""
        raise CouldNotTest(
            f"{missed[0].name}{others} could not be exercised: {first.message}",
            "Mend its schema, allow more phases or examples, or exclude it.",
        )
    return made


def _refuse_silence(tallies: Mapping[str, Tally]) -> None:
    """Statuses that anything at any address could have sent are no evidence about this provider."""
    statuses = set[int]().union(*(tally.statuses for tally in tallies.values()))
    if statuses and statuses <= NOBODY_HOME:
        told = ", ".join(str(status) for status in sorted(statuses)[:5])
        raise CouldNotTest(
            f"No operation ever succeeded; all that was answered is {told}.",
            "Are the address, its base path and the credentials right?",
        )


def _row(operation: Operation, tally: Tally | None, secret: frozenset[str], masked: Masked) -> Row:
    if tally is None:
        return Row(operation.name, skipped=EXCLUDED)
    problems: list[Problem] = []
    advice: list[Problem] = []
    for (check, _), failures in _grouped(tally.failures).items():
        (problems if check.gate else advice).append(_problem(check, failures, secret, masked))
    for code, message in _silence(operation, tally):
        (problems if code == checks.NOT_EXERCISED else advice).append(Problem(code, masked(message)))
    return Row(
        operation.name,
        _sorted(problems),
        tally.requests,
        tally.succeeded,
        round(tally.seconds, 3),
        advice=_sorted(advice),
    )


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda one: (checks.rank(one.code), one.code, one.message, one.request)))


def _silence(operation: Operation, tally: Tally) -> Iterator[tuple[str, str]]:
    """What was not exercised, and so says nothing."""
    reason = "; ".join(dict.fromkeys(tally.errors)) or "; ".join(dict.fromkeys(tally.idle))
    if not tally.requests or (tally.errors and not tally.succeeded):
        yield checks.NOT_EXERCISED, reason or "no request could be made for it"
        return
    if tally.errors:
        yield checks.PARTLY_EXERCISED, f"a part of its test could not be made: {reason}"
    if operation.can_succeed and not tally.succeeded:
        yield checks.NEVER_SUCCEEDED, "none of its requests was answered with 2xx: its successes were not tested"


def _grouped(failures: Iterable[Failure]) -> dict[tuple[Check, str], list[Failure]]:
    """Failures that say the same, together; of an answer that is a server error, nothing else is told."""
    found: dict[tuple[Check, str], list[Failure]] = {}
    for failure in failures:
        check = _check(failure)
        if failure.status < 500 or check.code == "server-error" or not check.gate:
            found.setdefault((check, sentence(check, failure).key), []).append(failure)
    return found


def _check(failure: Failure) -> Check:
    """The check that failed, or what it is where HTTP itself, not the service, answers."""
    check = CHECKS[failure.check]
    if check.code == "status-undeclared" and failure.sent:
        if failure.status in (413, 414, 431):
            return checks.OVERSIZED
        if failure.status in (400, 415) and failure.sent[-1].malformed:
            return checks.MALFORMED
    return check


def _problem(check: Check, failures: Sequence[Failure], secret: frozenset[str], masked: Masked) -> Problem:
    """One problem of many failures: told by the one that takes the fewest and shortest requests."""
    commands = [(len(one.sent), len(command := curl(one.sent, secret)), command, one) for one in failures]
    _, _, command, shortest = min(commands, key=lambda each: each[:3])
    return Problem(check.code, masked(sentence(check, shortest).text), masked(command))
