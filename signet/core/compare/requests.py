"""Steps 3, 4 and 6 of the recipe: may the consumer send this request? Its parameters are ``request_parameters``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from signet.core.compare import forms, generated, media, parameters
from signet.core.compare.modes import REQUEST, Misfit, likeliest
from signet.core.compare.operations import Operation, Parameter, offered
from signet.core.compare.report import Report
from signet.core.compare.schemas import Judge
from signet.core.compare.security import is_satisfied
from signet.core.formats.bodies import Body
from signet.core.formats.matchers import Rules
from signet.core.model.contract import Interaction

Named = Sequence[tuple[str, str, str]]


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
        report.add(
            "request.accept.incompatible", pointer, found.pointer, expected=value, promised=", ".join(sorted(types))
        )


def security(report: Report, judge: Judge, found: Operation, interaction: Interaction) -> None:
    """Step 4: some alternative is satisfied, with all schemes inside it."""
    if found.security and not any(
        is_satisfied(judge.source, requirement, interaction.request) for requirement, _ in found.security
    ):
        names = [" and ".join(sorted(each)) for each, _ in found.security if isinstance(each, dict)]
        report.add(
            "request.authorization.missing",
            f"{interaction.pointer}/request",
            found.security[0][1],
            promised=" or ".join(names),
        )


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
        promised = ", ".join(sorted(found.takes))
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
    chosen = sorted(found.body.schemas, key=itemgetter(0))
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
            named = [
                Misfit((), f"{each.name}: {misfit.why(judge.source.root, is_quiet=judge.is_quiet)}", misfit.pointer)
                for misfit in misfits
            ]
            report.body("request.body.incompatible", named, sent)
        elif each.required:
            why = f"the field {each.name!r} is required"
            report.add("request.body.incompatible", sent.pointer, each.pointer, why=why)


def _is_text(each: Parameter) -> bool:
    return each.node is not None and each.node.schema.get("type") != "file"
