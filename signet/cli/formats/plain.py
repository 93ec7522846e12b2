"""A comparison as text for people: each finding with an excerpt of both documents, as a compiler shows it.

With ``--quiet`` a finding is one line: place in the contract, severity, message, code, place in the spec.
"""

from __future__ import annotations

from signet.cli import render
from signet.cli.formats import excerpts
from signet.cli.formats.outcome import Outcome
from signet.core.compare.codes import CODES
from signet.core.model.comparison import Finding

COLOURS = {"error": "red", "warning": "yellow", "undecided": "yellow"}
INDENT = " " * 6


def show(outcome: Outcome) -> None:
    """Write the verdict, the findings, and how many there are."""
    render.say(outcome.title, colour=render.MARKS.get(outcome.comparison.verdict, "yellow"))
    width = render.width()
    for finding in outcome.comparison.findings:
        if outcome.quiet:
            _line(finding, outcome)
        else:
            _finding(finding, outcome, width)
    render.say(outcome.counts())


def _line(finding: Finding, outcome: Outcome) -> None:
    contract, spec = outcome.places(finding)
    render.say(f"{contract}: {finding.severity}: {finding.message} [{finding.code}] ({spec})")


def _finding(finding: Finding, outcome: Outcome, width: int) -> None:
    colour = COLOURS.get(finding.severity, "yellow")
    row = CODES[finding.code]
    render.say(f"  {finding.severity}: {finding.message} [{finding.code}]", colour=colour)
    render.say(f"{INDENT}interaction {finding.interaction}: {finding.description}")
    sends = finding.code.startswith("request.")
    labels = ("sent" if sends else "expected", "taken" if sends else "promised")
    for side, place, label in zip(
        (outcome.contract, outcome.spec),
        outcome.places(finding),
        (f"{labels[0]} here", f"{labels[1]} here"),
        strict=True,
    ):
        render.say(f"{INDENT}{place} #{place.pointer}")
        for line in excerpts.excerpt(side.document, place, label, width - len(INDENT)):
            render.say(INDENT + line.text, colour=colour if line.marked else "dim")
    if finding.expected or finding.promised:
        render.say(f"{INDENT}expected: {finding.expected or '-'}; promised: {finding.promised or '-'}")
    whose = "required of the consumer" if row.required else "what the consumer may rely on"
    render.say(f"{INDENT}step {row.step}, {whose}: {row.rule}")
