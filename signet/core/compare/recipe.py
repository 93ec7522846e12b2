"""The comparison of one interaction with a spec, as a recipe.

A consumer must send what the spec accepts, and may rely only on what the spec promises:

 1. find the operation by method and path; a literal segment wins, a base path may stand in the path or be missing;
 2. path parameters fit their schemas;
 3. ``Accept`` meets what the responses offer;
 4. some security alternative is satisfied, with all schemes inside it;
 5. headers, cookies and query: required ones are there, given ones fit;
 6. the media type of the request body is declared, and the body is valid as a request;
 7. the response status is declared: exact, then range, then default;
 8. expected response headers and body are a part of what the provider may answer;
 9. for expected errors (400 and above) the request may be wrong on purpose: steps 4 to 6 are left out;
10. matchers count: what is expected are the values that they allow (in ``schemas`` and ``demands``, within step 8).

What cannot be judged is a finding of its own; it never hides other interactions, nor other steps of the same one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from signet.core.compare import request_parameters, requests, responses
from signet.core.compare.about import matchers_without_effect
from signet.core.compare.modes import TOO_DEEP, Budget, OverBudget
from signet.core.compare.operations import Operation
from signet.core.compare.report import Report
from signet.core.compare.routes import Match, Routes
from signet.core.compare.schemas import Judge
from signet.core.compare.texts import Unjudgeable
from signet.core.model.comparison import Finding
from signet.core.model.contract import Interaction


def findings(routes: Routes, interaction: Interaction, budget: Budget) -> list[Finding]:
    """All findings of one interaction, in the order of the steps; the pool of ``budget`` is shared with neighbours."""
    report = Report(interaction, routes.source.root)
    if interaction.kind != "http":
        report.add("interaction.ignored", interaction.pointer, "", why=interaction.kind)
        return report.findings
    judge = Judge(routes.source, budget=budget)
    located = attempt(report, "request", lambda: operation(report, routes, judge, interaction))  # 1 and 2
    if located is None:
        return report.findings
    found: Operation = located
    is_error = interaction.response["status"] >= 400  # 9
    attempt(report, "request", lambda: requests.accept(report, judge, found, interaction))  # 3
    sent = (requests.security, request_parameters.headers, request_parameters.query, requests.body)
    for step in () if is_error else sent:  # 4 to 6
        attempt(report, "request", bound(step, report, judge, found, interaction))
    given = attempt(report, "response", lambda: responses.status(report, judge, found, interaction))  # 7
    for part in (responses.headers, responses.body) if given is not None else ():  # 8, and 10 inside
        attempt(report, "response", bound(part, report, judge, given, interaction))
    for side in ("response",) if is_error else ("request", "response"):  # 10, what it leaves out
        matchers_without_effect(report, side, interaction)
    return report.findings


def bound(step: Callable[..., None], *arguments: Any) -> Callable[[], None]:
    """A step with its arguments."""
    return lambda: step(*arguments)


def attempt(report: Report, side: str, step: Callable[[], Any]) -> Any:
    """The outcome of a step; None, and a finding, where it has no answer."""
    pointer = f"{report.interaction.pointer}/{side}"
    try:
        return step()
    except Unjudgeable as error:
        report.unjudged(side, pointer, error.pointer, error.why)
    except OverBudget as error:
        report.add("undecided", pointer, "", why=str(error))
    except RecursionError:
        report.add("undecided", pointer, "", why=TOO_DEEP)
    return None


def operation(report: Report, routes: Routes, judge: Judge, interaction: Interaction) -> Operation | None:
    """Steps 1 and 2: the operation, by the most literal path that has the method and whose parameters fit."""
    request = interaction.request
    wanted = f"{request['method']} {request['path']}"
    pointer = f"{interaction.pointer}/request"
    matches = routes.matches(request["path"], request["method"])
    misfit: tuple[str, str, Operation] | None = None
    for match, found in _candidates(routes, matches, request["method"]):
        misfits = request_parameters.path_misfits(judge, found, match)
        report.misfits("request.path-or-method.unknown", [each for _, each in misfits if each.is_open], pointer)
        misfits = [(name, each) for name, each in misfits if not each.is_open]
        if not misfits:
            request_parameters.path_matchers(report, match, interaction)
            return found
        name, first = misfits[0]
        misfit = misfit or (first.pointer, f": {name}: {first.why(routes.source.root)}", found)
    if misfit is not None:
        report.add("request.path-or-method.unknown", f"{pointer}/path", misfit[0], expected=wanted, why=misfit[1])
    elif matches:
        methods = f": {matches[0].route.path} has no {request['method']}"
        at = matches[0].route.pointer
        report.add("request.path-or-method.unknown", f"{pointer}/method", at, expected=wanted, why=methods)
    else:
        at = "/paths" if "paths" in routes.source.root else ""
        report.add("request.path-or-method.unknown", f"{pointer}/path", at, expected=wanted)
    return None


def _candidates(routes: Routes, matches: list[Match], method: str) -> list[tuple[Match, Operation]]:
    """Paths with the method. A path without templates hides the others, whatever methods it has (OpenAPI, paths)."""
    if matches and matches[0].route.is_literal:
        matches = matches[:1]
    found = [(match, routes.operation(match.route, method)) for match in matches]
    return [(match, each) for match, each in found if each is not None]
