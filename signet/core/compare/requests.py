"""Steps 2 to 6 of the recipe: may the consumer send this request?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from signet.core.compare import forms, generated, media, parameters
from signet.core.compare.about import about
from signet.core.compare.demands import demanded, is_met
from signet.core.compare.modes import REQUEST, Misfit, likeliest
from signet.core.compare.operations import IGNORED_HEADERS, Operation, Parameter, offered
from signet.core.compare.report import Report
from signet.core.compare.routes import Match
from signet.core.compare.schemas import Judge
from signet.core.compare.security import carriers, cookies, is_satisfied
from signet.core.compare.standard import REQUEST_HEADERS
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.bodies import Body
from signet.core.formats.matchers import Rules
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


def accept(report: Report, judge: Judge, found: Operation, interaction: Interaction) -> None:
    """Step 3: what the consumer accepts is offered by some response."""
    written = [entry for entry in interaction.request["headers"] if entry[0].lower() == "accept"]
    if not written:
        return
    value, pointer = ", ".join(entry[1] for entry in written), written[0][2]
    types = offered(judge.source, found)
    if not types:
        report.add("request.accept.unknown", pointer, found.pointer, expected=value)
    elif value.strip() and not media.accepted(value, types):
        report.add("request.accept.incompatible", pointer, found.pointer, expected=value, promised=", ".join(types))


def security(report: Report, judge: Judge, found: Operation, interaction: Interaction) -> None:
    """Step 4: some alternative is satisfied, with all schemes inside it."""
    if found.security and not any(
        is_satisfied(judge.source, requirement, interaction.request) for requirement, _ in found.security
    ):
        names = [" and ".join(each) for each, _ in found.security if isinstance(each, dict)]
        report.add(
            "request.authorization.missing",
            f"{interaction.pointer}/request",
            found.security[0][1],
            promised=" or ".join(names),
        )


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
        elif each.place == "cookie":
            entries = [entry for entry in cookies(interaction.request) if entry[0] == each.name]
            _one(report, judge, each, entries, "request.cookie.incompatible", interaction)
    for name, entries in given.items():
        if name not in known:
            report.add("request.header.unknown", entries[0][2], found.pointer, name=entries[0][0])


def _one(report: Report, judge: Judge, each: Parameter, entries: Named, code: str, interaction: Interaction) -> None:
    """One parameter: there if it is required, and fitting if it is there."""
    if entries:
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
        is_object = each.node is not None and "object" in parameters.kinds_of(judge.source, each.node)
        if each.name in given:
            used.add(each.name)
            _one(report, judge, each, given[each.name], code, interaction)
        elif is_object and each.style in ("deepObject", "form") and not each.content:
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
        pairs = list(parameters.deep_pairs(each.name, [(name, text) for name, text, _ in own]))
    else:
        own = [
            entry for entry in entries
            if entry[0] not in used and parameters.member(judge.source, each.node, entry[0]) is not None
        ]  # fmt: skip
        pairs = [((name,), text) for name, text, _ in own]
    if not own:
        _one(report, judge, each, [], "request.query.incompatible", interaction)
        return
    used.update(name for name, _, _ in own)
    value = parameters.fields(judge, pairs, each.node)
    found = Judge(judge.source, budget=judge.budget).found(value, each.node, REQUEST)
    report.misfits("request.query.incompatible", found, own[0][2], each.name)


def content_type(request: Mapping[str, Any]) -> tuple[str | None, str]:
    """(media type, pointer) that a request or response names, in its headers or in its body (Pact 4)."""
    for name, value, pointer in request["headers"]:
        if name.lower() == "content-type":
            return value, pointer
    named: Body | None = request.get("body")
    return (named.content_type, named.pointer) if named is not None else (None, "")


def body(report: Report, judge: Judge, found: Operation, interaction: Interaction) -> None:
    """Step 6: the media type is declared, and the body is valid as a request."""
    request = interaction.request
    sent: Body | None = request.get("body")
    written, place = content_type(request)
    own = f"{interaction.pointer}/request"
    if written and not found.takes and found.body is None and not found.fields:
        report.add("request.content-type.unknown", place, found.pointer, expected=written)
    elif written and found.takes and media.best(found.takes, written) is None:
        at = found.body.pointer if found.body else found.pointer
        promised = ", ".join(found.takes)
        report.add("request.content-type.incompatible", place, at, expected=written, promised=promised)
        return
    if sent is None or forms.is_empty(sent):
        _missing(report, found, own)
        return
    if not written and found.takes:
        report.add("request.content-type.missing", sent.pointer, found.pointer)
    if found.fields:
        _fields(report, judge, found, sent, written or (found.takes or ("",))[0], interaction)
    elif found.body is None:
        report.add("request.body.unknown", sent.pointer, found.pointer)
    else:
        _schemas(report, judge, found, sent, written, request)


def _missing(report: Report, found: Operation, own: str) -> None:
    if found.body is not None and found.body.required:
        report.add("request.body.incompatible", own, found.body.pointer, why="a body is required, and none is sent")
    for each in found.fields:
        if each.required:
            report.add("request.body.incompatible", own, each.pointer, why=f"the field {each.name!r} is required")


def _schemas(
    report: Report, judge: Judge, found: Operation, sent: Body, written: str | None, request: Mapping[str, Any]
) -> None:
    """The body against the schema of its media type; without a Content-Type against any of them."""
    assert found.body is not None  # noqa: S101 - asked by the caller
    chosen = list(found.body.schemas)
    if written and found.takes:
        best = media.best(found.takes, written)
        chosen = [pair for pair in chosen if pair[0] == best]
    readable = [
        (name or written or "application/json", node)
        for name, node in chosen
        if forms.readable(judge.source, sent, written or name or "application/json", node)
    ]
    if chosen and not readable:
        report.add("request.body.unvalidatable", sent.pointer, found.body.pointer, expected=written or chosen[0][0])
        return
    tried = []
    for name, node in readable:
        if node is None:
            return
        value = forms.value(judge, sent, written or name, node)
        own = Rules(request["rules"], as_text=not media.is_json_like(written or name))
        of_parts = forms.misfits(judge, sent, written or name, node)
        tried.append(of_parts + Judge(judge.source, own, judge.budget).found(value, node, REQUEST))
        if not tried[-1] and request["generators"] and not own.as_text:
            generated.of_body(report, "request", judge, request["generators"], value, node, REQUEST)
            return
    if tried and all(tried):
        report.body("request.body.incompatible", likeliest(tried), sent)


def _fields(
    report: Report, judge: Judge, found: Operation, sent: Body, media_type: str, interaction: Interaction
) -> None:
    """Swagger's form parameters."""
    parts = forms.parts(sent, media_type)
    pairs = [(part.keys, part.text) for part in parts or ()]
    if isinstance(sent.value, dict):
        pairs = [((name,), str(each)) for name, each in sent.value.items()]
    elif parts is None:
        report.add("request.body.unvalidatable", sent.pointer, found.pointer, expected=media_type)
        return
    for each in found.fields:
        texts = [text for keys, text in pairs if list(keys) == [each.name]]
        if texts:
            misfits = parameters.misfits(judge, each, texts) if each.node and _is_text(each) else []
            report.body(
                "request.body.incompatible",
                [Misfit((), f"{each.name}: {m.why(judge.source.root)}", m.pointer) for m in misfits],
                sent,
            )
        elif each.required:
            why = f"the field {each.name!r} is required"
            report.add("request.body.incompatible", sent.pointer, each.pointer, why=why)


def _is_text(each: Parameter) -> bool:
    return each.node is not None and each.node.schema.get("type") != "file"
