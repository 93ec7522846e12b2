"""Drawn specs (Swagger 2.0, OpenAPI 3.0 and 3.1), and exchanges that keep to them.

An exchange is one request and one response in parts, so that one part of it can be put wrong (``drawn_mutants``). What
is written in which style is said here once more, on purpose not with the code that reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote_plus

from signet.core.formats.text import dump
from tests.core.drawn_leaves import Choice, Made, Shape, numbers, words
from tests.core.drawn_schemas import World, shape

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
COLLECTIONS = {"csv": ",", "ssv": " ", "pipes": "|"}
SECRETS = {
    "key": ({"type": "apiKey", "in": "header", "name": "X-Key"}, "header", "X-Key", "k"),
    "word": ({"type": "apiKey", "in": "query", "name": "word"}, "query", "word", "w"),
    "session": ({"type": "apiKey", "in": "cookie", "name": "SID"}, "cookie", "SID", "s"),
    "basic": ({"type": "http", "scheme": "basic"}, "header", "Authorization", "Basic eDp5"),
    "bearer": ({"type": "http", "scheme": "bearer"}, "header", "Authorization", "Bearer t"),
}
"""Security schemes: as the spec defines them, where they are shown, by which name, and what."""


@dataclass(frozen=True)
class Given:
    """A parameter: the texts that are sent for it, by the name under which each is sent."""

    name: str
    place: str
    texts: tuple[tuple[str, str], ...]
    required: bool = False
    wrongs: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()


@dataclass(frozen=True)
class Exchange:
    """One request and one response that keep to an operation; ``part`` of the response is what is expected."""

    method: str
    path: str
    given: tuple[Given, ...] = ()
    secrets: tuple[str, ...] = ()
    accept: str = ""
    sends: str = ""
    body: Any = None
    has_body: bool = False
    body_required: bool = False
    status: int = 200
    answers: str = ""
    headers: tuple[Given, ...] = ()
    expects: Any = None
    has_expectation: bool = False
    sent: Made | None = None
    expected: Made | None = None


@dataclass
class Drawn:
    """A whole spec with its exchanges."""

    spec: dict[str, Any]
    exchanges: list[Exchange]
    world: World
    bodies: list[tuple[str, Any, Any]] = field(default_factory=list)
    """(side, schema, value) of every JSON body, for the reference."""


# --- parameters ------------------------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dump(value)


def parameter(world: World, name: str, place: str) -> tuple[dict[str, Any], Given]:
    """A parameter in a style, with what is sent for it."""
    choice, old = world.choice, world.dialect == "2.0"
    inner = choice.pick([words, numbers])(choice, world.dialect)
    required = place == "path" or choice.chance(50)
    kind = choice.pick(["one", "one", "list", *["object", "content"] * (not old and place in ("query", "header"))])
    if (kind == "list" and place == "cookie") or (kind == "object" and "[" in name):
        kind = "one"
    made = inner.make(choice, "request")
    bads = [(wrong.word, wrong.value) for wrong in made.wrongs(made)]
    bads += [("type", "no-such")] if "string" not in inner.kinds else []
    written: dict[str, Any] = {"name": name, "in": place} | ({"required": True} if required else {})
    if kind == "content":
        value = {"k": made.plain()}
        written["content"] = {JSON: {"schema": {"type": "object", "properties": {"k": inner.schema}}}}
        spoiled = tuple((word, ((name, dump({"k": bad})),)) for word, bad in bads)
        return written, Given(name, place, ((name, dump(value)),), required, spoiled)
    style, explode = _style(choice, place, kind, old)
    if style == "label" and kind == "list" and "string" not in inner.kinds:
        style = ""  # the point of a decimal is no separator
    if kind == "one":
        schema: dict[str, Any] = inner.schema
        sent = made.plain()
        wrong = [(word, bad) for word, bad in bads if _text(bad)]
    elif kind == "list":
        items = [inner.make(choice, "request").plain() for _ in range(choice.between(1, 3))]
        schema, sent = {"type": "array", "items": inner.schema}, items
        wrong = [(word, [*items, bad]) for word, bad in bads if _text(bad)]
        schema["maxItems"] = 3
        wrong.append(("maxItems", [items[0]] * 4))
    else:
        schema, sent = (
            {"type": "object", "properties": {"r": inner.schema, "g": {"type": "integer"}}},
            {"r": made.plain(), "g": 5},
        )
        schema["required"] = ["g"]
        wrong = [(word, {"r": bad, "g": 5}) for word, bad in bads if _text(bad)] + [("required", {"r": made.plain()})]
    if old:
        written |= schema | ({"collectionFormat": style} if kind == "list" and style else {})
    else:
        held = world.shared(Shape(schema, frozenset(), inner.make)).schema if choice.chance(30) else schema
        written |= (
            {"schema": held} | ({"style": style} if style else {}) | ({} if explode is None else {"explode": explode})
        )
    wrongs = [(word, pairs(name, place, style, explode, bad, old)) for word, bad in wrong]
    return written, Given(name, place, pairs(name, place, style, explode, sent, old), required, tuple(wrongs))


def _style(choice: Choice, place: str, kind: str, old: bool) -> tuple[str, bool | None]:
    if old:
        return (
            choice.pick(["", "csv", "ssv", "pipes", *["multi"] * (place == "query")]) if kind == "list" else ""
        ), None
    explode = choice.pick([None, True, False])
    if place == "path":
        return choice.pick(["", "simple", "label", "matrix"]), explode
    if place == "query" and kind == "list":
        style = choice.pick(["", "form", "spaceDelimited", "pipeDelimited"])
        return style, False if "Delimited" in style else explode
    if place == "query" and kind == "object":
        return choice.pick(["deepObject", "form"]), True
    return "", explode


def pairs(
    name: str, place: str, style: str, explode: bool | None, value: Any, old: bool
) -> tuple[tuple[str, str], ...]:
    """The texts that are sent for a value, each by the name under which it is sent."""
    if old:
        if not isinstance(value, list):
            return ((name, _text(value)),)
        if style == "multi":
            return tuple((name, _text(each)) for each in value)
        return ((name, COLLECTIONS[style or "csv"].join(map(_text, value))),)
    style = style or {"query": "form", "cookie": "form"}.get(place, "simple")
    explode = style == "form" if explode is None else explode
    if place == "query" and isinstance(value, dict):
        if style == "deepObject":
            return tuple((f"{name}[{key}]", _text(each)) for key, each in value.items())
        return tuple((key, _text(each)) for key, each in value.items())
    if place == "query" and isinstance(value, list) and explode and style == "form":
        return tuple((name, _text(each)) for each in value)
    return ((name, _joined(name, style, explode, value)),)


def _joined(name: str, style: str, explode: bool, value: Any) -> str:
    """RFC 6570's expansions, and the two delimited styles."""
    head = {"label": ".", "matrix": ";"}.get(style, "")
    if not isinstance(value, (list, dict)):
        return f"{head}{name}={_text(value)}" if style == "matrix" else head + _text(value)
    if isinstance(value, dict):
        glue = "=" if explode else ","
        return ",".join(f"{key}{glue}{_text(each)}" for key, each in value.items())
    texts = [_text(each) for each in value]
    if style == "matrix":
        return "".join(f";{name}={each}" for each in texts) if explode else f";{name}=" + ",".join(texts)
    if style == "label":
        return "." + ("." if explode else ",").join(texts)
    return {"spaceDelimited": " ", "pipeDelimited": "|"}.get(style, ",").join(texts)


# --- operations ------------------------------------------------------------------------------------------------------


def drawn(choice: Choice, most: int = 3, depth: int = 3) -> Drawn:
    """A spec of some operations, and an exchange with each."""
    world = World(choice, choice.pick(["3.1", "3.0", "2.0"]))
    old = world.dialect == "2.0"
    info = {"title": "drawn", "version": "1"}
    spec: dict[str, Any] = {"swagger": "2.0"} if old else {"openapi": f"{world.dialect}.0"}
    spec |= {"info": info, "paths": {}}
    base = choice.pick(["", "", "/v1"])
    if base:
        spec |= {"basePath": base} if old else {"servers": [{"url": f"https://example.org{base}"}]}
    whole = Drawn(spec, [], world)
    for number in range(choice.between(1, most)):
        operation(whole, number, base if choice.chance(50) else "", depth)
    _secure(whole)
    if old:
        spec["definitions"] = world.schemas
    else:
        spec.setdefault("components", {})["schemas"] = world.schemas
    return whole


def operation(whole: Drawn, number: int, base: str, depth: int) -> None:
    """Add an operation and its exchange."""
    world, choice = whole.world, whole.world.choice
    old = world.dialect == "2.0"
    method = choice.pick(["get", "post", "put", "patch"])
    held: dict[str, Any] = {"responses": {}}
    listed: list[dict[str, Any]] = []
    given: list[Given] = []
    path = sent_path = f"/r{number}"
    for name in ["id", "sub"][: choice.between(0, 2)]:
        written, each = parameter(world, name, "path")
        listed.append(written)
        given.append(each)
        path += f"/{{{name}}}"
    for place, names in (
        ("query", ["q", "f[]", "p.x"]),
        ("header", ["X-H", "X-Other"]),
        ("cookie", ["crumb"] * (not old)),
    ):
        for name in names[: choice.between(0, len(names))]:
            written, each = parameter(world, name, place)
            listed.append(written)
            given.append(each)
    for written, each in _clashing(listed, given):
        listed.remove(written)
        given.remove(each)
    given = [each for each in given if each.required or choice.chance(80)]
    exchange = Exchange(method, base + sent_path, tuple(given))
    if method != "get" and choice.chance(80):
        exchange = _sending(whole, held, listed, exchange, depth)
    if listed:
        held["parameters"] = listed
    exchange = _answering(whole, held, exchange, depth)
    whole.spec["paths"][path] = {method: held}
    whole.exchanges.append(exchange)


def _clashing(listed: list[dict[str, Any]], given: list[Given]) -> Iterator[tuple[dict[str, Any], Given]]:
    """All but the first parameters that are spread over the query under the names of their properties."""
    spread = [each for each in given if each.place == "query" and any(name in ("r", "g") for name, _ in each.texts)]
    for each in spread[1:]:
        yield listed[given.index(each)], each


def _sending(
    whole: Drawn, held: dict[str, Any], listed: list[dict[str, Any]], exchange: Exchange, depth: int
) -> Exchange:
    """With a request body, as JSON or as a form."""
    world, choice = whole.world, whole.world.choice
    old = world.dialect == "2.0"
    required = choice.chance(50)
    if choice.chance(20):
        return _form(world, held, listed, exchange, required)
    held_shape = _body(world, depth)
    media = choice.pick([JSON, "application/vnd.a+json", "application/json; charset=utf-8"])
    if old:
        held["consumes"] = [media]
        listed.append({"name": "body", "in": "body", "required": required, "schema": held_shape.schema})
    else:
        held["requestBody"] = {
            "required": required,
            "content": {media: {"schema": held_shape.schema}, **_other_media(choice)},
        }
    made = held_shape.make(choice, "request")
    whole.bodies.append(("request", held_shape.schema, made.plain()))
    return replace(exchange, sends=media, body=made.plain(), has_body=True, body_required=required, sent=made)


def _body(world: World, depth: int) -> Shape:
    """The shape of a body. A text alone may be JSON that was written as text, so it stands in a list."""
    inner = shape(world, depth)
    if inner.kinds and "string" not in inner.kinds:
        return inner

    def make(choice: Choice, side: str) -> Made:
        return Made([], frozenset({"array"}), parts={0: inner.make(choice, side)})

    return Shape({"type": "array", "items": inner.schema}, frozenset({"array"}), make)


def _form(
    world: World, held: dict[str, Any], listed: list[dict[str, Any]], exchange: Exchange, required: bool
) -> Exchange:
    choice = world.choice
    first, second = words(choice, world.dialect), numbers(choice, world.dialect)
    one, two = first.make(choice, "request"), second.make(choice, "request")
    if world.dialect == "2.0":
        held["consumes"] = [FORM]
        for name, each in (("one", first), ("two", second)):
            listed.append({"name": name, "in": "formData", "required": name == "one", **each.schema})
    else:
        schema = {"type": "object", "properties": {"one": first.schema, "two": second.schema}, "required": ["one"]}
        held["requestBody"] = {"required": required, "content": {FORM: {"schema": schema}}}
    body = f"one={quote_plus(_text(one.plain()))}&two={quote_plus(_text(two.plain()))}"
    is_required = required or world.dialect == "2.0"
    return replace(exchange, sends=FORM, body=body, has_body=True, body_required=is_required)


def _answering(whole: Drawn, held: dict[str, Any], exchange: Exchange, depth: int) -> Exchange:
    """With a response: by its status, a range or the default; with headers and a body."""
    world, choice = whole.world, whole.world.choice
    old = world.dialect == "2.0"
    status = choice.pick([200, 201, 404])
    key = choice.pick([str(status), str(status), *[f"{status // 100}XX"] * (not old), "default"])
    response: dict[str, Any] = {"description": "d"}
    headers: list[Given] = []
    for name in ["X-Rate", "X-Page"][: choice.between(0, 2)]:
        inner = choice.pick([words, numbers])(choice, world.dialect)
        made = inner.make(choice, "response")
        bads = [(wrong.word, wrong.value) for wrong in made.wrongs(made) if _text(wrong.value)]
        bads += [("type", "no-such")] if "string" not in inner.kinds else []
        response.setdefault("headers", {})[name] = inner.schema if old else {"schema": inner.schema}
        wrongs = tuple((word, ((name, _text(bad)),)) for word, bad in bads)
        if _text(made.plain()).strip():
            headers.append(Given(name, "header", ((name, _text(made.plain())),), False, wrongs))
    exchange = replace(exchange, status=status, headers=tuple(headers))
    if choice.chance(85):
        held_shape = _body(world, depth)
        media = choice.pick([JSON, "application/vnd.a+json"])
        if old:
            held["produces"] = [media]
            response["schema"] = held_shape.schema
        else:
            response["content"] = {media: {"schema": held_shape.schema}, **_other_media(choice)}
        made = held_shape.make(choice, "response")
        whole.bodies.append(("response", held_shape.schema, made.plain()))
        part = made.part(choice) if choice.chance(70) else made
        accept = choice.pick(["", media, "*/*", f"text/html, {media};q=0.5"])
        exchange = replace(
            exchange, answers=media, expects=part.plain(), has_expectation=True, expected=part, accept=accept
        )
    held["responses"][key] = response
    for other in ("500", "3XX") if not old and choice.chance(40) else ():
        held["responses"].setdefault(other, {"description": "d"})
    return exchange


def _other_media(choice: Choice) -> dict[str, Any]:
    """Media types beside the one that is used."""
    return {"text/plain": {"schema": {"type": "string"}}, "application/*": {}} if choice.chance(30) else {}


def _secure(whole: Drawn) -> None:
    """Security schemes: alternatives of one or two schemes; each exchange satisfies one of them."""
    world, choice = whole.world, whole.world.choice
    old = world.dialect == "2.0"
    if choice.chance(50):
        return
    names = [name for name in SECRETS if not (old and name in ("session", "bearer"))]
    defined = {name: {"type": "basic"} if old and name == "basic" else SECRETS[name][0] for name in names}
    if old:
        whole.spec["securityDefinitions"] = defined
    else:
        whole.spec["components"] = {"securitySchemes": defined}
    ways = [["key"], ["word", "basic"], names[-1:], ["key", "word"]]
    offered = [choice.pick(ways) for _ in range(choice.between(1, 2))]
    requirement: list[dict[str, list[str]]] = [{name: [] for name in way} for way in offered]
    operations = [each for item in whole.spec["paths"].values() for each in item.values()]
    if choice.chance(50):
        whole.spec["security"] = requirement
    else:
        for each in operations:
            each["security"] = requirement
    shown = [replace(each, secrets=tuple(choice.pick(offered))) for each in whole.exchanges]
    whole.exchanges[:] = shown
