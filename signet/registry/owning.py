"""CODEOWNERS, from the owners that the registry's own files name: ``signet.yaml``, services and environments.

The forge asks these people before a pull request is merged. Owners that no forge knows (a name without ``@``) cannot
stand there; they are told, and left out. It reads a state and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from signet.registry import documents, layout
from signet.registry.read import RegistryState

CODEOWNERS = "CODEOWNERS"
PLACES = (".github/CODEOWNERS", CODEOWNERS, "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".gitea/CODEOWNERS")
"""Where forges look; the first that is there is taken."""
_KNOWN = re.compile(r"@[A-Za-z0-9][\w.-]*(?:/[\w.-]+)*|[^\s@#<>\"!\\]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_NOTHING: Mapping[layout.Identity, Sequence[str]] = MappingProxyType({})
_HEADER = """\
# Whom the forge asks before a pull request is merged; the last line that fits counts. It is made from `owners` in
# signet.yaml (for all that nobody else owns, this file and the workflows too), services/*/service.yaml and
# environments/*.yaml: change them there, and run 'signet init --update'.
"""


def is_known(owner: str) -> bool:
    """Can a forge know this owner: a user, a team or an address?"""
    return _KNOWN.fullmatch(owner) is not None


def codeowners(
    state: RegistryState, registry: documents.RegistryFile, drafted: Mapping[layout.Identity, Sequence[str]] = _NOTHING
) -> tuple[bytes, list[str]]:
    """The file, and a note for each owner that is left out; ``drafted`` are owners that are about to be written.

    InvalidData for a broken file of people.
    """
    notes: list[str] = []
    lines = []

    def add(path: str, owners: Sequence[str], whose: str) -> None:
        known = [owner for owner in owners if is_known(owner)]
        notes.extend(
            f"{whose} names the owner {owner!r}, whom no forge knows: pass @USER, @ORGANISATION/TEAM or an address"
            for owner in owners
            if owner not in known
        )
        if known:
            lines.append(f"{path} {' '.join(known)}")

    add("*", registry.owners, layout.REGISTRY)
    new = {kind: {one for of, one in drafted if of == kind} for kind in ("environment", "service")}
    for name in sorted(state.environments() | new["environment"]):
        identity = ("environment", name)
        owners = drafted[identity] if identity in drafted else state.environment(name).owners
        add(f"/environments/{name}.yaml", owners, layout.path("environment", name))
        add(f"/environments/{name}/", [one for one in owners if is_known(one)], "")
    services = sorted(state.services() | new["service"])
    state.expect(("service", service) for service in services)
    for service in services:
        identity = ("service", service)
        owners = drafted[identity] if identity in drafted else state.service(service).owners
        add(f"/services/{service}/", owners, layout.path(*identity))
    return (_HEADER + "".join(f"{line}\n" for line in lines)).encode(), notes
