"""``signet test``: does this running version honour what it promised, and what its consumers rely on?"""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signet.cli import (
    checkout,
    collecting,
    evidence,
    files,
    gathering,
    lifecycle,
    opening,
    options,
    outcomes,
    probing,
    receipts,
    render,
)
from signet.cli.evidence import Asked, Choice, Evidence
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.registry.record import Receipt

FAILED = 1
"""The exit code of a provider that did not pass."""


def test(
    name: options.Name = None,
    version: options.Version = None,
    provider_url: probing.ProviderUrl = None,
    start: lifecycle.Start = None,
    wait_for: lifecycle.WaitFor = "tcp",
    within: lifecycle.Within = 60.0,
    stop_after: lifecycle.StopAfter = 10.0,
    port: lifecycle.Port = None,
    start_in: lifecycle.StartIn = lifecycle.HERE,
    url_file: lifecycle.UrlFile = None,
    provider_log: lifecycle.ProviderLog = None,
    only: probing.Only = "",
    spec: probing.SpecFile = None,
    contract: probing.Contracts = None,
    consumer: options.Consumer = None,
    again: probing.Again = False,
    development: probing.Development = False,
    header: probing.Headers = None,
    states: probing.States = None,
    states_url: probing.StatesUrl = None,
    states_command: probing.StatesCommand = None,
    stateless: probing.Stateless = False,
    spec_state: probing.SpecState = None,
    request_filter: probing.RequestFilter = None,
    seed: probing.Seed = 1,
    phase: probing.Phases = None,
    examples: probing.Examples = 25,
    time_limit: probing.TimeLimit = 600.0,
    answer_limit: probing.AnswerLimit = 10.0,
    state_limit: probing.StateLimit = 30.0,
    exclude: probing.Exclude = None,
    hooks: probing.Hooks = None,
    no_record: probing.NoRecord = False,
    propose_fixtures: collecting.ProposeFixtures = False,
    environment: collecting.FixturesFor = None,
    junit: probing.JUnit = None,
    markdown: probing.Markdown = None,
    branch: options.Branch = None,
    url: options.Url = "",
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Test a running provider: against its spec, and with what its consumers rely on; record how it went.

    The spec test exercises the operations of the version's spec, or of the agreed one; equal seeds send equal requests.
    Then the contracts are replayed that are in use: of every consumer version that is live in any environment or heads
    its main branch. A contract that only a development branch has informs. Equal contracts are replayed once, and not
    again at a version that they have passed at.

    --start runs the provider for the test, at a free port, and ends it with all that it started, whatever happens.

    --propose-fixtures makes answers for mocks of a test that passed: those to the replays, and a few of the spec test.

    \b
    Examples:
      signet test --name catalog --provider-url http://127.0.0.1:8000
      signet test --name catalog --start "uvicorn app:app --port {port}" --wait-for /health --states states.py
      signet test --name catalog --provider-url https://catalog.test -H 'Authorization: Bearer ${TOKEN}' --only spec
      signet test --provider-url http://127.0.0.1:8000 --spec openapi.json --contract cart-catalog.json --no-record

    Exit code: 0 it passed; 1 it failed (both are recorded); 4 it could not be tested (nothing is recorded).
    """
    from signet.live import replay, spec_test
    from signet.live.replay.masking import Masking

    if only not in ("", "spec", "replays"):
        raise UsageError(f"There is nothing called '{only}' to test alone.", "--only takes 'spec' or 'replays'.")
    probing.one_provider(provider_url, start)
    probing.one_way(states=states, states_url=states_url, states_command=states_command)
    probing.writable(junit, markdown)
    collected = collecting.Collected(wanted=propose_fixtures, records=not no_record)
    along = probing.headers(header or (), os.environ)
    place = probing.address(provider_url, along) if provider_url else ""
    masked = Masking(along.values(), render.masked)

    has_registry = bool(registry) or not no_record
    service = opening.required(name, "name") if has_registry else name or ""
    number = checkout.version(version) if has_registry else version or ""
    state = opening.for_reading(registry) if has_registry else None
    service = state.resolve_alias(service) if state is not None else service
    has_states = bool(states or states_url or states_command) or stateless
    asked = Asked(only, consumer, again, development, has_states)
    spec_given = files.spec(spec).spec if spec is not None else None
    contracts_given = [files.contract(path).contract for path in contract or ()]
    choice = evidence.chosen(state, service, number, asked, spec_given, contracts_given)
    plan = spec_test.Plan(
        seed=seed,
        phases=tuple(phase or spec_test.PHASES),
        examples=examples,
        time_limit=time_limit,
        answer_limit=min(answer_limit, time_limit),
        headers=along,
        excluded=tuple(exclude or ()),
        hooks=hooks,
    )
    notes = choice.notes(service, number)
    for text in notes:
        render.note(text)

    with ExitStack() as stack:
        if start and (choice.spec is not None or choice.replays):
            running = lifecycle.provider(
                start,
                wait_for=wait_for,
                within=within,
                stop_after=stop_after,
                port=port,
                start_in=start_in,
                url_file=url_file,
                log=provider_log,
                masked=masked,
            )
            place = stack.enter_context(running).url
        setting = probing.states(place, functions=states, by_url=states_url, command=states_command)
        limits = replay.Limits(answer=answer_limit, state=state_limit, whole=time_limit)
        replaying = replay.Plan(setting, tuple(along.items()), request_filter, limits)
        found = gathering.gathered(choice, place, plan, replaying, tuple(spec_state or ()), masked, collected)

    told = found.outcomes()
    for path, format_ in ((junit, "junit"), (markdown, "markdown")):
        if path is not None:
            _write(path, outcomes.text(format_, told))
    if not json:
        outcomes.show("text", told)
    passed = evidence.has_passed(told, choice.kept)
    receipt = None
    if not no_record:
        receipt, unrecorded = _recorded(found, service, number, checkout.branch(branch), url, registry)
        notes += unrecorded
    fixtures = collected.proposed(registry, service, environment, along, passed=passed)
    if json:
        answer = _answer(service, number, passed, told, choice, notes, receipt)
        render.say_json({**answer, **collecting.as_json(fixtures)})
    else:
        if receipt is not None:
            receipts.recorded(receipt, as_json=False)
        if fixtures is not None:
            receipts.recorded(fixtures, as_json=False)
        if not told:
            render.say(f"passed: nothing was to be tested again at {service} {number}", colour="green")
    return 0 if passed else FAILED


def _recorded(
    found: Evidence, service: str, version: str, branch: str | None, url: str, registry: str | None
) -> tuple[Receipt | None, list[str]]:
    """All results in one commit, and notes on what is no fact; no commit where nothing is."""
    from signet.registry import record

    tested, replays, notes = evidence.facts(found, service, branch=branch, url=url)
    for text in notes:
        render.note(text)
    if tested is None and not replays:
        return None, notes
    repo = opening.for_writing(registry)
    return record.record_test(repo, service, version, tested=tested, replays=replays, how=opening.how()), notes


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Check the path.") from None


def _answer(
    service: str,
    version: str,
    passed: bool,
    told: list[Any],
    choice: Choice,
    notes: list[str],
    receipt: Receipt | None,
) -> dict[str, Any]:
    from signet.cli.outcomes import answer

    return {
        **answer.document(told),
        "service": service or None,
        "version": version or None,
        "passed": passed,
        "kept": [one.as_json() for one in choice.kept],
        "notes": notes,
        "receipt": None if receipt is None else receipts.receipt_json(receipt),
    }
