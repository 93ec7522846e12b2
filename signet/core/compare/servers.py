"""The base paths of a spec: Swagger's ``basePath``, the paths of ``servers`` with their variables, and whom they serve.

``servers`` of an operation stand in the place of those of its path, and these in the place of those of the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Any

from signet.core.compare.source import Source

MOST_SPELLINGS = 64
"""Values of server variables that are tried together; beyond it a variable may be anything."""
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_OPEN = "{}"
_ANY = "[^/]+"
MOST_OPEN = 2


class Bases:
    """The base paths of a spec, as patterns of what may stand before a path."""

    def __init__(self, source: Source) -> None:
        self.root = tuple(dict.fromkeys([*_own(source.root), *_of(source, source.root, "")]))
        self._places: dict[str, tuple[re.Pattern[str], ...]] = {}
        for _, item, pointer in source.entries(source.root, "paths", ""):
            if not isinstance(item, dict):
                continue
            self._add(source, item, pointer)
            for method, operation in item.items():
                self._add(source, operation, f"{pointer}/{method}")
        self.every = tuple(dict.fromkeys([*self.root, *[each for own in self._places.values() for each in own]]))

    def _add(self, source: Source, owner: Any, pointer: str) -> None:
        if isinstance(owner, dict) and isinstance(owner.get("servers"), list) and owner["servers"]:
            self._places[pointer] = tuple(dict.fromkeys(_of(source, owner, pointer)))

    def serves(self, base: re.Pattern[str], pointer: str, method: str) -> bool:
        """True if a base path may stand before the path of an operation; ``pointer`` is its path item's."""
        if not self._places:
            return True
        for place in (f"{pointer}/{method.lower()}", pointer):
            if place in self._places:
                return base in self._places[place]
        return base in self.root


def _own(root: Any) -> Iterator[re.Pattern[str]]:
    info = root.get("info")
    for written in (root.get("basePath"), info.get("x-opc-config-base-path") if isinstance(info, dict) else None):
        if isinstance(written, str):
            yield from _pattern(written)


def _of(source: Source, owner: Any, pointer: str) -> Iterator[re.Pattern[str]]:
    for server, _ in source.listed(owner, "servers", pointer):
        url = server.get("url") if isinstance(server, dict) else None
        for each in _spelled(url, server.get("variables")) if isinstance(url, str) else ():
            yield from _pattern(_path_of(each))


def _spelled(url: str, variables: Any) -> list[str]:
    """The URL with its variables filled in; a value that is open stays ``{}``."""
    names = list(dict.fromkeys(_VARIABLE.findall(url)))
    options = [_values(url, name, variables.get(name) if isinstance(variables, dict) else None) for name in names]
    filled = list(islice(product(*options), MOST_SPELLINGS + 1))
    if len(filled) > MOST_SPELLINGS:
        return [_VARIABLE.sub(_OPEN, url)]
    return [_filled(url, dict(zip(names, each, strict=True))) for each in filled]


def _filled(url: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda match: values[match.group(1)], url)


def _values(url: str, name: str, said: Any) -> list[str]:
    listed, default = (said.get("enum"), said.get("default")) if isinstance(said, dict) else (None, None)
    chosen = [str(each) for each in listed if isinstance(each, (str, int))] if isinstance(listed, list) else []
    if chosen:
        return chosen
    is_whole = url.startswith(f"{{{name}}}") and isinstance(default, str)
    return [*([default] if isinstance(default, str) else []), *([] if is_whole else [_OPEN])]


def _pattern(base: str) -> Iterator[re.Pattern[str]]:
    if base.strip("/"):
        segments = [_segment(_VARIABLE.sub(_OPEN, each)) for each in base.strip("/").split("/")]
        yield re.compile("/" + "/".join(segments) + r"(?=/|\Z)")


def _segment(written: str) -> str:
    """The pattern of a segment; with many open values it is any segment, for the engine would try all ways."""
    literals = written.split(_OPEN)
    return _ANY.join(map(re.escape, literals)) if len(literals) <= MOST_OPEN + 1 else _ANY


def _path_of(url: str) -> str:
    return re.sub(r"^([^/]*:)?//[^/]*", "", re.split(r"[?#]", url)[0])
