"""Specs and contracts as they are stored, by digest; and which there are."""

from __future__ import annotations

import re
from typing import Any

from signet.errors import UnknownName
from signet.registry import listing
from signet.service.answers.naming import absent, known
from signet.service.snapshots import Snapshot

_DIGEST = re.compile(r"[0-9a-f]{8,64}\Z")


def specs(asked: Snapshot, service: str) -> dict[str, Any]:
    """The agreed spec of a service, and those that its versions were published or tested with."""
    known(asked, services=(service,))
    agreed = asked.state.agreed_spec(service)
    told = [{"digest": one, "agreed": one == agreed} for one in _specs(asked, service)]
    return {"schema": "signet.specs/1", "commit": asked.commit, "service": service, "specs": told}


def spec(asked: Snapshot, service: str, digest: str) -> dict[str, Any]:
    """A spec with its content: by (the beginning of) its digest, or ``agreed``."""
    known(asked, services=(service,))
    if digest == "agreed":
        found = asked.state.agreed_spec(service)
        if found is None:
            raise absent("spec", f"{service} agreed")
    else:
        found = _chosen("spec", service, digest, _specs(asked, service))
    content = asked.state.spec(service, found)
    return {
        "schema": "signet.spec/1",
        "commit": asked.commit,
        "service": service,
        "digest": found,
        "agreed": found == asked.state.agreed_spec(service),
        "title": content.title,
        "dialect": content.dialect,
        "document": content.source,
    }


def contracts(asked: Snapshot, consumer: str, *, provider: str | None = None) -> dict[str, Any]:
    """The contracts that versions of a consumer ever had; with ``provider``, those with it."""
    known(asked, services=(consumer,))
    stored = [one for one in listing.contracts(asked.state, consumer) if provider in (None, one.provider)]
    told = [{"provider": one.provider, "digest": one.digest} for one in stored]
    return {"schema": "signet.contracts/1", "commit": asked.commit, "consumer": consumer, "contracts": told}


def contract(asked: Snapshot, consumer: str, provider: str, digest: str) -> dict[str, Any]:
    """A contract with its content, by (the beginning of) its digest."""
    known(asked, services=(consumer,))
    stored = [one.digest for one in listing.contracts(asked.state, consumer) if one.provider == provider]
    found = _chosen("contract", f"{consumer} with {provider}", digest, stored)
    content = asked.state.contract(consumer, provider, found)
    return {
        "schema": "signet.contract/1",
        "commit": asked.commit,
        "consumer": consumer,
        "provider": provider,
        "digest": found,
        "interactions": [
            {"index": one.index, "description": one.description, "kind": one.kind, "pointer": one.pointer}
            for one in content.interactions
        ],
        "document": content.source,
    }


def _specs(asked: Snapshot, service: str) -> list[str]:
    agreed = asked.state.agreed_spec(service)
    return sorted({*listing.specs(asked.state, service), *([agreed] if agreed is not None else [])})


def _chosen(kind: str, whose: str, digest: str, stored: list[str]) -> str:
    """The one digest that begins so; UnknownName for none and for several."""
    found = [one for one in stored if _DIGEST.match(digest) and one.startswith(digest)]
    if len(found) == 1:
        return found[0]
    if found:
        names = [(f"unknown-{kind}", kind, digest, None)]
        raise UnknownName(names, f"Several digests begin so: {', '.join(found)}. Give more digits.")
    raise absent(kind, f"{whose} {digest}")
