"""``signet deploy-guard``: may this version go there?"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from signet.cli import checkout, opening, options, reasons, render
from signet.cli.boundary import BY_VERDICT
from signet.errors import RegistryUnreachable, ShallowClone, UsageError

if TYPE_CHECKING:
    from signet.cli.index import Index
    from signet.core.model.decision import Candidate, Decision, Reason
    from signet.registry.history import Blame
    from signet.registry.read import RegistryState

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0


def deploy_guard(
    ctx: typer.Context,
    name: options.Name = None,
    version: options.Version = None,
    environment: options.Environment = None,
    target: Annotated[
        Literal["main-branch"] | None,
        typer.Option(
            "--target",
            envvar="SIGNET_TARGET",
            help="Ask against the heads of all main branches instead of an environment: may I merge?",
        ),
    ] = None,
    with_: options.With = None,
    ignore: options.Ignore = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", envvar="SIGNET_DRY_RUN", help="Say the verdict, and exit with 0 whatever it is."),
    ] = False,
    wait: Annotated[
        float,
        typer.Option(
            "--wait",
            envvar="SIGNET_WAIT",
            min=0.0,
            metavar="SECONDS",
            help="Ask again, up to so long, while the answer only waits for a test, a publish or a deployment.",
        ),
    ] = 0.0,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", envvar="SIGNET_EXPLAIN", help="Say of each reason who recorded what it stands on, and when."
        ),
    ] = False,
    at: options.At = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    index: options.Index = None,
    json: options.Json = False,
) -> int:
    """May this version be deployed to this environment, given what is live there?

    The answer is yes, no or unknown, with a reason for every neighbour: each provider that the version has a contract
    with, and each live consumer that has a contract with it. Asking changes nothing.

    With --index, a service that has comparisons ready is asked, at the commit that the registry is at
    (SIGNET_INDEX_TOKEN holds its token); where it cannot say, and for --explain, the registry itself is asked.

    \b
    Examples:
      signet deploy-guard --name cart --version 2.1.0 --environment production
      signet deploy-guard --name cart --version 2.1.0 --environment production --with catalog@4.0.1
      signet deploy-guard --name cart --version 2.1.0 --target main-branch --explain

    Exit code: 0 yes, 1 no, 4 unknown.
    """
    service = opening.required(name, "name")
    if target and environment and not options.is_typed(ctx, "environment"):
        environment = None  # a flag goes before a variable and the file
    elif environment and target and not options.is_typed(ctx, "target"):
        target = None
    if (environment is None) == (target is None):
        raise UsageError(
            "Ask for an environment or for the main branches" + (", not for both." if target else "."),
            "Pass --environment NAME, or --target main-branch.",
        )
    if wait and (at or offline):
        raise UsageError(f"--wait does not go with {'--at' if at else '--offline'}: nothing can change there.")
    number = checkout.version(version)
    candidates = [_candidate(service, number), *map(_together, with_ or [])]
    state = opening.for_reading(registry, at=at, offline=offline)
    heard = None
    if index and not (explain or offline):
        from signet.cli.index import named

        heard = named(ctx, index)
    state, decision = _decided(state, candidates, environment, ignore or [], wait, heard)
    blames = [_blames(state, reason) for reason in decision.reasons] if explain else None
    if json:
        render.say_json(_answer(decision, state.commit or "", blames))
    else:
        _print(decision, state.commit or "", blames)
    return 0 if dry_run else BY_VERDICT[decision.verdict]


def _candidate(service: str, version: str) -> Candidate:
    from signet.core.model.decision import Candidate

    return Candidate(service, version)


def _together(text: str) -> Candidate:
    service, separator, version = text.partition("@")
    if not (service and separator and version):
        raise UsageError(f"--with '{text}' is not SERVICE@VERSION.", "Write it as catalog@4.0.1.")
    return _candidate(service, version)


def _decided(
    state: RegistryState,
    candidates: list[Candidate],
    environment: str | None,
    ignore: list[str],
    wait: float,
    index: Index | None,
) -> tuple[RegistryState, Decision]:
    """Ask, and ask again on newer states while the answer waits and there is time."""
    from signet.core.guard import decide
    from signet.registry.opening import newer

    deadline = time.monotonic() + wait
    pause = FIRST_PAUSE
    while True:
        heard = index.decided(state.commit or "", candidates, environment, ignore) if index is not None else None
        decision = heard if heard is not None else decide(state, candidates, environment, ignore=ignore)
        left = deadline - time.monotonic()
        if not decision.waits or left <= 0:
            return state, decision
        if render.is_terminal(sys.stderr):
            render.note(f"{decision.verdict}: waiting, {left:.0f} seconds left")
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)
        try:
            state = newer(state.repo)
        except RegistryUnreachable:
            if time.monotonic() >= deadline:
                raise


def _blames(state: RegistryState, reason: Reason) -> list[Blame]:
    from signet.registry import history

    found: list[Blame] = []
    for evidence in reason.evidence:
        try:
            blame = history.blame(state.repo, state.commit or "", evidence)
        except ShallowClone as error:
            render.note(f"no history to explain by: {error}")
            return found
        if blame is not None and blame not in found:
            found.append(blame)
    return found


def _answer(decision: Decision, commit: str, blames: list[list[Blame]] | None) -> dict[str, Any]:
    """The decision as JSON, with the commit that it was asked of: the same anywhere, for ever."""
    value = decision.as_json() | {"commit": commit}
    if blames is not None:
        for reason, known in zip(value["reasons"], blames, strict=True):
            reason["blame"] = [blame.as_json() for blame in known]
    return value


def _print(decision: Decision, commit: str, blames: list[list[Blame]] | None) -> None:
    names = " and ".join(str(candidate) for candidate in decision.candidates)
    many = "are" if len(decision.candidates) > 1 else "is"
    if decision.environment is not None:
        verbs = {"yes": "may go", "no": "must not go", "unknown": f"{many} not known to be safe"}
        where = f" {'for' if decision.verdict == 'unknown' else 'to'} {decision.environment}"
    else:
        verbs = {"yes": "may be merged", "no": "must not be merged", "unknown": f"{many} not known to be safe to merge"}
        where = ""
    verdict = f"{decision.verdict}: {names} {verbs[decision.verdict]}{where}"
    render.say(verdict, colour=render.MARKS[decision.verdict])
    for number, reason in enumerate(decision.reasons):
        reasons.show(reason, render.say)
        for blame in blames[number] if blames is not None else ():
            render.say(f"      {blame.path}: {blame.commit[:10]} {blame.date} {blame.author}: {blame.subject}")
    render.say(f"registry at {commit[:10]}")
