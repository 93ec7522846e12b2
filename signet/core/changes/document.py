"""What belongs to the document as a whole: components that are gone, base paths, and the version it gives itself."""

from __future__ import annotations

import re
from typing import Any

from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.compare.source import Source
from signet.core.formats.text import escape
from signet.core.model.change import BREAKING

_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?\Z")


def compare(run: Run) -> None:
    """Tell of schemas that are gone, and of base paths."""
    before, after = _schemas(run.base), _schemas(run.revision)
    for name in sorted(before.keys() - after.keys()):
        run.report.add("api-schema-removed", (before[name], ""), before=Said(name))
    paths, new_paths = _base_paths(run.base), _base_paths(run.revision)
    for path in sorted(paths - new_paths):
        run.report.add("server-path-removed", ("", ""), before=path, after=Said(" or ".join(sorted(new_paths))))


def _schemas(source: Source) -> dict[str, str]:
    holder, key, pointer = source.root.get("components"), "schemas", "/components/schemas"
    if source.dialect == "2.0":
        holder, key, pointer = source.root, "definitions", "/definitions"
    held = holder.get(key) if isinstance(holder, dict) else None
    return {name: f"{pointer}/{escape(name)}" for name in held} if isinstance(held, dict) else {}


def _base_paths(source: Source) -> frozenset[str]:
    """The paths below which the API is, as they are written."""
    written: list[Any] = [source.root.get("basePath")] if source.dialect == "2.0" else []
    for server, _ in source.listed(source.root, "servers", "") if source.dialect != "2.0" else ():
        url = server.get("url") if isinstance(server, dict) else None
        written.append(re.sub(r"^([^/]*:)?//[^/]*", "", url) if isinstance(url, str) else None)
    found = {each.rstrip("/") or "/" for each in written if isinstance(each, str)}
    return frozenset(found or {"/"})


def version(run: Run) -> None:
    """Tell if something breaks and the version (of semantic versioning) does not say so; to be asked last."""
    if not any(change.level == BREAKING for change in run.report.changes):
        return
    before, after = _version(run.base), _version(run.revision)
    if before is None or after is None:
        return
    (old, written), (new, new_written) = before, after
    name = ""
    if new < old:
        name = "api-version-decreased"
    elif written == new_written:
        name = "api-version-not-bumped"
    elif new[0] == old[0] and new[0] > 0:
        name = "api-major-version-not-bumped"
    if name:
        places = "/info/version", "/info/version"
        run.report.add(name, places, before=Said(written), after=Said(new_written))


def _version(source: Source) -> tuple[tuple[int, ...], str] | None:
    info = source.root.get("info")
    written = info.get("version") if isinstance(info, dict) else None
    found = _VERSION.match(written) if isinstance(written, str) else None
    return (tuple(map(int, found.groups())), found[0]) if found else None
