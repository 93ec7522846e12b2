"""CODEOWNERS, where there is one, gives each service and environment to its owners: the forge asks those.

Only owners that a forge can know are compared: names with ``@``, and addresses. The last pattern that fits counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from signet.errors import InvalidData
from signet.registry import layout, owning
from signet.registry.check.changed import Difference
from signet.registry.check.findings import Finding
from signet.registry.read import RegistryState

Pattern = tuple[re.Pattern[str], frozenset[str]]


def check(found: Difference) -> Iterator[Finding]:
    """Services and environments whose owners changed; all of them, where CODEOWNERS itself changed."""
    path = next((one for one in owning.PLACES if _is_file(found.after, one)), None)
    if path is None:
        return
    owned = {one.identity for one in found.of("service", "environment") if one.identity}
    if any(one.path == path for one in found.all):
        owned |= {("service", name) for name in found.after.services()}
        owned |= {("environment", name) for name in found.after.environments()}
        found.after.expect(sorted(owned))
    wanted = {layout.path(*one): known for one in sorted(owned) if (known := _owners(found.after, one))}
    if not wanted:
        return
    patterns = _patterns((found.after.bytes_at(path) or b"").decode("utf-8", "replace"))
    for file, owners in wanted.items():
        given = next((who for pattern, who in reversed(patterns) if pattern.match(file)), frozenset())
        if owners != {owner.casefold() for owner in given}:
            said = f"is owned by {' '.join(sorted(owners))}, and {path} says {' '.join(sorted(given)) or 'nobody'}"
            yield Finding("owners-differ", file, f"{said}; 'signet init --update' makes it anew")


def _is_file(state: RegistryState, path: str) -> bool:
    try:
        return state.entry(path) is not None
    except InvalidData:
        return False


def _owners(state: RegistryState, identity: layout.Identity) -> set[str]:
    """The owners that a forge may know."""
    kind, name = identity
    try:
        owners = (state.service(name) if kind == "service" else state.environment(name)).owners
    except InvalidData:
        return set()
    return {owner.casefold() for owner in owners if owning.is_known(owner)}


def _patterns(text: str) -> list[Pattern]:
    found = []
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words and not words[0].startswith(("[", "^[")):  # GitLab's sections
            found.append((_regex(words[0]), frozenset(words[1:])))
    return found


def _regex(pattern: str) -> re.Pattern[str]:
    """A pattern as in .gitignore, as forges take it: ``*`` stays inside a name, a folder means all that is in it."""
    anchored = "/" in pattern.rstrip("/")
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.lstrip("/"))
    signs = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(signs.get(part, re.escape(part)) for part in parts)
    tail = ".*" if pattern.endswith("/") else "(?:/.*)?"
    return re.compile(("" if anchored else "(?:.*/)?") + body + tail + r"\Z")
