"""The outcome of contract x spec: findings with stable codes and places in both documents."""

from __future__ import annotations

from typing import Any, NamedTuple


class Finding(NamedTuple):
    """One thing that the comparison found.

    ``severity`` is "error", "warning" or "undecided" (no answer within the budget: neither for nor against).
    ``interaction`` counts from 0. ``contract_pointer`` and ``spec_pointer`` are JSON pointers that resolve in the
    documents; a line is looked up from them where the document's text is at hand.
    """

    code: str
    severity: str
    interaction: int
    description: str
    message: str
    contract_pointer: str
    spec_pointer: str
    expected: str = ""
    promised: str = ""

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object; fields as named here."""
        return {
            "code": self.code,
            "severity": self.severity,
            "interaction": self.interaction,
            "description": self.description,
            "message": self.message,
            "contract_pointer": self.contract_pointer,
            "spec_pointer": self.spec_pointer,
            "expected": self.expected,
            "promised": self.promised,
        }


class Comparison(NamedTuple):
    """All findings of one contract with one spec. Errors make it incompatible; else undecided ones leave it open."""

    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> str:
        """``incompatible``, ``undecided`` or ``compatible``: the first that applies."""
        severities = {finding.severity for finding in self.findings}
        if "error" in severities:
            return "incompatible"
        return "undecided" if "undecided" in severities else "compatible"

    @property
    def beyond_spec(self) -> int:
        """How many interactions are none of HTTP's, so that the spec says nothing for or against them."""
        return sum(finding.code == "interaction.ignored" for finding in self.findings)

    @property
    def compatible(self) -> bool:
        """True only for the verdict ``compatible``."""
        return self.verdict == "compatible"
