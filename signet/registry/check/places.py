"""Rules about paths: what may stand where, as what, and under which names. They read directories, and no file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from signet.errors import InvalidData
from signet.registry import layout
from signet.registry.check.changed import Changed, Difference
from signet.registry.check.findings import Finding
from signet.registry.read import RegistryState

KINDS = {0o100755: "an executable file", 0o120000: "a link", 0o160000: "a submodule"}
_RESERVED = re.compile(r"waivers/[A-Za-z0-9][A-Za-z0-9._-]{0,63}\.yaml\Z")


def check(found: Difference) -> Iterator[Finding]:
    """Modes, unknown and reserved paths, names that clash, and what no registry may hold anywhere."""
    for one in found.all:
        if one.after is None:
            continue
        if one.path == ".mailmap":
            yield Finding("mail-map", one.path, "is here; the log would show other names than those who wrote it")
        yield from _repository(found.after, one)
        if one.is_inside:
            yield from _place(found.after, one)
    yield from _clashes(found)


def _place(state: RegistryState, one: Changed) -> Iterator[Finding]:
    entry = one.after
    assert entry is not None  # noqa: S101 - what is gone was left out
    if not entry.is_file:
        kind = KINDS.get(entry.mode, "no regular file")
        yield Finding("mode", one.path, f"is {kind} (mode {entry.mode:o}); a plain file is expected")
    if one.identity is not None:
        return
    if _is_reserved(one.path):
        yield Finding("reserved-path", one.path, "is kept for a later format; nothing reads it yet")
    elif one.path.rpartition("/")[2] != ".gitkeep":
        yield Finding("unknown-path", one.path, f"is no path of a registry{_hint(one.path)}")


def _is_reserved(path: str) -> bool:
    signed = path.removesuffix(".sig")
    return bool(_RESERVED.match(path)) or (signed != path and layout.identity(signed) is not None)


def _hint(path: str) -> str:
    if path.endswith(".yml") and layout.identity(f"{path[:-4]}.yaml") is not None:
        return f"; is {path[:-4]}.yaml meant?"
    return "; keep other files outside of " + ", ".join(f"{root}/" for root in layout.ROOTS)


def _repository(state: RegistryState, one: Changed) -> Iterator[Finding]:
    """T33: HEAD beside objects/ and refs/ is a bare repository, whose configuration may name programs to run."""
    folder, _, name = one.path.rpartition("/")
    if name.lower() not in ("head", "config"):
        return
    beside = {entry.name.lower() for entry in state.listing(folder)}
    if {"head", "objects", "refs"} <= beside:
        yield Finding("embedded-repository", folder or ".", "looks like a bare Git repository: HEAD, objects and refs")


def _clashes(found: Difference) -> Iterator[Finding]:
    """Names in one directory that are one name when case is folded, where at least one of them is new."""
    new: dict[str, set[str]] = {}
    for one in found.inside:
        parts = one.path.split("/") if one.before is None and one.after is not None else []
        for depth in range(1, len(parts)):
            new.setdefault("/".join(parts[:depth]), set()).add(parts[depth])
    for folder in sorted(new):
        try:
            listed = [entry.name for entry in found.after.listing(folder)]
        except InvalidData:
            continue
        by_fold: dict[str, list[str]] = {}
        for name in listed:
            by_fold.setdefault(name.casefold(), []).append(name)
        for name in sorted(new[folder]):
            others = [other for other in by_fold.get(name.casefold(), ()) if other != name]
            if others:
                yield Finding("name-clash", f"{folder}/{name}", f"differs only in case from {', '.join(others)}")
