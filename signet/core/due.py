"""Which contracts a provider version is to be replayed with: those that matter, and those that only inform.

Rules: rules.md ("Verification") and the meaning of branches. A contract *gates* where a consumer version that has it is
live anywhere or heads its main branch; one that only heads another branch *informs*. Equal contents are one contract:
a result that this provider version already has for it stands for all versions that share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from signet.core.model.state import State
from signet.core.model.verification import Replay
from signet.core.owed import Because, relevant


@dataclass(frozen=True, slots=True)
class Due:
    """A contract to replay: whose it is, which of its versions have it, why it matters, and the result there is."""

    consumer: str
    consumer_versions: tuple[str, ...]
    contract: str
    reasons: tuple[Because, ...]
    known: Replay | None = None

    @property
    def gates(self) -> bool:
        """True if a failure fails the build: a version that has it is live, or heads its main branch."""
        return any(reason.because != "branch" for reason in self.reasons)

    def as_json(self) -> dict[str, Any]:
        """The entry as a JSON object; ``known`` is "passed", "failed" or null."""
        return {
            "consumer": self.consumer,
            "consumer_versions": list(self.consumer_versions),
            "contract": self.contract,
            "gates": self.gates,
            "reasons": [reason.as_json() for reason in self.reasons],
            "known": None if self.known is None else "passed" if self.known.passed else "failed",
        }


def due(state: State, provider: str, version: str, *, consumer: str | None = None) -> tuple[Due, ...]:
    """What a version of ``provider`` is to be replayed with, by consumer (or of the one that is named) and contract.

    The version need not be known yet: then no result is.
    """
    found: dict[tuple[str, str], dict[str, set[Because]]] = {}
    names = {name for name in state.consumers(provider) if consumer in (None, name)}
    wanted: dict[tuple[str, str], set[Because]] = {
        one: set(reasons) for one, reasons in relevant(state).items() if one[0] in names
    }
    for name in names:
        main = state.service(name).main_branch
        for branch, head in state.branches(name).items():
            if branch != main:
                wanted.setdefault((name, head), set()).add(Because("branch"))
    state.expect(("manifest", *one) for one in wanted)
    for (name, number), reasons in wanted.items():
        manifest = state.manifest(name, number)
        if manifest is not None and provider in manifest.contracts:
            found.setdefault((name, manifest.contracts[provider]), {})[number] = reasons
    state.expect(("replay", provider, version, *key) for key in found)
    return tuple(
        Due(
            name,
            tuple(sorted(versions)),
            contract,
            tuple(sorted(set().union(*versions.values()), key=lambda why: (why.because, why.environment or ""))),
            state.replay(provider, version, name, contract),
        )
        for (name, contract), versions in sorted(found.items())
    )
