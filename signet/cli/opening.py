"""From ``--registry`` to a repository to write to, or to the state to ask. It decides nothing and prints nothing.

How the registry is reached, and how a fact is written, is the same for every command: the program reads those options
once (``signet.cli.app``) and hands them over here, so that no command carries them along.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.registry.opening import Access, Repository
    from signet.registry.read import RegistryState
    from signet.registry.record import Writing

_given: ContextVar[dict[str, Any]] = ContextVar("given", default={})  # noqa: B039 - it is never changed, only replaced


@contextmanager
def given(values: dict[str, Any]) -> Iterator[None]:
    """In this block, these are the values of the options that all commands share, by parameter."""
    token = _given.set(values)
    try:
        yield
    finally:
        _given.reset(token)


def access() -> Access:
    """How the registry is to be reached."""
    from signet.registry.opening import Access

    return Access(**_only("allow_http", "transport", "accept_rewrite"))


def how() -> Writing:
    """How a fact is to be written, and where it comes from: this checkout, and this CI run."""
    from signet.cli import checkout
    from signet.registry.record import Writing

    told = _only("timeout", "propose", "pull_request", "forge", "forge_url")
    requests = None
    if told.get("pull_request"):
        from signet.cli.requesting import Requests

        requests = Requests(
            told.get("forge") or "", told.get("forge_url") or "", allow_http=bool(_given.get().get("allow_http"))
        )
    propose = bool(told.get("propose")) or requests is not None
    return Writing(checkout.origin(), propose=propose, requests=requests, **_only("timeout"))


def _only(*names: str) -> dict[str, Any]:
    return {name: value for name, value in _given.get().items() if name in names and value is not None}


def located(registry: str | None) -> str:
    """The registry that was named; UsageError where none was."""
    if registry:
        return registry
    raise UsageError(
        "No registry is named.",
        "Pass --registry PATH|URL, set SIGNET_REGISTRY, or write 'registry: PATH|URL' into .signetrc.yaml.",
    )


def required(value: str | None, option: str) -> str:
    """The value of an option that a command cannot do without."""
    if value:
        return value
    variable = "SIGNET_" + option.upper().replace("-", "_")
    raise UsageError(f"--{option} is missing.", f"Pass --{option}, set {variable}, or write it into .signetrc.yaml.")


def for_writing(registry: str | None) -> Repository:
    """The repository to record facts in."""
    location = located(registry)
    from signet.registry.opening import open_for_writing

    return open_for_writing(location, access())


def for_reading(registry: str | None, *, at: str | None = None, offline: bool = False) -> RegistryState:
    """The state of the registry at its newest commit, or as it was ``at`` a commit or a date."""
    location = located(registry)
    from signet.registry.opening import open_for_reading

    return open_for_reading(location, access(), at=at, offline=offline)


def for_checking(registry: str | None, *, offline: bool = False) -> Repository:
    """The repository of a registry, with what is new in it; whether it is one is for whoever checks it to say."""
    location = located(registry)
    from signet.registry.opening import open_fresh

    return open_fresh(location, access(), offline=offline)
