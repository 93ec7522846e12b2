"""A comparison as annotations of GitHub Actions: a workflow command for each finding.

``signet.cli.render`` writes the commands, so that nothing of the documents can end one and begin another.
"""

from __future__ import annotations

from signet.cli import render
from signet.cli.formats.outcome import Outcome

COMMANDS = {"error": "error", "warning": "warning", "undecided": "warning"}


def show(outcome: Outcome) -> None:
    """Write the verdict, an annotation for each finding at its place in the contract, and the counts."""
    render.say(outcome.title)
    for finding in outcome.comparison.findings:
        contract, spec = outcome.places(finding)
        open_ = "undecided: " if finding.severity == "undecided" else ""
        render.annotate(
            COMMANDS[finding.severity],
            f"{open_}{finding.message} (interaction {finding.interaction}: {finding.description}; spec: {spec})",
            file=contract.file,
            line=contract.line,
            col=contract.column,
            title=finding.code,
        )
    render.say(outcome.counts())
