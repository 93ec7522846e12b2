"""Bodies: which media types there are, which of the one document is which of the other, and their schemas."""

from __future__ import annotations

from typing import NamedTuple

from signet.core.changes import schemas
from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.changes.where import Where
from signet.core.compare.media import MediaType, is_json_like, parse
from signet.core.compare.operations import Content
from signet.core.compare.source import Node

Bodies = dict[str, Node | None]


class Names(NamedTuple):
    """The ids of what may happen to media types; an empty one is not told."""

    added: str
    removed: str
    schema_added: str = ""
    schema_removed: str = ""
    changed: str = ""
    generalized: str = ""
    specialized: str = ""


REQUEST = Names(
    "request-body-media-type-added",
    "request-body-media-type-removed",
    "request-body-media-type-schema-added",
    "request-body-media-type-schema-removed",
)
RESPONSE = Names(
    "response-media-type-added",
    "response-media-type-removed",
    "response-body-media-type-schema-added",
    "response-body-media-type-schema-removed",
    "response-media-type-name-changed",
    "response-media-type-name-generalized",
    "response-media-type-name-specialized",
)
WEBHOOK = Names("webhook-body-media-type-added", "webhook-body-media-type-removed")
ANSWER = Names("webhook-answer-media-type-added", "webhook-answer-media-type-removed")


def compare(run: Run, old: Content, new: Content, names: Names, where: Where, what: str) -> None:
    """Tell what became of the media types of a body, and walk the schemas of those that both have."""
    before, after = _bodies(old), _bodies(new)
    places = old.pointer, new.pointer
    pairs = [(name, name) for name in before if name in after]
    pairs += _related(before, after, names)
    for name in sorted(before.keys() - {one for one, _ in pairs}):
        run.report.add(names.removed, places, what=what, before=Said(name))
    for name in sorted(after.keys() - {other for _, other in pairs}):
        run.report.add(names.added, places, what=what, after=Said(name))
    for one, other in pairs:
        if one != other:
            run.report.add(_renamed(one, other, names), places, what=what, before=Said(one), after=Said(other))
        _schema(run, (before[one], after[other]), places, names, where, other, what)


def _bodies(content: Content) -> Bodies:
    found: Bodies = dict.fromkeys(content.types)
    return found | dict(content.schemas)


def _related(before: Bodies, after: Bodies, names: Names) -> list[tuple[str, str]]:
    """The media types that were given another name: of the rest, those of which one is a kind of the other."""
    pairs = []
    rest = [name for name in after if name not in before]
    for one in before:
        if one in after:
            continue
        for other in rest:
            if _renamed(one, other, names):
                pairs.append((one, other))
                rest.remove(other)
                break
    return pairs


def _renamed(one: str, other: str, names: Names) -> str:
    """The id of a change from one media type to another; an empty text where they are strangers."""
    old, new = parse(one), parse(other)
    if _is_kind(old, new):
        return names.generalized
    if _is_kind(new, old):
        return names.specialized
    return names.changed if old.essence == new.essence else ""


def _is_kind(narrow: MediaType, wide: MediaType) -> bool:
    """True if one is a kind of the other: ``application/problem+json`` of ``application/json`` or ``application/*``."""
    kind, _, name = narrow.essence.partition("/")
    wide_kind, _, wide_name = wide.essence.partition("/")
    if narrow.essence == wide.essence or "*" in kind:
        return False
    if wide.essence in ("*/*", "*"):
        return True
    return kind == wide_kind and wide_name in ("*", name.rpartition("+")[2])


def _schema(
    run: Run,
    nodes: tuple[Node | None, Node | None],
    places: tuple[str, str],
    names: Names,
    where: Where,
    media: str,
    what: str,
) -> None:
    old, new = nodes
    told = where._replace(told=f"{where.told} as {media}" if media else where.told, is_text=not is_json_like(media))
    if old is not None and new is not None:
        schemas.compare(run, old, new, told)
    elif old is not None and names.schema_removed:
        run.report.add(names.schema_removed, (old.pointer, places[1]), what=what, before=Said(media))
    elif new is not None and names.schema_added:
        run.report.add(names.schema_added, (places[0], new.pointer), what=what, after=Said(media))
