"""What a spec test is to do: seed, phases, limits, credentials, exclusions. It is checked here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from signet.errors import UsageError
from signet.live.spec_test.checks import ADVICE

PHASES = ("examples", "coverage", "fuzzing", "stateful")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a spec is tested; UsageError for what cannot be.

    The same plan, spec and provider get the same requests. ``examples`` is how many cases an operation gets in each of
    the phases that draw some; ``time_limit`` ends the whole run, ``answer_limit`` the wait for one answer (seconds).
    ``headers`` go with every request and their values are secret. ``excluded`` names operations by id, by ``METHOD
    /path`` or by tag. ``hooks`` is a Python file that schemathesis loads. ``advice`` are codes of checks that only
    inform (``signet.live.spec_test.checks``).
    """

    seed: int = 1
    phases: tuple[str, ...] = PHASES
    examples: int = 25
    time_limit: float = 600.0
    answer_limit: float = 10.0
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    excluded: tuple[str, ...] = ()
    hooks: Path | None = None
    advice: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**63:
            raise UsageError("The seed is a number from 0 on, below 2^63.")
        _known("phase", self.phases, PHASES)
        if not self.phases:
            raise UsageError("A spec test has at least one phase.", f"The phases are: {', '.join(PHASES)}.")
        if not 1 <= self.examples <= 10_000:
            raise UsageError("The number of examples is from 1 to 10,000.")
        if not (1 <= self.time_limit <= 86_400 and 0 < self.answer_limit <= self.time_limit):
            raise UsageError(
                "A time limit is from a second to a day, and that of one answer is not longer than that of the whole."
            )
        _known("advice", self.advice, tuple(ADVICE))
        for name, value in self.headers.items():
            if not _HEADER_NAME.match(name):
                raise UsageError(f"'{name}' cannot be the name of a header.")
            if not _HEADER_VALUE.match(value) or value != value.strip():
                raise UsageError(
                    f"The value of the header '{name}' cannot be sent.",
                    "It is one line of printable characters, without blanks at its ends.",
                )
        if self.hooks is not None and not self.hooks.is_file():
            raise UsageError(f"There is no file {self.hooks} with hooks.")


def _known(kind: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            raise UsageError(f"There is no {kind} '{name}'.", f"There are: {', '.join(known)}.")
