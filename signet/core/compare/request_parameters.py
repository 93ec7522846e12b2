"""Steps 2 and 5 of the recipe: the parameters of a request, in path, headers, cookies and query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from signet.core.compare import generated, parameters, written
from signet.core.compare.about import about
from signet.core.compare.demands import demanded, is_met
from signet.core.compare.modes import REQUEST, Misfit
from signet.core.compare.operations import IGNORED_HEADERS, Operation, Parameter
from signet.core.compare.report import Report
from signet.core.compare.routes import Match
from signet.core.compare.schemas import Judge
from signet.core.compare.security import carriers, cookies
from signet.core.compare.standard import REQUEST_HEADERS
from signet.core.compare.texts import Unjudgeable
from signet.core.model.contract import Interaction

Named = Sequence[tuple[str, str, str]]


def path_misfits(judge: Judge, found: Operation, match: Match) -> list[tuple[str, Misfit]]:
    """Step 2: (parameter, misfit) of the path parameters."""
    return [
        (each.name, misfit)
        for each in found.parameters
        if each.place == "path" and each.name in match.values
        for misfit in parameters.misfits(judge, each, [match.values[each.name]])
    ]


def path_matchers(report: Report, match: Match, interaction: Interaction) -> None:
    """Step 10, the path: matchers of a path without parameters leave that one path over."""
    for rule in interaction.request["rules"] if match.route.is_literal else ():
        if rule.category != "path":
            continue
        try:
            if is_met(rule, interaction.request["path"], as_text=True):
                continue
        except Unjudgeable as error:
            report.unjudged("request", rule.pointer, match.route.pointer, error.why, "matcher")
            continue
        why = f": the matcher demands {demanded(rule)}, and the path is {match.route.path}"
        wanted = f"{interaction.request['method']} {interaction.request['path']}"
        report.add("request.path-or-method.unknown", rule.pointer, match.route.pointer, expected=wanted, why=why)


def headers(report: Report, judge: Judge, found: Operation, interaction: Interaction) -> None:
    """Step 5, headers and cookies."""
    given: dict[str, list[tuple[str, str, str]]] = {}
    for entry in interaction.request["headers"]:
        given.setdefault(entry[0].lower(), []).append(entry)
    known = set(carriers(judge.source, found, "header")) | REQUEST_HEADERS
    for each in found.parameters:
        if each.place == "header" and each.name.lower() not in IGNORED_HEADERS:
            known.add(each.name.lower())
            entries = given.get(each.name.lower(), [])
            _one(report, judge, each, entries, "request.header.incompatible", interaction)
    _cookies(report, judge, found, interaction)
    for name, entries in given.items():
        if name not in known:
            report.add("request.header.unknown", entries[0][2], found.pointer, name=entries[0][0])


def _cookies(report: Report, judge: Judge, found: Operation, interaction: Interaction) -> None:
    sent: dict[str, list[tuple[str, str, str]]] = {}
    for entry in cookies(interaction.request):
        sent.setdefault(entry[0], []).append(entry)
    known = [each for each in found.parameters if each.place == "cookie"]
    used = {each.name for each in known}
    for each in known:
        if each.name not in sent and each.explode and _is_object(judge, each):
            _spread(report, judge, each, sent, used, interaction)
        else:
            _one(report, judge, each, sent.get(each.name, []), "request.cookie.incompatible", interaction)


def _is_object(judge: Judge, each: Parameter) -> bool:
    """True if a parameter may be an object that is written in a style."""
    return each.node is not None and not each.content and "object" in written.kinds_of(judge.source, each.node)


def _one(report: Report, judge: Judge, each: Parameter, entries: Named, code: str, interaction: Interaction) -> None:
    """One parameter: there if it is required, and fitting if it is there."""
    if entries and not parameters.is_comparable(each):
        code, said = "request.parameter.unvalidatable", each.content
        report.add(code, entries[0][2], each.pointer, name=each.name, expected=said)
    elif entries:
        rules = about(interaction.request["rules"], each.place, each.name)
        found = parameters.misfits(judge, each, [text for _, text, _ in entries], rules=rules)
        report.misfits(code, found, entries[0][2], each.name)
        if not found:
            generated.of_parameter(report, "request", judge, interaction.request["generators"], each, REQUEST)
    elif each.required:
        report.add(code, f"{interaction.pointer}/request", each.pointer, name=each.name, why="it is required")


def query(report: Report, judge: Judge, found: Operation, interaction: Interaction) -> None:
    """Step 5, query parameters."""
    given: dict[str, list[tuple[str, str, str]]] = {}
    for entry in interaction.request["query"]:
        given.setdefault(entry[0], []).append(entry)
    used = set(carriers(judge.source, found, "query"))
    code = "request.query.incompatible"
    spread = []
    for each in found.parameters:
        if each.place != "query":
            continue
        if each.name in given:
            used.add(each.name)
            _one(report, judge, each, given[each.name], code, interaction)
        elif each.style in ("deepObject", "form") and _is_object(judge, each):
            spread.append(each)
        else:
            _one(report, judge, each, [], code, interaction)
    for each in spread:
        _spread(report, judge, each, given, used, interaction)
    for name, entries in given.items():
        if name not in used:
            report.add("request.query.unknown", entries[0][2], found.pointer, name=name)


def _spread(
    report: Report,
    judge: Judge,
    each: Parameter,
    given: Mapping[str, list[tuple[str, str, str]]],
    used: set[str],
    interaction: Interaction,
) -> None:
    """An object that is spread over the query: ``name[key]=…`` (deepObject), or ``key=…`` (form, exploded)."""
    assert each.node is not None  # noqa: S101 - only parameters with a schema are spread
    entries = [entry for same in given.values() for entry in same]
    if each.style == "deepObject" or any(name.startswith(f"{each.name}[") for name in given):
        own = [entry for entry in entries if entry[0].startswith(f"{each.name}[")]
        pairs = [(pair, at) for name, text, at in own for pair in parameters.deep_pairs(each.name, [(name, text)])]
    else:
        own = [
            entry for entry in entries
            if entry[0] not in used and written.member(judge.source, each.node, entry[0]) is not None
        ]  # fmt: skip
        pairs = [(((name,), text), at) for name, text, at in own]
    if not own:
        _one(report, judge, each, [], f"request.{each.place}.incompatible", interaction)
        return
    used.update(name for name, _, _ in own)
    value = written.fields(judge, [pair for pair, _ in pairs], each.node)
    found = Judge(judge.source, budget=judge.budget).found(value, each.node, REQUEST)
    for misfit in found:
        at = [at for (keys, _), at in pairs if keys[0] in misfit.place[:1]] or [at for _, _, at in own]
        report.misfits(f"request.{each.place}.incompatible", [misfit], min(at), each.name)
