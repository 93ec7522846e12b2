"""What every format is made from: what is told of two documents, with its places in both.

``Outcome`` is a comparison of a contract with a spec; ``signet.cli.formats.changed`` is one of two specs. It reads
nothing and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from signet.core.compare.codes import CODES
from signet.core.formats.places import Place, Side, comparison_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from signet.core.model.comparison import Comparison, Finding
    from signet.core.model.contract import Interaction

VERBS = {"compatible": "fits", "incompatible": "does not fit", "undecided": "may or may not fit"}


class Told(NamedTuple):
    """One thing that is told. ``subject`` says of what; ``named`` is the message with it, as one sentence.

    ``places`` are the pointers in the two documents, and ``labels`` what stands beside their markers. ``said`` and
    ``rule`` are lines below; what is ``brief`` is shown without any.
    """

    severity: str
    code: str
    subject: str
    named: str
    message: str
    places: tuple[str, str]
    labels: tuple[str, str]
    said: str = ""
    rule: str = ""
    properties: Mapping[str, Any] = {}
    is_brief: bool = False


class Case(NamedTuple):
    """A test case of JUnit: what is told of one thing. ``skipped`` are the codes that say that it was not looked at."""

    title: str
    told: Sequence[Told]
    skipped: frozenset[str] = frozenset()


class Rule(NamedTuple):
    """A rule of SARIF."""

    code: str
    severity: str
    short: str
    full: str
    properties: Mapping[str, Any]


class Answer(Protocol):
    """What the formats ask for. ``words`` name the second document: in a heading, and in a sentence."""

    @property
    def command(self) -> str:
        """The command, as headings have it."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of six columns: severity, code, subject, message, and the two documents."""

    @property
    def quiet(self) -> bool:
        """Is one line for each enough?"""

    @property
    def title(self) -> str:
        """The verdict as a sentence."""

    @property
    def verdict(self) -> str:
        """The verdict in a word."""

    @property
    def name(self) -> str:
        """Both documents in a few words."""

    @property
    def sides(self) -> tuple[Side, Side]:
        """The two documents; what has to change first."""

    def told(self) -> Sequence[Told]:
        """Everything that is told, in its order."""

    def cases(self) -> Sequence[Case]:
        """The same by what it is told of."""

    def counts(self) -> str:
        """How many of each severity, in words."""

    def rules(self) -> Sequence[Rule]:
        """All rules that there are, or those that are told of."""

    def document(self) -> dict[str, Any]:
        """Everything as one JSON document."""


def places_of(answer: Answer, told: Told) -> tuple[Place, Place]:
    """Where a thing stands in both documents."""
    first, second = answer.sides
    return first.place(told.places[0]), second.place(told.places[1])


def counted(severities: Sequence[str], words: Sequence[tuple[str, str]], nothing: str) -> str:
    """``1 error, 2 warnings``."""
    found = [(severities.count(one), one, many) for one, many in words]
    return ", ".join(f"{number} {one if number == 1 else many}" for number, one, many in found if number) or nothing


@dataclass(frozen=True, slots=True)
class Outcome:
    """A comparison that is to be answered. ``commit`` is that of the registry, if one was read."""

    comparison: Comparison
    interactions: Sequence[Interaction]
    contract: Side
    spec: Side
    commit: str | None = None
    quiet: bool = False

    command = "signet compare"
    columns = ("severity", "code", "interaction", "finding", "contract", "spec")

    @property
    def title(self) -> str:
        """The verdict as a sentence."""
        return f"{self.verdict}: {self.contract.label} {VERBS[self.verdict]} {self.spec.label}"

    @property
    def verdict(self) -> str:
        """The verdict in a word."""
        return self.comparison.verdict

    @property
    def name(self) -> str:
        """Both documents in a few words."""
        return f"{self.contract.label} x {self.spec.label}"

    @property
    def sides(self) -> tuple[Side, Side]:
        """The contract, as that is what has to change or to be agreed on, and the spec."""
        return self.contract, self.spec

    def places(self, finding: Finding) -> tuple[Place, Place]:
        """Where a finding stands in the contract, and where in the spec."""
        return self.contract.place(finding.contract_pointer), self.spec.place(finding.spec_pointer)

    def told(self) -> list[Told]:
        """The findings."""
        return [_told(finding) for finding in self.comparison.findings]

    def cases(self) -> list[Case]:
        """The interactions, each with its findings."""
        found: dict[int, list[Told]] = {}
        for finding in self.comparison.findings:
            found.setdefault(finding.interaction, []).append(_told(finding))
        skips = frozenset(["interaction.ignored"])
        return [Case(f"{one.index}: {one.description}", found.get(one.index, []), skips) for one in self.interactions]

    def counts(self) -> str:
        """How many findings of each severity, in words."""
        words = (("error", "errors"), ("warning", "warnings"), ("undecided", "undecided"))
        return counted([finding.severity for finding in self.comparison.findings], words, "no findings")

    def rules(self) -> list[Rule]:
        """All codes."""
        return [
            Rule(
                code,
                row.severity,
                row.rule,
                f"Step {row.step} of the comparison. {row.rule}",
                {"severity": row.severity, "step": row.step},
            )
            for code, row in CODES.items()
        ]

    def document(self) -> dict[str, Any]:
        """The comparison as one JSON document, schema ``signet.comparison/1``; forms only grow."""
        return comparison_json(self.comparison, self.contract, self.spec, self.commit)


def _told(finding: Finding) -> Told:
    sends = finding.code.startswith("request.")
    row = CODES[finding.code]
    whose = "required of the consumer" if row.required else "what the consumer may rely on"
    said = f"expected: {finding.expected or '-'}; promised: {finding.promised or '-'}"
    return Told(
        finding.severity,
        finding.code,
        f"interaction {finding.interaction}: {finding.description}",
        f"Interaction {finding.interaction} ({finding.description}): {finding.message}",
        finding.message,
        (finding.contract_pointer, finding.spec_pointer),
        ("sent here", "taken here") if sends else ("expected here", "promised here"),
        said if finding.expected or finding.promised else "",
        f"step {row.step}, {whose}: {row.rule}",
        {
            "severity": finding.severity,
            "interaction": finding.interaction,
            "expected": finding.expected,
            "promised": finding.promised,
        },
    )
