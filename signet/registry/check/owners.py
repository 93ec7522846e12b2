"""CODEOWNERS, where there is one, gives each service to its owners: the forge asks those, and not service.yaml.

Only owners that a forge can know are compared: names with ``@``, and addresses. The last pattern that fits counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from signet.errors import InvalidData
from signet.registry import owning
from signet.registry.check.changed import Difference
from signet.registry.check.findings import Finding
from signet.registry.read import RegistryState

Pattern = tuple[re.Pattern[str], frozenset[str]]


def check(found: Difference) -> Iterator[Finding]:
    """Services whose owners changed; all of them, where CODEOWNERS itself changed."""
    path = next((one for one in owning.PLACES if _is_file(found.after, one)), None)
    if path is None:
        return
    if any(one.path == path for one in found.all):
        services = sorted(found.after.services())
        found.after.expect(("service", service) for service in services)
    else:
        services = [one.identity[1] for one in found.of("service") if one.identity]
    if not services:
        return
    patterns = _patterns((found.after.bytes_at(path) or b"").decode("utf-8", "replace"))
    for service in services:
        yield from _service(found.after, service, path, patterns)


def _is_file(state: RegistryState, path: str) -> bool:
    try:
        return state.entry(path) is not None
    except InvalidData:
        return False


def _service(state: RegistryState, service: str, path: str, patterns: list[Pattern]) -> Iterator[Finding]:
    try:
        owners = state.service(service).owners
    except InvalidData:
        return
    wanted = {owner.casefold() for owner in owners if owning.is_known(owner)}
    if not wanted:
        return
    file = f"services/{service}/service.yaml"
    given = next((who for pattern, who in reversed(patterns) if pattern.match(file)), frozenset())
    if wanted != {owner.casefold() for owner in given}:
        listed = " ".join(sorted(given)) or "nobody"
        yield Finding("owners-differ", file, f"is owned by {' '.join(sorted(wanted))}, and {path} says {listed}")


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
