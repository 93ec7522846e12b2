"""What every format of ``signet check`` is made from: the faults, and what turns in each place, with files and lines.

It puts no text into any syntax, and writes nothing; how a report comes of a check is ``signet.cli.checks.placing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from signet.cli import render
from signet.core.formats.places import Place
from signet.core.whatif import AGAINST, BETTER, OPEN, RED

if TYPE_CHECKING:
    from signet.registry.check import Finding

KINDS = {
    "broken": ("error", "A changed agreed spec breaks a consumer version that is live."),
    AGAINST: ("error", "A pair of live versions that Deploy Guard is against, and was not before."),
    "undecided": ("warning", "Nobody can tell whether a changed agreed spec breaks a consumer version that is live."),
    OPEN: ("warning", "A pair of live versions that Deploy Guard can say nothing about, and could before."),
    "published": ("warning", "A spec that a new version was published with would break a consumer version."),
    BETTER: ("note", "A pair of live versions that is judged better than before."),
}
"""By kind of news, its level and what it says, the gravest first."""
CODES = {
    "broken": "consumer-broken",
    AGAINST: "pair-turned-against",
    "undecided": "consumer-undecided",
    OPEN: "pair-turned-open",
    "published": "spec-published-breaks",
    BETTER: "pair-better",
}
"""The stable code of each kind."""
MAIN = "main branches"
NAMED = 3
"""Consumer versions that a summary names."""


class Detail(NamedTuple):
    """One interaction that does not fit: its description, what is so, and where."""

    interaction: int
    description: str
    code: str
    message: str
    contract: Place
    spec: Place


class News(NamedTuple):
    """One thing that a change does in a place. ``file`` is where to look first."""

    kind: str
    consumer: str
    consumer_version: str
    provider: str
    sentence: str
    remedy: str
    file: Place
    details: tuple[Detail, ...]

    @property
    def level(self) -> str:
        """``error``, ``warning`` or ``note``."""
        return KINDS[self.kind][0]

    @property
    def code(self) -> str:
        """The stable code."""
        return CODES[self.kind]

    @property
    def title(self) -> str:
        """Who, and with whom."""
        return f"{self.consumer} {self.consumer_version} with {self.provider}"


class Where(NamedTuple):
    """A place with its verdict (``red``, ``open``, ``green``) and the news of it, the gravest first."""

    environment: str | None
    verdict: str
    protected: bool
    news: tuple[News, ...]
    unreadable: str

    @property
    def name(self) -> str:
        """What to call it."""
        return self.environment or MAIN

    def summary(self) -> str:
        """How much turns, in words."""
        words = {
            "broken": "broken by a changed spec",
            AGAINST: "turned against",
            "undecided": "undecided",
            OPEN: "turned open",
            BETTER: "better",
        }
        told = []
        for kind, word in words.items():
            who = list(dict.fromkeys(f"{one.consumer} {one.consumer_version}" for one in self.news if one.kind == kind))
            if who:
                number = sum(one.kind == kind for one in self.news)
                more = f" and {len(who) - NAMED} more" if len(who) > NAMED else ""
                told.append(f"{number} {word} ({', '.join(who[:NAMED])}{more})")
        return ", ".join(([self.unreadable] if self.unreadable else []) + told) or "nothing turns"


class Report(NamedTuple):
    """The whole answer. ``places`` are empty for a whole tree, which has nothing before it."""

    base: str | None
    revision: str | None
    findings: tuple[Finding, ...]
    places: tuple[Where, ...]
    published: tuple[News, ...]
    changed: int
    pairs: int
    judged: int
    note: str = ""

    @property
    def faults(self) -> int:
        """How many findings are errors."""
        return sum(one.level == "error" for one in self.findings)

    @property
    def red(self) -> tuple[str, ...]:
        """The protected environments that turn red."""
        return tuple(place.name for place in self.places if place.protected and place.verdict == RED)

    @property
    def is_allowed(self) -> bool:
        """No faults, and no protected environment that turns red."""
        return not (self.faults or self.red or self.note)

    def title(self) -> str:
        """The answer in one line."""
        why = [render.counted(self.faults, "fault")] if self.faults else []
        why += [f"{name} turns red" for name in self.red]
        why += [self.note] if self.note else []
        verdict = f"refused: {', '.join(why)}" if why else "allowed"
        beside = [place.name for place in self.places if self._is_beside(place)]
        verdict += f"{', and ' if why else ', although '}{', '.join(beside)} {_turns(beside)} red" if beside else ""
        warnings = len(self.findings) - self.faults
        return verdict + (f" ({render.counted(warnings, 'warning')})" if warnings else "")

    @staticmethod
    def _is_beside(place: Where) -> bool:
        return place.verdict == RED and not place.protected

    def scope(self) -> str:
        """What was looked at."""
        files = render.counted(self.changed, "file")
        if self.base is None:
            return f"the whole tree at {_short(self.revision)}, {files}"
        return (
            f"{files} changed from {_short(self.base)} to {_short(self.revision)}; "
            f"{self.judged} of {render.counted(self.pairs, 'pair')} of live versions judged anew"
        )


def _turns(names: list[str]) -> str:
    return "turns" if len(names) == 1 and names[0] != MAIN else "turn"


def _short(commit: str | None) -> str:
    return (commit or "nothing")[:10]
