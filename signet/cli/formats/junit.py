"""What is told of two documents as JUnit XML: one test case for each thing that it is told of.

An error is a failure, an undecided finding an error of the test; what was not looked at is skipped; the rest is its
output. What XML cannot hold is written out (``\\x1b``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from signet.cli import render
from signet.cli.formats.outcome import Answer, Case, Told, places_of

ELEMENTS = {"error": "failure", "breaking": "failure", "undecided": "error"}


def show(answer: Answer) -> None:
    """Write the document."""
    render.say_lines(lines(answer))


def lines(answer: Answer) -> Iterator[str]:
    """The document, line by line."""
    cases = answer.cases()
    kinds = [_kind(case) for case in cases]
    counts = (
        f'tests="{len(cases)}" failures="{kinds.count("failure")}" errors="{kinds.count("error")}" '
        f'skipped="{kinds.count("skipped")}" time="0"'
    )
    name = quoted(answer.name)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="{answer.command}" {counts}>'
    yield f'  <testsuite name="{name}" {counts}>'
    for case, kind in zip(cases, kinds, strict=True):
        yield from _case(answer, name, case, kind)
    yield "  </testsuite>"
    yield "</testsuites>"


def _kind(case: Case) -> str:
    """What a test case is: the first that applies."""
    elements = {ELEMENTS.get(told.severity) for told in case.told}
    for element in ("failure", "error"):
        if element in elements:
            return element
    return "skipped" if any(told.code in case.skipped for told in case.told) else ""


def _case(answer: Answer, suite: str, case: Case, kind: str) -> Iterator[str]:
    head = f'    <testcase classname="{suite}" name="{quoted(case.title)}" time="0"'
    if not case.told:
        yield f"{head}/>"
        return
    yield f"{head}>"
    of_kind: Sequence[Told] = [each for each in case.told if kind and ELEMENTS.get(each.severity, "skipped") == kind]
    others = [each for each in case.told if each not in of_kind]
    if kind == "skipped":
        yield f'      <skipped message="{quoted(of_kind[0].message)}"/>'
        others = [each for each in case.told if each != of_kind[0]]
    elif of_kind:
        first = of_kind[0]
        yield f'      <{kind} type="{quoted(first.code)}" message="{quoted(first.message)}">'
        yield from (quoted(_told(answer, each)) for each in of_kind)
        yield f"      </{kind}>"
    if others:
        yield "      <system-out>"
        yield from (quoted(_told(answer, each)) for each in others)
        yield "      </system-out>"
    yield "    </testcase>"


def _told(answer: Answer, told: Told) -> str:
    first, second = places_of(answer, told)
    return f"{told.severity}: {told.message} [{told.code}] {first} #{first.pointer} {second} #{second.pointer}"


def quoted(text: str) -> str:
    """A text inside an element or an attribute; every character of it prints, so XML can hold it."""
    shown = escape(render.masked(render.visible(text)), {'"': "&quot;", "'": "&apos;"})
    return shown.replace("##[", "#&#35;[").replace("::", ":&#58;")
