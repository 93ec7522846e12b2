"""Where a name is: environments, services, versions, and operations of specs whose name contains a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from signet.core.formats.structure import METHODS
from signet.errors import Undecided
from signet.registry.stored import current_spec
from signet.service.snapshots import Snapshot

Hit = dict[str, str]
_KINDS = ("environment", "service", "operation", "version")


def search(asked: Snapshot, text: str) -> dict[str, Any]:
    """All hits, whole names first, whatever the case.

    Operations are looked for where the text has a slash, as their paths have, for every current spec is read for it:
    `/items`, `get /items`.
    """
    wanted = " ".join(text.split()).casefold()
    hits = [one for one in _named(asked) if wanted in _names(one)[0] or wanted in _names(one)]
    hits += [one for one in _aliases(asked) if wanted in one.pop("alias").casefold() and one not in hits]
    if "/" in wanted:
        hits += [one for one in _operations(asked) if wanted in one["operation"].casefold()]
    hits.sort(key=lambda one: (wanted not in _names(one), _KINDS.index(one["kind"])))
    return {"schema": "signet.search/1", "commit": asked.commit, "hits": hits if wanted else []}


def _names(hit: Hit) -> tuple[str, ...]:
    """What a hit is found by: its name with whose it is, and its own."""
    own = hit[hit["kind"]]
    full = f"{hit['service']} {own}" if "service" in hit and hit["kind"] != "service" else own
    return full.casefold(), own.casefold()


def _named(asked: Snapshot) -> Iterator[Hit]:
    state = asked.state
    for environment in sorted(state.environments()):
        yield {"kind": "environment", "environment": environment}
    for service in sorted(state.services()):
        yield {"kind": "service", "service": service}
        for version in sorted(state.versions(service)):
            yield {"kind": "version", "service": service, "version": version}


def _aliases(asked: Snapshot) -> Iterator[Hit]:
    for service in sorted(asked.state.services()):
        for alias in asked.state.service(service).aliases:
            yield {"kind": "service", "service": service, "alias": alias}


def _operations(asked: Snapshot) -> Iterator[Hit]:
    for service in sorted(asked.state.services()):
        try:
            spec, _ = current_spec(service, asked.state)
        except Undecided:
            continue  # it has none
        for path, item in spec.source.get("paths", {}).items():
            for method in METHODS if isinstance(item, dict) else ():
                if isinstance(item.get(method), dict):
                    yield {"kind": "operation", "service": service, "operation": f"{method.upper()} {path}"}
