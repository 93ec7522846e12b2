"""OpenAPI's Encoding Object: how the properties of a form are written, and what the parts of a multipart body carry.

Without one, a property is read in every way that its schema allows: repeated names, JSON for what is no plain value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from signet.core.compare import media, parameters, written
from signet.core.compare.modes import REQUEST, Misfit
from signet.core.compare.operations import Parameter, header
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source
from signet.core.formats.bodies import is_json
from signet.core.formats.text import escape, resolve


class Part(NamedTuple):
    """A field of a form: its name as a path of keys, its text, and the headers of a part in small letters."""

    keys: tuple[str, ...]
    text: str
    headers: Mapping[str, str]


class Encoding(NamedTuple):
    """What the spec says about the encoding of one property, and where."""

    said: Mapping[str, Any]
    pointer: str

    @property
    def content_type(self) -> str:
        """The media types that a part may have, with commas between them; empty if any."""
        named = self.said.get("contentType")
        return named if isinstance(named, str) else ""


def _encodings(source: Source, node: Node) -> dict[str, Encoding]:
    """The Encoding Objects beside the schema of a body."""
    place = node.pointer.removesuffix("/schema")
    try:
        holder = resolve(source.root, place)
    except LookupError:
        return {}
    return {name: Encoding(each, at) for name, each, at in source.entries(holder, "encoding", place) if _is_map(each)}


def _is_map(value: Any) -> bool:
    return isinstance(value, dict)


# --- values ----------------------------------------------------------------------------------------------------------


def value(judge: Judge, parts: Sequence[Part], node: Node) -> dict[str, Any]:
    """The object that a form means."""
    said = _encodings(judge.source, node)
    groups: dict[str, list[Part]] = {}
    for part in parts:
        groups.setdefault(part.keys[0], []).append(part)
    result: dict[str, Any] = {}
    for name, group in groups.items():
        own = written.member(judge.source, node, name)
        result[name] = _property(judge, name, group, node, own, said.get(name))
    for name, own in _absent_objects(judge.source, node, result):
        judge.budget.spend(len(parts))
        spread = [part for part in parts if _belongs(judge.source, part, own, node)]
        if spread:
            result[name] = written.fields(judge, [(part.keys, part.text) for part in spread], own)
            for part in spread:
                result.pop(part.keys[0], None)
    return result


def _property(
    judge: Judge, name: str, group: Sequence[Part], node: Node, own: Node | None, said: Encoding | None
) -> Any:
    """The value of one property: the first way of writing it that gives a value that fits."""
    plain = written.fields(judge, [(part.keys, part.text) for part in group], node)[name]
    kinds = written.kinds_of(judge.source, own) if own is not None else frozenset[str]()
    if own is None or any(len(part.keys) > 1 for part in group) or not (kinds & written.WHOLE or said):
        return plain
    readings = [*_readings(judge, name, group, own, said, kinds), plain]
    for each in readings:
        if not Judge(judge.source, budget=judge.budget).found(each, own, REQUEST):
            return each
    return readings[0]


def _readings(
    judge: Judge, name: str, group: Sequence[Part], own: Node, said: Encoding | None, kinds: frozenset[str]
) -> Iterator[Any]:
    texts = [part.text for part in group]
    style, explode = (said.said.get("style"), said.said.get("explode")) if said else (None, None)
    if isinstance(style, str) or isinstance(explode, bool):
        style = style if isinstance(style, str) else "form"
        explode = explode if isinstance(explode, bool) else style == "form"
        yield from parameters.readings(judge, Parameter(name, "query", own.pointer, False, own, style, explode), texts)
        return
    named = [group[0].headers.get("content-type", ""), said.content_type if said else ""]
    if kinds & written.WHOLE or any(map(is_json, named)):
        values = [written.parsed(text) for text in texts]
        if len(values) == 1:
            yield values[0]
        if "array" in kinds:
            yield values


def _absent_objects(source: Source, node: Node, given: Mapping[str, Any]) -> Iterator[tuple[str, Node]]:
    """Properties that are objects and not there by their own names: they may be spread over the form."""
    for each in written.nodes_of(source, node):
        named = each.schema.get("properties")
        for name in named if isinstance(named, dict) else ():
            own = each.at("properties", name)
            if name not in given and isinstance(own.schema, dict) and "object" in written.kinds_of(source, own):
                yield name, own


def _belongs(source: Source, part: Part, own: Node, node: Node) -> bool:
    """True if a field is a property of the inner object, and none of the form."""
    return written.member(source, own, part.keys[0]) is not None and written.member(source, node, part.keys[0]) is None


# --- parts -----------------------------------------------------------------------------------------------------------


def misfits(judge: Judge, parts: Sequence[Part], node: Node) -> list[Misfit]:
    """What the Encoding Objects demand of the parts of a multipart body, and the parts do not have."""
    said = _encodings(judge.source, node)
    found = []
    for part in parts:
        own = said.get(part.keys[0])
        if own is None:
            continue
        given = part.headers.get("content-type", "")
        wanted = tuple(each.strip() for each in own.content_type.split(",") if each.strip())
        if given and wanted and media.best(wanted, given) is None:
            why = f"the part is {given}, and it must be {own.content_type}"
            found.append(Misfit(part.keys, why, f"{own.pointer}/contentType"))
        found += _headers(judge, part, own)
    return found


def _headers(judge: Judge, part: Part, own: Encoding) -> Iterator[Misfit]:
    """Headers of a part; Content-Type "is described separately and SHALL be ignored in this section"."""
    for name, each, at in judge.source.entries(own.said, "headers", own.pointer):
        declared = header(judge.source, name, each, at)
        text = part.headers.get(name.lower())
        if name.lower() == "content-type":
            continue
        if text is None and declared.required:
            yield Misfit(part.keys, f"the part has no header {name}", f"{own.pointer}/headers/{escape(name)}")
        for misfit in parameters.misfits(judge, declared, [text]) if text is not None else ():
            why = f"the header {name} does not fit: {misfit.why(judge.source.root, is_quiet=judge.is_quiet)}"
            yield Misfit(part.keys, why, misfit.pointer, is_open=misfit.is_open)
