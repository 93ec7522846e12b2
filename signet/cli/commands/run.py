"""``signet run``: the two triggers: a new consumer meets the productive provider, a new provider its consumers."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signet.cli import checkout, lifecycle, opening, options, probing, receipts, render, resolving, trying
from signet.errors import CouldNotTest, UsageError

if TYPE_CHECKING:
    from signet.cli.resolving import Asked, Resolver
    from signet.cli.trying import Setting
    from signet.core.attempts import Attempt, Tried, Verdict
    from signet.registry.record import Receipt

RESULTS = {True: "passed", False: "failed", None: "could-not-test"}
WORDS = {True: ("passed", "green"), False: ("failed", "red"), None: ("could not test", "yellow")}
CODES = {"passed": 0, "nothing-to-run": 0, "not-run": 0, "failed": 1, "could-not-test": 4}


def run(
    consumer: options.Consumer = None,
    consumer_version: trying.ConsumerVersion = None,
    provider: options.Provider = None,
    provider_version: trying.ProviderVersion = None,
    environment: options.Environment = None,
    start: lifecycle.Start = None,
    provider_url: probing.ProviderUrl = None,
    tests: trying.Tests = None,
    wait_for: lifecycle.WaitFor = "tcp",
    within: lifecycle.Within = 60.0,
    stop_after: lifecycle.StopAfter = 10.0,
    port: lifecycle.Port = None,
    start_in: lifecycle.StartIn = lifecycle.HERE,
    tests_in: trying.TestsIn = lifecycle.HERE,
    time_limit: trying.TimeLimit = 900.0,
    variable: trying.Variables = None,
    url_file: lifecycle.UrlFile = None,
    logs: trying.Logs = None,
    resolve_url: resolving.ResolveUrl = None,
    resolve_command: resolving.ResolveCommand = None,
    resolve_within: resolving.ResolveWithin = 30.0,
    tool: options.Tool = "",
    url: options.Url = "",
    branch: options.Branch = None,
    no_record: Annotated[bool, typer.Option("--no-record", help="Run the tests only: record nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be started and run, and end.")] = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Run a new consumer's tests at the productive provider, or the productive consumers' tests at a new provider.

    The version that is named is the new one. Its counterparts are those that are live in --environment (none: the heads
    of main branches), or what --resolve-url or --resolve-command says. With both versions named, these two meet. For
    each pair the provider is started and waited for (or runs at --provider-url), the tests are run, and everything is
    ended. The tests find the provider in SIGNET_PROVIDER_URL, or where {url} stands in their command.

    {image}, {source} and {tests} are the artifacts of the provider in --start, and of the consumer in --tests; so is
    {version}. {consumer}, {consumer_version}, {provider} and {provider_version} have places in both. What the registry
    says is never more than a part of one argument.

    Results are recorded as replays of the contracts, all in one commit at the end; the latest counts.

    \b
    Examples:
      signet run --consumer cart --consumer-version 2.1.0 --provider catalog -e production \\
          --start "docker run --rm --init -p {port}:8000 {image}" --wait-for /health --tests "pytest tests/contract"
      signet run --provider catalog --provider-version 4.1.0 -e production \\
          --start "uvicorn app:app --port {port}" --tests "uvx --from {source} pytest {tests}"

    Exit code: 0 all passed, or there is nothing to run; 1 some failed; 4 some could not be tested (of these nothing is
    recorded).
    """
    from signet.core import placeholders
    from signet.core.attempts import attempts, verdicts
    from signet.live.provider.start import interruptible

    resolver = resolving.Resolver(resolve_url, resolve_command, resolve_within)
    variables = trying.variables(variable)
    setting = trying.Setting(
        *(provider_url, variables, wait_for, within, stop_after, port, start_in, tests_in, url_file, time_limit)
    )
    words = placeholders.checked("--tests", opening.required(tests, "tests"))
    begins = placeholders.checked("--start", start) if start else None
    _check(begins, setting, resolver)
    if logs is not None and not dry_run:
        _make(logs)
    state = opening.for_reading(registry)
    asked = resolving.Asked(
        state,
        state.resolve_alias(consumer) if consumer else None,
        checkout.version(consumer_version) if consumer_version else None,
        state.resolve_alias(opening.required(provider, "provider")),
        checkout.version(provider_version) if provider_version else None,
        environment,
        resolver,
    )
    asked.check()
    with interruptible():
        planned = attempts(asked.trials(), begins, words)
        done = [] if dry_run else [_tried(at, one, setting, logs, json) for at, one in enumerate(planned, 1)]
    if dry_run and not json:
        _show(planned)
    if not planned:
        render.note(f"nothing to run: {asked.nobody}")
    receipt = None
    facts = verdicts(done)
    if facts and not no_record:
        on = checkout.branch(branch) if asked.trigger == "provider" else None
        receipt = _recorded(facts, on, tool or Path(words[0]).name, url, registry)
    word = _word(planned, done)
    if json:
        render.say_json(_answer(asked, word, planned, done, receipt))
    elif receipt is not None:
        receipts.recorded(receipt, as_json=False)
    return CODES[word]


def _check(begins: list[str] | None, setting: Setting, resolver: Resolver) -> None:
    if begins and setting.provider_url:
        raise UsageError("--provider-url and --start are two providers.", "Pass one of them.")
    if not begins and not setting.provider_url:
        raise UsageError(
            "No provider is named.", "Pass --start COMMAND to have one started, or --provider-url of one that runs."
        )
    setting.check()
    resolver.check()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a path"
        raise UsageError(f"The folder of --logs cannot be made: {why}.", "Name another one.") from None


def _tried(at: int, attempt: Attempt, setting: Setting, logs: Path | None, quiet: bool) -> Tried:
    """One attempt, told when it is over."""
    from signet.core.attempts import Tried

    with ExitStack() as stack:
        if logs is None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signet-run-")))
        else:
            folder = logs / f"{at:03}-{attempt.trial.consumer}-{attempt.trial.provider}"
            folder.mkdir(exist_ok=True)
        said: Sequence[str] = ()
        try:
            ran = trying.ran(attempt, setting, folder)
            done, said = Tried(attempt, ran.exit_code == 0, ran.exit_code), ran.said
        except CouldNotTest as error:
            done, said = Tried(attempt, None, None, str(error)), [one.message for one in error.faults]
    word, colour = WORDS[done.passed]
    how = done.why or f"exit code {done.exit_code}"
    told = f"{word}: {attempt.title}: {how}"
    if not quiet:
        render.say(told, colour=colour)
    elif not done.passed:
        render.note(told, colour=colour)
    for line in () if done.passed else said:
        render.note(f"  | {line}")
    return done


def _show(planned: Sequence[Attempt]) -> None:
    for one in planned:
        render.say(f"would run: {one.title}")
        if one.missing:
            render.say(f"  could not: {one.missing}")
        if one.start is not None:
            render.say(f"  start: {shlex.join(one.start)}")
        render.say(f"  tests: {shlex.join(one.tests)}")


def _word(planned: Sequence[Attempt], done: Sequence[Tried]) -> str:
    if not planned:
        return "nothing-to-run"
    if not done:
        return "not-run"
    results = {one.passed for one in done}
    return RESULTS[False if False in results else None if None in results else True]


def _recorded(facts: Sequence[Verdict], branch: str | None, tool: str, url: str, registry: str | None) -> Receipt:
    """All results of the run, in one commit."""
    from signet.registry import record

    tried = []
    for one in facts:
        details: dict[str, str | int] = {
            "consumer_version": ", ".join(one.consumer_versions),
            "exit_code": one.exit_code,
        }
        outcome = record.Outcome(one.passed, branch, tool, url, details)
        tried.append(record.Tried(one.provider, one.provider_version, one.consumer, one.contract, outcome))
    return record.record_trials(opening.for_writing(registry), tried, how=opening.how())


def _answer(
    asked: Asked, word: str, planned: Sequence[Attempt], done: Sequence[Tried], receipt: Receipt | None
) -> dict[str, Any]:
    results: Sequence[Tried | None] = done or [None] * len(planned)
    return {
        "schema": "signet.run/1",
        "commit": asked.state.commit,
        "trigger": asked.trigger,
        "environment": asked.environment,
        "verdict": word,
        "trials": [_row(*pair) for pair in zip(planned, results, strict=True)],
        "receipt": None if receipt is None else receipts.receipt_json(receipt),
    }


def _row(attempt: Attempt, done: Tried | None) -> dict[str, Any]:
    return {
        **attempt.trial.as_json(),
        "consumer_versions": list(attempt.versions),
        "start": None if attempt.start is None else list(attempt.start),
        "tests": list(attempt.tests),
        "result": "not-run" if done is None else RESULTS[done.passed],
        "exit_code": None if done is None else done.exit_code,
        "why": attempt.missing if done is None else done.why,
    }
