"""What a run over conformance cases yields, and how it is printed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Outcome:
    """Counts, and for each case that failed one line: ``case: expected … got …``. ``notes`` are shown, not counted."""

    failures: list[str] = field(default_factory=list)
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    notes: list[str] = field(default_factory=list)

    def fail(self, line: str) -> None:
        """Count a failure."""
        self.failures.append(line)
        self.failed += 1

    def add(self, other: Outcome) -> None:
        """Count what another run counted."""
        self.failures += other.failures
        self.notes += other.notes
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def report(outcome: Outcome) -> int:
    """Print the outcome; the exit status, 1 if anything failed or there was nothing to run."""
    for line in [*outcome.notes, *outcome.failures]:
        print(line)
    if not outcome.passed + outcome.failed + outcome.skipped:
        print("no cases found")
        outcome = Outcome(failed=1)
    print(f"{outcome.passed} passed, {outcome.failed} failed, {outcome.skipped} skipped")
    return 1 if outcome.failed else 0
