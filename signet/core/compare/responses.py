"""Steps 7 and 8 of the recipe: may the consumer rely on this response?"""

from __future__ import annotations

from operator import itemgetter

from signet.core.compare import forms, generated, media, parameters, statuses
from signet.core.compare.about import about
from signet.core.compare.modes import RESPONSE, Mode, likeliest
from signet.core.compare.operations import IGNORED_HEADERS, Answer, Operation, answer, declared
from signet.core.compare.report import Report
from signet.core.compare.requests import content_type
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node
from signet.core.compare.standard import RESPONSE_HEADERS
from signet.core.formats.bodies import Body
from signet.core.formats.matchers import Rules
from signet.core.model.contract import Interaction

Choice = tuple[str, Node | None]
"""A media type and its schema."""


def status(report: Report, judge: Judge, found: Operation, interaction: Interaction) -> Answer | None:
    """Step 7: the response of the spec: by the exact status, then by its range, then the default."""
    wanted = str(interaction.response["status"])
    pointer = f"{interaction.pointer}/response"
    at = f"{pointer}/status" if interaction.response["says_status"] else pointer
    statuses.demanded(report, found, interaction)
    key = declared(found, interaction.response["status"])
    if key is not None:
        if key.upper() == "DEFAULT":
            report.add("response.status.default", at, found.responses[key][1], expected=wanted)
        return answer(judge.source, found, key)
    promised = ", ".join(sorted(found.responses)) or "none"
    report.add("response.status.unknown", at, found.pointer, expected=wanted, promised=promised)
    return None


def headers(report: Report, judge: Judge, given: Answer, interaction: Interaction) -> None:
    """Step 8, headers: what is expected is declared and fits; HTTP's own may go without saying."""
    for name, value, pointer in interaction.response["headers"]:
        declared = given.headers.get(name.lower())
        if name.lower() == "content-type":
            continue
        if declared is not None and not parameters.is_comparable(declared):
            report.add("response.header.unvalidatable", pointer, declared.pointer, name=name, expected=declared.content)
        elif declared is not None and name.lower() not in IGNORED_HEADERS:
            rules = about(interaction.response["rules"], "header", name)
            found = parameters.misfits(judge, declared, [value], RESPONSE, rules)
            report.misfits("response.header.incompatible", found, pointer, name)
            if not found:
                given_by = interaction.response["generators"]
                generated.of_parameter(report, "response", judge, given_by, declared, RESPONSE)
        elif declared is None:
            known = name.lower() in RESPONSE_HEADERS
            report.add(f"response.header.{'undefined' if known else 'unknown'}", pointer, given.pointer, name=name)


def body(report: Report, judge: Judge, given: Answer, interaction: Interaction, mode: Mode = RESPONSE) -> None:
    """Step 8, content type and body: what is expected is a part of what the provider may answer.

    With ``ANSWER`` as the mode, it is a whole answer.
    """
    response = interaction.response
    expected: Body | None = response.get("body")
    written, place = content_type(response)
    declared = given.content
    if written and not declared.types and not declared.schemas:
        in_header = any(name.lower() == "content-type" for name, _, _ in response["headers"])
        if in_header:
            report.add("response.content-type.unknown", place, given.pointer, expected=written)
    elif written and declared.types and media.best(declared.types, written) is None:
        promised = ", ".join(sorted(declared.types))
        report.add("response.content-type.incompatible", place, given.pointer, expected=written, promised=promised)
        return
    if expected is None or (expected.value is None and mode is RESPONSE):
        return
    chosen = sorted((pair for pair in declared.schemas if pair[1] is not None), key=itemgetter(0))
    if written and declared.types:
        best = media.best(declared.types, written)
        chosen = [pair for pair in chosen if pair[0] == best]
    elif not written:
        chosen = _accepted(chosen, interaction)
    if not chosen and forms.is_empty(expected):
        return
    if not chosen:
        report.add("response.body.unknown", expected.pointer, given.pointer)
        return
    readable = [
        (name, node)
        for name, node in chosen
        if forms.readable(judge.source, expected, written or name or "application/json", node)
    ]
    if not readable:
        report.add("response.body.unvalidatable", expected.pointer, given.pointer, expected=written or chosen[0][0])
        return
    tried = []
    for name, node in readable:
        assert node is not None  # noqa: S101 - filtered above
        value = forms.value(judge, expected, written or name or "application/json", node)
        rules = Rules(response["rules"], as_text=not media.is_json_like(written or name))
        own = Judge(judge.source, rules, judge.budget)
        tried.append(own.found(value, node, mode))
        if not tried[-1] and response["generators"] and not rules.as_text:
            generated.of_body(report, "response", judge, response["generators"], value, node, mode)
            return
    if all(tried):
        report.body("response.body.incompatible", likeliest(tried), expected)


def _accepted(chosen: list[Choice], interaction: Interaction) -> list[Choice]:
    """Without an expected Content-Type, the media types that the consumer accepts, if it says so."""
    accepts = [value for name, value, _ in interaction.request["headers"] if name.lower() == "accept"]
    taken = media.accepted(", ".join(accepts), tuple([name for name, _ in chosen])) if accepts else ()
    return [pair for pair in chosen if pair[0] in taken] or chosen
