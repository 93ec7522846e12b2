"""Collects the findings of one interaction, with places in both documents that resolve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from signet.core.compare.codes import CODES, sentence
from signet.core.compare.modes import Misfit
from signet.core.formats.bodies import Body
from signet.core.formats.matchers import Step
from signet.core.formats.text import escape, resolve
from signet.core.model.comparison import Finding
from signet.core.model.contract import Interaction

MOST = 20


class Report:
    """The findings of one interaction; ``root`` is the spec's document. ``is_quiet``: none tells a value of it."""

    def __init__(self, interaction: Interaction, root: Any, *, is_quiet: bool = False) -> None:
        self.interaction, self.root, self.is_quiet = interaction, root, is_quiet
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

    def misfits(self, code: str, found: Sequence[Misfit], pointer: str, name: str = "") -> None:
        """Add what does not fit about one parameter; if all of it is open, that nobody can tell."""
        for misfit in self._telling(code, found, pointer):
            at, why = misfit.matcher or pointer, misfit.why(self.root, is_quiet=self.is_quiet)
            self.add(code, at, misfit.pointer, name=name, why=why, promised=self._said(misfit))

    def body(self, code: str, found: Sequence[Misfit], body: Body) -> None:
        """Add what does not fit about a body, each at its place."""
        for misfit in self._telling(code, found, body.pointer):
            place = inner(body, misfit.place)
            named = "".join([f"/{escape(str(step))}" for step in misfit.place])
            why = misfit.why(self.root, is_quiet=self.is_quiet) + (f", at {named}" if named else "")
            pointer = misfit.matcher or (body.pointer if body.opaque else body.pointer + place)
            self.add(code, pointer, misfit.pointer, expected=place, promised=self._said(misfit), why=why)

    def _telling(self, code: str, found: Sequence[Misfit], pointer: str) -> Sequence[Misfit]:
        """The misfits that are certain; for the others one finding each that they cannot be judged."""
        for misfit in [each for each in found if each.is_open][:MOST]:
            about = "matcher" if misfit.matcher else "schema"
            at = misfit.matcher or pointer
            self.unjudged(code.partition(".")[0], at, misfit.pointer, misfit.reason, about)
        certain = [each for each in found if not each.is_open]
        return certain if len(certain) <= MOST else sorted(certain, key=_place)[:MOST]

    def unjudged(self, side: str, contract_pointer: str, spec_pointer: str, why: str, about: str = "schema") -> None:
        """Add that a schema or a matcher of one side cannot be judged; once for each place."""
        code = f"{side}.{about}.unvalidatable"
        try:
            resolve(self.root, spec_pointer)
        except LookupError:
            spec_pointer = ""
        if not any(each.code == code and each.spec_pointer == spec_pointer for each in self.findings):
            self.add(code, contract_pointer, spec_pointer, why=why)

    def _said(self, misfit: Misfit) -> str:
        return f"{misfit.pointer.rpartition('/')[2]}: {misfit.said(self.root)}"


def _place(misfit: Misfit) -> tuple[list[str], str, str]:
    """Where many are cut to a few, which ones are kept does not hang on the order in which a body is written."""
    return [str(step) for step in misfit.place], misfit.reason, misfit.pointer


def inner(body: Body, place: tuple[Step, ...]) -> str:
    """The JSON pointer of a place inside a body, as far as the body has it (a field of a form has none)."""
    pointer, value = "", body.value
    for step in place:
        held: dict[Any, Any] = value if isinstance(value, dict) else {}
        held = dict(enumerate(value)) if isinstance(value, list) else held
        if step not in held:
            break
        value = held[step]
        pointer += f"/{escape(str(step))}"
    return pointer
