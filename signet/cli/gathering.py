"""Evidence is gathered: the spec test and the replays are run at a provider, and the terminal hears how far they are.

What is to be tested is for ``signet.cli.evidence``; nothing is started or recorded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from signet.cli import render
from signet.cli.evidence import Choice, Evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from signet.cli.collecting import Collected
    from signet.live.replay import Plan as ReplayPlan
    from signet.live.spec_test import Plan as SpecPlan


def gathered(
    choice: Choice,
    place: str,
    plan: SpecPlan,
    replaying: ReplayPlan,
    spec_states: tuple[str, ...],
    masked: Callable[[str], str],
    collected: Collected,
) -> Evidence:
    """The spec test, then the replays; CouldNotTest where the provider was not there, or went away."""
    from signet.live import replay, spec_test
    from signet.registry import cache

    def progress(done: int, total: int, operation: str) -> None:
        render.progress(f"spec test: {done} of {total}: {operation}")

    def line(text: str) -> None:
        if text.startswith("states: "):
            render.progress()
            render.note(text)
        else:
            render.progress(text)

    found = Evidence()
    try:
        if choice.spec is not None:
            kept = cache.root() / "spec-test"
            with replay.in_states(spec_states, replaying, tell=line, masked=masked):
                outcome = spec_test.run(
                    choice.spec, place, plan, tell=progress, masked=masked, cache=kept, seen=collected.of_spec_test
                )
            found.spec = choice.spec, outcome
        if choice.replays:
            subjects = [wanted.subject for wanted in choice.replays]
            came = replay.run(subjects, place, replaying, tell=line, masked=masked, seen=collected.of_replays)
            found.replays = list(zip(choice.replays, came, strict=True))
    finally:
        render.progress()
    return found
