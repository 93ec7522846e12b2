"""Consumer versions that rely on a provider, in words: who they are, and where they are live."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signet.core.owed import Because
    from signet.core.usage import Use
    from signet.registry.read import RegistryState


def in_order(state: RegistryState, environments: Iterable[str | None]) -> list[str | None]:
    """Environments in the order of promotion; None, the main branches, comes last."""

    def key(name: str | None) -> tuple[bool, bool, int, str]:
        order = None if name is None else state.environment(name).order
        return (name is None, order is None, order or 0, name or "")

    return sorted(environments, key=key)


def places(reasons: Iterable[Because]) -> str:
    """Where a version is live: its environments, and whether it heads its main branch."""
    found = list(dict.fromkeys(reason.environment or "main branch" for reason in reasons))
    return ", ".join(sorted(found, key=lambda place: (place == "main branch", place)))


def users(uses: Iterable[Use]) -> str:
    """The consumer versions of some uses, each once, or ``nobody``."""
    found = dict.fromkeys(f"{use.by.consumer} {use.by.version} ({places(use.by.reasons)})" for use in uses)
    return ", ".join(found) or "nobody"
