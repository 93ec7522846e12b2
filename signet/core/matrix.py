"""What is owed as the matrix of a CI system: one job a row, plain texts only, never more jobs than a system takes.

``owed`` says what is owed; this module lays it out. What the registry says about artifacts is data of other teams: a
value that no command of ours would take is left out, so that no workflow gets it either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from signet.core.model.state import State
from signet.core.owed import Owed
from signet.core.placeholders import ARTIFACTS, fault_of

MOST = 256
"""Jobs of a matrix that GitHub Actions takes."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The rows, how many more are owed than there is room for, and the artifacts that were left out, in words."""

    rows: tuple[dict[str, str], ...]
    cut: int = 0
    refused: tuple[str, ...] = ()


def matrix(state: State, entries: Sequence[Owed]) -> Matrix:
    """A row for each entry, in the order of ``owed``: what a guard waits for comes first, and is cut last."""
    kept = entries[:MOST]
    state.expect(("manifest", service, version) for one in kept for service, version in _sides(one))
    refused: dict[str, None] = {}
    rows = tuple(_row(state, one, refused) for one in kept)
    return Matrix(rows, len(entries) - len(kept), tuple(refused))


def _sides(one: Owed) -> list[tuple[str, str]]:
    consumer = [(one.consumer, one.consumer_versions[-1])] if one.consumer and one.consumer_versions else []
    return [(one.provider, one.provider_version), *consumer]


def _row(state: State, one: Owed, refused: dict[str, None]) -> dict[str, str]:
    provider, *consumer = _sides(one)
    return {
        "kind": "spec" if one.kind == "spec-test" else one.kind,
        "provider": one.provider,
        "provider_version": one.provider_version,
        "consumer": one.consumer or "",
        "consumer_version": consumer[0][1] if consumer else "",
        "consumer_versions": " ".join(one.consumer_versions),
        "contract": one.contract or "",
        "spec": one.spec or "",
        "blocking": "true" if one.blocking else "false",
        **_artifacts(state, "provider", provider, refused),
        **_artifacts(state, "consumer", consumer[0] if consumer else None, refused),
    }


def _artifacts(state: State, side: str, of: tuple[str, str] | None, refused: dict[str, None]) -> Mapping[str, str]:
    manifest = state.manifest(*of) if of is not None else None
    found = {}
    for kind in ARTIFACTS:
        value = manifest.artifacts.get(kind, "") if manifest is not None else ""
        reason = fault_of(value) if value else ""
        if reason and of is not None:
            refused[f"the artifact {kind} of {of[0]} {of[1]}: {reason}"] = None
        found[f"{side}_{kind}"] = "" if reason else value
    return found
