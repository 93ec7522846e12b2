"""What a reference inside a document means: JSON pointers, and in OpenAPI 3.1 the ``$anchor`` and ``$id`` of schemas.

A schema with ``$id`` is a resource of its own: what a reference inside it says is looked up in it first and then, as
many documents mean it, in the whole document. Names are never fetched: a reference by ``$id`` leads out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from signet.core.formats.pointer import resolve
from signet.core.formats.structure import Part, local, parts

_NAME = re.compile(r"#([A-Za-z_][-A-Za-z0-9._]*)\Z")
_DIALECT = re.compile(
    r"https?://json-schema\.org/(?:draft/20(?:19-09|20-12)|draft-0[4-7])/schema#?\Z|https://spec\.openapis\.org/oas/3\.1/"
)
_ANCHORS = ("$anchor", "$dynamicAnchor")
_WORDS = (*_ANCHORS, "$id", "$schema", "jsonSchemaDialect")


class Marks(NamedTuple):
    """The schemas that have a name: ``resources`` are the places of those with ``$id``, the longest first.

    ``anchors`` are places by (resource, name); an empty place is one that is named twice. ``foreign`` are places, the
    longest first, at which a dialect begins, and its name if it is none that is known.
    """

    resources: tuple[str, ...] = ()
    anchors: Mapping[tuple[str, str], str] = {}
    foreign: tuple[tuple[str, str], ...] = ()

    def dialect(self, place: str) -> str:
        """The name of the dialect in which a schema is written, if it is none that is known."""
        return next((name for each, name in self.foreign if f"{place}/".startswith(f"{each}/")), "")

    def resource(self, place: str) -> str:
        """The resource that a place belongs to; an empty text is the document."""
        return next((each for each in self.resources if f"{place}/".startswith(f"{each}/")), "")


UNMARKED = Marks()


def marks(root: Any, text: str) -> Marks:
    """The names in a document; ``text`` is how it is written, which tells quickly that there are none."""
    if not any(word in text for word in _WORDS):
        return UNMARKED
    resources: list[str] = []
    found: list[tuple[str, str]] = []
    dialects = {"": root.get("jsonSchemaDialect")}
    waiting = [Part("document", root, "")]
    while waiting:
        part = waiting.pop()
        if part.wrong or not isinstance(part.value, dict):
            continue
        if part.kind == "schema":
            if isinstance(part.value.get("$id"), str):
                resources.append(part.pointer)
            dialects[part.pointer] = part.value.get("$schema")
            named = {part.value.get(word) for word in _ANCHORS if isinstance(part.value.get(word), str)}
            found.extend((str(name), part.pointer) for name in named)
        waiting.extend(parts(part.kind, part.value, part.pointer))
    foreign = [(each, "" if _DIALECT.match(name) else name) for each, name in dialects.items() if isinstance(name, str)]
    known = Marks(_longest_first(resources), {}, tuple(sorted(foreign, key=lambda each: -len(each[0]))))
    anchors: dict[tuple[str, str], str] = {}
    for name, pointer in found:
        key = known.resource(pointer), name
        anchors[key] = "" if key in anchors else pointer
    return known._replace(anchors=anchors)


def _longest_first(places: list[str]) -> tuple[str, ...]:
    return tuple(sorted(places, key=lambda each: (-len(each), each)))


def target(root: Any, known: Marks, ref: str, place: str) -> tuple[Any, str] | None:
    """(value, pointer) that a reference leads to; None if it leads out of the document, LookupError if nowhere."""
    pointer, named = local(ref), _NAME.match(ref)
    own = known.resource(place) if known.resources else ""
    if named is not None:
        found = known.anchors.get((own, named[1])) or known.anchors.get(("", named[1]))
        if not found:
            raise KeyError(ref)
        return resolve(root, found), found
    if pointer is None:
        return None
    if own:
        try:
            return resolve(root, own + pointer), own + pointer
        except LookupError:
            pass
    return resolve(root, pointer), pointer
