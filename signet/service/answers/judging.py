"""What Deploy Guard decides, what is owed, and who relies on what: the answers of the commands of these names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from signet.core.guard import decide
from signet.core.model.decision import Candidate
from signet.core.owed import owed as entries
from signet.core.usage import field_named, operation_named
from signet.core.usage import usage as found_in
from signet.errors import UsageError
from signet.registry.at_hand import AtHand, NotAtHand
from signet.registry.stored import current_spec
from signet.service.snapshots import Snapshot


def guard(
    asked: Snapshot, candidates: Sequence[Candidate], environment: str | None, *, ignore: Sequence[str] = ()
) -> dict[str, Any]:
    """May these versions go to an environment together; None asks for the heads of main branches."""
    return decide(asked.state, candidates, environment, ignore=ignore).as_json() | {"commit": asked.commit}


def guard_text(
    asked: Snapshot, candidates: Sequence[Candidate], environment: str | None, *, ignore: Sequence[str] = ()
) -> bytes:
    """The same as it is sent."""
    return decide(asked.state, candidates, environment, ignore=ignore).as_text(asked.commit).encode()


def guard_at_hand(
    asked: Snapshot, candidates: Sequence[Candidate], environment: str | None, *, ignore: Sequence[str] = ()
) -> bytes | None:
    """The same, where nothing has to be read or compared for it; else None, at once."""
    try:
        return decide(AtHand(asked.state), candidates, environment, ignore=ignore).as_text(asked.commit).encode()
    except NotAtHand:
        return None


def owed(
    asked: Snapshot,
    *,
    provider: str | None = None,
    provider_version: str | None = None,
    consumer: str | None = None,
    consumer_version: str | None = None,
) -> dict[str, Any]:
    """The tests that are owed: by all, by a provider (version), or for a consumer (version)."""
    found = entries(
        asked.state,
        provider=provider,
        provider_version=provider_version,
        consumer=consumer,
        consumer_version=consumer_version,
    )
    return {"schema": "signet.owed/1", "commit": asked.commit, "owed": [one.as_json() for one in found]}


def usage(
    asked: Snapshot,
    service: str,
    *,
    version: str | None = None,
    operation: str | None = None,
    field: str | None = None,
    environment: str | None = None,
) -> dict[str, Any]:
    """Who relies on which operation and field of a provider; ``field`` needs its ``operation``."""
    if field is not None and operation is None:
        raise UsageError(f"The field {field!r} is asked for without its operation.", "Name the operation as well.")
    spec, _ = current_spec(f"{service}@{version}" if version is not None else service, asked.state)
    found = found_in(asked.state, service, spec, environment)
    chosen = [operation_named(found, operation)] if operation is not None else list(found.operations)
    listed = [one.as_json() for one in chosen]
    if field is not None:
        listed[0]["fields"] = [one.as_json() for one in field_named(chosen[0], field)]
    answer = {"schema": "signet.usage/1", "commit": asked.commit, "service": service, "operations": listed}
    return answer if operation else answer | {"without_operation": [use.as_json() for use in found.elsewhere]}
