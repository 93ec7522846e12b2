"""What there is of a kind in a registry: specs, contracts and results, listed from its directories.

``signet.registry.read`` answers for one fact at a time; what is listed here is for those who browse. It judges nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from signet.core.model.verification import Replay, SpecTest
from signet.registry import layout
from signet.registry.read import RegistryState

Result = SpecTest | Replay


class Stored(NamedTuple):
    """A contract that is stored: of which consumer, with which provider, and its full digest."""

    consumer: str
    provider: str
    digest: str


def specs(state: RegistryState, service: str) -> tuple[str, ...]:
    """The full digests of the specs that versions of a service were published or tested with, sorted."""
    found = []
    for short in _records(state, f"services/{service}/specs", "spec"):
        record = state.stored("spec", service, short)
        if record is not None:
            found.append(record.digest)
    return tuple(sorted(found))


def contracts(state: RegistryState, consumer: str) -> tuple[Stored, ...]:
    """The contracts that versions of a service, as consumer, ever had; sorted by provider and digest."""
    root = f"services/{consumer}/contracts"
    found = []
    for provider in sorted(one.name for one in state.listing(root) if one.is_tree):
        for short in _records(state, f"{root}/{provider}", "contract"):
            record = state.stored("contract", consumer, provider, short)
            if record is not None:
                found.append(Stored(consumer, provider, record.digest))
    return tuple(sorted(found))


def tested(state: RegistryState, service: str) -> tuple[str, ...]:
    """The versions of a service that have any result, sorted."""
    return tuple(sorted(one.name for one in state.listing(f"services/{service}/verifications") if one.is_tree))


def results(state: RegistryState, service: str, version: str) -> tuple[Result, ...]:
    """The latest results of a provider version: its spec test first, then replays by consumer and contract."""
    found: list[Result] = []
    test = state.spec_test(service, version)
    if test is not None:
        found.append(test)
    root = f"services/{service}/verifications/{version}"
    replays = []
    for one in state.listing(root):
        identity = layout.identity(f"{root}/{one.name}")
        if identity is not None and identity[0] == "replay":
            replay = state.replay(*identity[1:])
            if replay is not None:
                replays.append(replay)
    return (*found, *sorted(replays, key=lambda each: (each.consumer, each.contract)))


def _records(state: RegistryState, root: str, kind: str) -> list[str]:
    """The short digests of the records of a kind in a directory; what else lies there is for ``signet check``."""
    known = [layout.identity(f"{root}/{one.name}") for one in state.listing(root) if one.is_file]
    return sorted(one[-1] for one in known if one is not None and one[0] == kind)
