"""CODEOWNERS, from the owners that the registry's own files name: ``signet.yaml``, services and environments.

The forge asks these people before a pull request is merged. Owners that no forge knows (a name without ``@``) cannot
stand there; they are told, and left out. It reads a state and writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from signet.registry import documents, layout
from signet.registry.read import RegistryState

CODEOWNERS = "CODEOWNERS"
PLACES = (".github/CODEOWNERS", CODEOWNERS, "docs/CODEOWNERS", ".gitlab/CODEOWNERS", ".gitea/CODEOWNERS")
"""Where forges look; the first that is there is taken."""
_KNOWN = re.compile(r"@[A-Za-z0-9][\w.-]*(?:/[\w.-]+)*|[^\s@#<>\"!\\]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_HEADER = """\
# Whom the forge asks before a pull request is merged; the last line that fits counts. It is made from `owners` in
# signet.yaml (for all that nobody else owns, this file and the workflows too), services/*/service.yaml and
# environments/*.yaml: change them there, and run 'signet init --update'.
"""


def is_known(owner: str) -> bool:
    """Can a forge know this owner: a user, a team or an address?"""
    return _KNOWN.fullmatch(owner) is not None


def codeowners(state: RegistryState, registry: documents.RegistryFile) -> tuple[bytes, list[str]]:
    """The file, and a note for each owner that is left out. InvalidData for a broken file of people."""
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
    for name in sorted(state.environments()):
        owners = state.environment(name).owners
        add(f"/environments/{name}.yaml", owners, layout.path("environment", name))
        add(f"/environments/{name}/", [one for one in owners if is_known(one)], "")
    services = sorted(state.services())
    state.expect(("service", service) for service in services)
    for service in services:
        add(f"/services/{service}/", state.service(service).owners, layout.path("service", service))
    return (_HEADER + "".join(f"{line}\n" for line in lines)).encode(), notes
