"""From ``--registry`` to a repository to write to, or to the state to ask. It decides nothing and prints nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.registry.opening import Repository
    from signet.registry.read import RegistryState


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


def for_writing(registry: str | None, *, allow_http: bool) -> Repository:
    """The repository to record facts in."""
    location = located(registry)
    from signet.registry.opening import open_for_writing

    return open_for_writing(location, allow_http=allow_http)


def for_reading(
    registry: str | None, *, at: str | None = None, offline: bool = False, allow_http: bool = False
) -> RegistryState:
    """The state of the registry at its newest commit, or as it was ``at`` a commit or a date."""
    location = located(registry)
    from signet.registry.opening import open_for_reading

    return open_for_reading(location, at=at, offline=offline, allow_http=allow_http)
