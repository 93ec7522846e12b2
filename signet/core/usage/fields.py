"""Fields of an operation: those that a spec declares, and those that an interaction uses, under the same names.

A field is a parameter, a header, or a member of a body. It has a side (``path``, ``query``, ``header``, ``cookie``,
``request``, ``response``, ``response header``) and a name; members of bodies are named by the way to them: ``price``,
``items[].price``, ``prices.*.amount`` where any name may stand. Nothing is judged: ``signet.core.compare`` does that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from signet.core.compare import forms, media
from signet.core.compare.modes import Budget, OverBudget
from signet.core.compare.operations import Answer, Content, Operation, answer
from signet.core.compare.recipe import operation
from signet.core.compare.report import Report
from signet.core.compare.requests import content_type
from signet.core.compare.routes import Routes
from signet.core.compare.schemas import Judge
from signet.core.compare.security import cookies
from signet.core.compare.source import Node, Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.bodies import Body
from signet.core.formats.structure import METHODS
from signet.core.formats.text import escape
from signet.core.model.contract import Interaction

MOST = 5_000
"""Fields of one operation; the rest of a schema that is larger is not named."""
DEEPEST = 40
_PLAIN = re.compile(r"[^\s.\[\]\"'*]+\Z")
_SCHEMAS = ("allOf", "anyOf", "oneOf")
_CONDITIONAL = ("then", "else")


class Field(NamedTuple):
    """A field of an operation. ``status`` is the key of its response (``200``, ``default``), else empty."""

    side: str
    name: str
    status: str = ""

    def __str__(self) -> str:
        return f"{self.side}{f' {self.status}' if self.status else ''} {self.name}"


class Used(NamedTuple):
    """What an interaction uses: the operation, and by field where the interaction does and where the spec says it.

    ``places`` are all objects of the spec on the way to its fields, the fields' own schemas among them.
    """

    method: str
    path: str
    pointer: str
    status: str
    fields: Mapping[Field, tuple[str, str]]
    places: frozenset[str]


def operations(routes: Routes) -> Iterator[Operation]:
    """All operations of a spec that can be read, by path and method."""
    for route in sorted(routes.routes, key=lambda each: each.path):
        for method in METHODS:
            try:
                found = routes.operation(route, method)
            except Unjudgeable:
                continue
            if found is not None:
                yield found


def declared(routes: Routes, found: Operation) -> dict[Field, str]:
    """All fields of an operation, and where the spec says them; of two places of one field, the first."""
    source = routes.source
    walk = _Declared(source)
    for parameter in (*found.parameters, *found.fields):
        side = "request" if parameter.place == "formData" else parameter.place
        walk.found.setdefault(Field(side, _step("", parameter.name)), parameter.pointer)
    if found.body is not None:
        walk.content(found.body, Field("request", ""))
    for key in found.responses:
        try:
            given = answer(source, found, key)
        except Unjudgeable:
            continue
        for header in given.headers.values():
            walk.found.setdefault(Field("response header", header.name, key), header.pointer)
        walk.content(given.content, Field("response", "", key))
    return walk.found


def used(routes: Routes, interaction: Interaction) -> Used | None:
    """What an interaction uses; None where the spec has no operation for it, or it is none of HTTP's."""
    if interaction.kind != "http":
        return None
    judge = Judge(routes.source, budget=Budget())
    try:
        found = operation(Report(interaction, routes.source.root), routes, judge, interaction)
    except (Unjudgeable, OverBudget, RecursionError):
        return None
    if found is None:
        return None
    walk = _Used(routes.source, judge)
    walk.places.add(found.pointer)
    _parameters(walk, found, interaction)
    _request_body(walk, found, interaction)
    status = _response(walk, found, interaction)
    return Used(found.method.upper(), found.path, found.pointer, status, walk.found, frozenset(walk.places))


# --- what a schema says ----------------------------------------------------------------------------------------------


def _parts(source: Source, node: Node) -> list[tuple[Mapping[str, Any], str]]:
    """The schemas that speak of a value: the node, what it refers to, and what it is put together of."""
    found: dict[str, Mapping[str, Any]] = {}
    waiting = [(node.schema, node.pointer)]
    while waiting and len(found) < MOST:
        schema, pointer = waiting.pop(0)
        if not isinstance(schema, dict) or pointer in found:
            continue
        found[pointer] = schema
        if isinstance(schema.get("$ref"), str):
            try:
                waiting.append(source.follow(schema["$ref"], pointer))
            except Unjudgeable:
                continue
            if not source.siblings:
                continue
        for keyword in _SCHEMAS:
            waiting += source.listed(schema, keyword, pointer)
        waiting += [(schema[keyword], f"{pointer}/{keyword}") for keyword in _CONDITIONAL if keyword in schema]
        waiting += [(each, at) for _, each, at in source.entries(schema, "dependentSchemas", pointer)]
    return [(schema, pointer) for pointer, schema in found.items()]


def _members(source: Source, schema: Mapping[str, Any], pointer: str, name: str) -> Iterator[tuple[Node, bool]]:
    """The schemas that one object schema has for a member, and whether they name it; others only where none does."""
    properties = schema.get("properties")
    is_met = isinstance(properties, dict) and name in properties
    if is_met and isinstance(properties, dict):
        yield Node(properties[name], f"{pointer}/properties/{escape(name)}"), True
    for pattern, each, at in source.entries(schema, "patternProperties", pointer):
        if _matches(pattern, name):
            is_met = True
            yield Node(each, at), False
    if not is_met and isinstance(schema.get("additionalProperties"), dict):
        yield Node(schema["additionalProperties"], f"{pointer}/additionalProperties"), False


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name[:1_000]) is not None
    except (re.error, RecursionError):
        return False


def _items(schema: Mapping[str, Any], pointer: str, position: int | None) -> Iterator[Node]:
    """The schemas of an item; of all items, where no position is given."""
    first = schema.get("prefixItems")
    ahead = first if isinstance(first, list) else []
    if position is None or position < len(ahead):
        chosen = range(len(ahead)) if position is None else (position,)
        yield from (Node(ahead[at], f"{pointer}/prefixItems/{at}") for at in chosen)
    if isinstance(schema.get("items"), dict) and (position is None or position >= len(ahead)):
        yield Node(schema["items"], f"{pointer}/items")


def _step(way: str, name: str) -> str:
    """A way with one more member; a name with strange signs stands in brackets."""
    written = name if _PLAIN.match(name) else '["' + name.replace("\\", "\\\\").replace('"', '\\"') + '"]'
    return written if not way else f"{way}{written}" if written.startswith("[") else f"{way}.{written}"


def _any(way: str) -> str:
    """A way with one more member, of any name."""
    return f"{way}.*" if way else "*"


# --- what is declared ------------------------------------------------------------------------------------------------


class _Declared:
    """Walks schemas, each once on the way to a field: a schema that contains itself ends there."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.found: dict[Field, str] = {}
        self.left = MOST * 10

    def content(self, content: Content, field: Field) -> None:
        for _, node in content.schemas:
            if node is not None:
                self._walk(node, field, frozenset())

    def _walk(self, node: Node, field: Field, above: frozenset[str]) -> None:
        self.left -= 1
        if self.left < 0 or len(above) > DEEPEST or len(self.found) > MOST:
            return
        try:
            _, own = self.source.resolved(node.schema, node.pointer)
        except Unjudgeable:
            return
        if own in above:
            return
        here = above | {own}
        for schema, at in _parts(self.source, node):
            for name, child, place in self.source.entries(schema, "properties", at):
                self._name(Node(child, place), field._replace(name=_step(field.name, name)), here)
            for keyword in ("additionalProperties", "patternProperties"):
                held = schema.get(keyword)
                inner = [held] if keyword == "additionalProperties" else list((held or {}).values())
                for each in inner if isinstance(held, dict) else ():
                    if isinstance(each, dict):
                        self._name(Node(each, f"{at}/{keyword}"), field._replace(name=_any(field.name)), here)
            for item in _items(schema, at, None):
                self._walk(item, field._replace(name=f"{field.name}[]"), here)

    def _name(self, node: Node, field: Field, above: frozenset[str]) -> None:
        self.found.setdefault(field, node.pointer)
        self._walk(node, field, above)


# --- what is used ----------------------------------------------------------------------------------------------------


class _Used:
    """Walks values along their schemas, and collects the fields that are named and all places on the way."""

    def __init__(self, source: Source, judge: Judge) -> None:
        self.source, self.judge = source, judge
        self.found: dict[Field, tuple[str, str]] = {}
        self.places: set[str] = set()
        self.left = MOST * 10

    def names(self, field: Field, pointer: str, place: str) -> None:
        self.found.setdefault(field, (pointer, place))
        self.places.add(place)

    def value(self, value: Any, nodes: list[Node], field: Field, pointer: str, opaque: bool, depth: int = 0) -> None:
        """Walk a value; ``pointer`` is where the interaction says it."""
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            return
        parts = {at: schema for node in nodes for schema, at in _parts(self.source, node)}
        self.places.update(parts)
        if isinstance(value, dict):
            for name, member in value.items():
                met = [each for at, schema in parts.items() for each in _members(self.source, schema, at, name)]
                below = [node for node, _ in met]
                is_any = bool(met) and not any(is_named for _, is_named in met)
                own = field._replace(name=_any(field.name) if is_any else _step(field.name, name))
                at = pointer if opaque else f"{pointer}/{escape(name)}"
                if below:
                    self.names(own, at, below[0].pointer)
                self.value(member, below, own, at, opaque, depth + 1)
        elif isinstance(value, list):
            for position, item in enumerate(value):
                below = [each for at, schema in parts.items() for each in _items(schema, at, position)]
                at = pointer if opaque else f"{pointer}/{position}"
                self.value(item, below, field._replace(name=f"{field.name}[]"), at, opaque, depth + 1)


def _parameters(walk: _Used, found: Operation, interaction: Interaction) -> None:
    request = interaction.request
    given: dict[str, dict[str, str]] = {
        "query": {name: at for name, _, at in request["query"]},
        "header": {name.lower(): at for name, _, at in request["headers"]},
        "cookie": {name: at for name, _, at in cookies(request)},
    }
    for each in found.parameters:
        field = Field(each.place, _step("", each.name))
        sent = given.get(each.place, {each.name: f"{interaction.pointer}/request/path"})
        name = each.name.lower() if each.place == "header" else each.name
        spread = [at for own, at in sent.items() if own.startswith(f"{name}[")]
        if each.place == "query" and each.node is not None and not spread and name not in sent:
            members = {key for schema, _ in _parts(walk.source, each.node) for key in schema.get("properties") or ()}
            spread = [at for own, at in sent.items() if own in members]
        at = sent.get(name) or next(iter(spread), None)
        if at is not None:
            walk.names(field, at, each.pointer)
        if at is not None and each.node is not None:
            walk.places.update(place for _, place in _parts(walk.source, each.node))


def _request_body(walk: _Used, found: Operation, interaction: Interaction) -> None:
    sent: Body | None = interaction.request.get("body")
    if sent is None:
        return
    if found.fields and isinstance(sent.value, (str, dict)):
        parts = forms.parts(sent, content_type(interaction.request)[0] or "application/x-www-form-urlencoded")
        names = {str(part.keys[0]) for part in parts or ()} | (
            set(sent.value) if isinstance(sent.value, dict) else set()
        )
        for each in found.fields:
            if each.name in names:
                walk.names(Field("request", _step("", each.name)), sent.pointer, each.pointer)
    if found.body is not None:
        walk.places.add(found.body.pointer)
        _body(walk, sent, content_type(interaction.request)[0], found.body, Field("request", ""))


def _response(walk: _Used, found: Operation, interaction: Interaction) -> str:
    """The key of the response that the interaction is about; empty where the spec has none."""
    wanted = str(interaction.response["status"])
    keys = {key.upper(): key for key in found.responses}
    status = next((keys[key] for key in (wanted, f"{wanted[0]}XX", "DEFAULT") if key in keys), "")
    if not status:
        return ""
    try:
        given: Answer = answer(walk.source, found, status)
    except Unjudgeable:
        return status
    walk.places.add(given.pointer)
    for name, _, at in interaction.response["headers"]:
        header = given.headers.get(name.lower())
        if header is not None:
            walk.names(Field("response header", header.name, status), at, header.pointer)
    expected: Body | None = interaction.response.get("body")
    if expected is not None:
        _body(walk, expected, content_type(interaction.response)[0], given.content, Field("response", "", status))
    return status


def _body(walk: _Used, body: Body, written: str | None, content: Content, field: Field) -> None:
    chosen = [(name, node) for name, node in content.schemas if node is not None]
    if written and content.types:
        best = media.best(content.types, written)
        chosen = [(name, node) for name, node in chosen if name == best]
    for name, node in chosen:
        try:
            value = forms.value(walk.judge, body, written or name or "application/json", node)
        except (Unjudgeable, OverBudget, RecursionError):
            value = body.value
        opaque = body.opaque or isinstance(body.value, str)
        walk.value(value, [node], field, body.pointer, opaque)
