"""What badges say: the verdict of Deploy Guard on a version, or on all of a service that is live in an environment."""

from __future__ import annotations

from typing import Any

from signet.service.answers.environments import GRAVEST, verdict
from signet.service.answers.naming import known, known_version
from signet.service.snapshots import Snapshot


def badge(asked: Snapshot, environment: str, service: str, *, version: str | None = None) -> dict[str, Any]:
    """The verdict on a version for an environment; without one, the gravest of those that are live there."""
    known(asked, services=(service,), environment=environment)
    if version is not None:
        known_version(asked, service, version)
        chosen: tuple[str, ...] = (version,)
    else:
        chosen = asked.state.placement(environment, service).versions
    verdicts = [verdict(asked, service, one, environment)["verdict"] for one in chosen]
    return {
        "schema": "signet.badge/1",
        "commit": asked.commit,
        "label": f"{service} {version} in {environment}" if version is not None else f"{service} in {environment}",
        "verdict": min(verdicts, key=GRAVEST.index, default="not live"),
        "versions": list(chosen),
    }
