"""A comparison as JUnit XML: one test case for each interaction, with all its findings.

An error is a failure, an undecided finding an error of the test, an interaction that the spec says nothing about is
skipped; warnings are its output. What XML cannot hold is written out (``\\x1b``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from signet.cli import render
from signet.cli.formats.outcome import Outcome
from signet.core.model.comparison import Finding
from signet.core.model.contract import Interaction

ELEMENTS = {"error": "failure", "undecided": "error"}


def show(outcome: Outcome) -> None:
    """Write the document."""
    render.say_lines(lines(outcome))


def lines(outcome: Outcome) -> Iterator[str]:
    """The document, line by line."""
    found = {index: list(group) for index, group in groupby(outcome.comparison.findings, lambda one: one.interaction)}
    cases = [(each, found.get(each.index, [])) for each in outcome.interactions]
    kinds = [_kind(findings) for _, findings in cases]
    counts = (
        f'tests="{len(cases)}" failures="{kinds.count("failure")}" errors="{kinds.count("error")}" '
        f'skipped="{kinds.count("skipped")}" time="0"'
    )
    name = quoted(f"{outcome.contract.label} x {outcome.spec.label}")
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="signet compare" {counts}>'
    yield f'  <testsuite name="{name}" {counts}>'
    for (interaction, findings), kind in zip(cases, kinds, strict=True):
        yield from _case(outcome, name, interaction, findings, kind)
    yield "  </testsuite>"
    yield "</testsuites>"


def _kind(findings: Sequence[Finding]) -> str:
    """What a test case is: the first that applies."""
    severities = {finding.severity for finding in findings}
    for severity, element in ELEMENTS.items():
        if severity in severities:
            return element
    return "skipped" if any(finding.code == "interaction.ignored" for finding in findings) else ""


def _case(
    outcome: Outcome, suite: str, interaction: Interaction, findings: Sequence[Finding], kind: str
) -> Iterator[str]:
    title = quoted(f"{interaction.index}: {interaction.description}")
    head = f'    <testcase classname="{suite}" name="{title}" time="0"'
    if not findings:
        yield f"{head}/>"
        return
    yield f"{head}>"
    of_kind = [each for each in findings if kind != "" and ELEMENTS.get(each.severity, "skipped") == kind]
    others = [each for each in findings if each not in of_kind]
    if kind == "skipped":
        yield f'      <skipped message="{quoted(of_kind[0].message)}"/>'
        others = [each for each in findings if each != of_kind[0]]
    elif of_kind:
        first = of_kind[0]
        yield f'      <{kind} type="{quoted(first.code)}" message="{quoted(first.message)}">'
        yield from (quoted(_told(outcome, each)) for each in of_kind)
        yield f"      </{kind}>"
    if others:
        yield "      <system-out>"
        yield from (quoted(_told(outcome, each)) for each in others)
        yield "      </system-out>"
    yield "    </testcase>"


def _told(outcome: Outcome, finding: Finding) -> str:
    contract, spec = outcome.places(finding)
    return (
        f"{finding.severity}: {finding.message} [{finding.code}] {contract} #{contract.pointer} {spec} #{spec.pointer}"
    )


def quoted(text: str) -> str:
    """A text inside an element or an attribute; every character of it prints, so XML can hold it."""
    shown = escape(render.masked(render.visible(text)), {'"': "&quot;", "'": "&apos;"})
    return shown.replace("##[", "#&#35;[").replace("::", ":&#58;")
