"""Collects the findings of one interaction, with places in both documents that resolve."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from signet.core.compare.codes import CODES, sentence
from signet.core.compare.modes import Misfit
from signet.core.compare.values import short
from signet.core.formats.bodies import Body
from signet.core.formats.matchers import Step
from signet.core.formats.text import escape, resolve
from signet.core.model.comparison import Finding
from signet.core.model.contract import Interaction

MOST = 20


class Report:
    """The findings of one interaction; ``root`` is the spec's document."""

    def __init__(self, interaction: Interaction, root: Any) -> None:
        self.interaction, self.root = interaction, root
        self.findings: list[Finding] = []

    def add(
        self,
        code: str,
        contract_pointer: str,
        spec_pointer: str,
        *,
        name: str = "",
        expected: str = "",
        promised: str = "",
        why: str = "",
    ) -> None:
        """Add a finding; its message comes from the table of codes."""
        message = sentence(code, name=name, expected=expected, promised=promised, why=why)
        self.findings.append(
            Finding(
                code,
                CODES[code].severity,
                self.interaction.index,
                self.interaction.description,
                message,
                contract_pointer,
                spec_pointer,
                expected,
                promised or why,
            )
        )

    def misfits(self, code: str, found: Iterable[Misfit], pointer: str, name: str = "") -> None:
        """Add what does not fit about one parameter."""
        for misfit in list(found)[:MOST]:
            self.add(code, pointer, misfit.pointer, name=name, why=misfit.why, promised=self._said(misfit))

    def body(self, code: str, found: Iterable[Misfit], body: Body) -> None:
        """Add what does not fit about a body, each at its place."""
        for misfit in list(found)[:MOST]:
            place = inner(body, misfit.place)
            why = f"{misfit.why}, at {place or 'its top'}" if misfit.place else misfit.why
            pointer = body.pointer if body.opaque else body.pointer + place
            self.add(code, pointer, misfit.pointer, expected=place, promised=self._said(misfit), why=why)

    def _said(self, misfit: Misfit) -> str:
        try:
            return f"{misfit.pointer.rpartition('/')[2]}: {short(resolve(self.root, misfit.pointer))}"
        except LookupError:
            return ""


def inner(body: Body, place: tuple[Step, ...]) -> str:
    """The JSON pointer of a place inside a body, as far as the body has it (a field of a form has none)."""
    pointer, value = "", body.value
    for step in place:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            break
        pointer += f"/{escape(str(step))}"
    return pointer
