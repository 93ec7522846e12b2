"""Contracts and specs as a person reads them: interactions and operations as plain values that templates print.

Nothing is judged and nothing is hidden: what is too long is cut, and says so; the source stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from signet.core.formats.bodies import Body
from signet.core.formats.structure import METHODS
from signet.core.formats.text import escape, number_text, resolve
from signet.core.model.contract import Interaction
from signet.core.model.spec import Spec

LONGEST = 20_000
"""Characters of a value; a longer one is cut."""


class Message(NamedTuple):
    """A request or a response: its first line, headers, body and the matchers that hold for it."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: str | None
    rules: tuple[tuple[str, str], ...]


class Told(NamedTuple):
    """An interaction: what the consumer sends, and what it expects. A message pact has neither."""

    number: int
    description: str
    kind: str
    pointer: str
    title: str
    request: Message | None
    response: Message | None
    states: tuple[str, ...]


class Operation(NamedTuple):
    """An operation of a spec, with its place in the document."""

    method: str
    path: str
    pointer: str
    summary: str
    is_deprecated: bool
    parameters: tuple[tuple[str, str, bool, str], ...]
    request: tuple[str, ...]
    responses: tuple[tuple[str, str, tuple[str, ...]], ...]


def interaction(one: Interaction, source: Any) -> Told:
    """An interaction of a contract; ``source`` is the document, which knows the provider states."""
    states = _states(_at(source, one.pointer))
    if one.kind != "http":
        return Told(one.index, one.description, one.kind, one.pointer, one.description, None, None, states)
    method, path, status = one.request["method"], one.request["path"], one.response["status"]
    query = "&".join(f"{name}={value}" for name, value, _ in one.request.get("query", ()))
    line = f"{method} {path}" + (f"?{query}" if query else "")
    title = f"{line} → {status}"
    request, response = _message(one.request, line), _message(one.response, f"Status {status}")
    return Told(one.index, one.description, one.kind, one.pointer, title, request, response, states)


def _message(side: Mapping[str, Any], line: str) -> Message:
    headers = tuple((name, value) for name, value, _ in side.get("headers", ()))
    body = side.get("body")
    rules = tuple((_place(rule.category, rule.path), _says(rule.matcher)) for rule in side.get("rules", ()))
    return Message(line, headers, pretty(body.value) if isinstance(body, Body) else None, rules)


def _place(category: str, path: tuple[Any, ...]) -> str:
    steps = "".join(f"[{step}]" if isinstance(step, int) or step == "*" else f".{step}" for step in path)
    return category + steps


def _says(matcher: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {pretty(value)}" for key, value in sorted(matcher.items()))[:400]


def _states(found: Any) -> tuple[str, ...]:
    if not isinstance(found, dict):
        return ()
    told = found.get("providerStates", found.get("providerState", found.get("provider_state")))
    listed = told if isinstance(told, list) else [told] if told is not None else []
    names = (one.get("name") if isinstance(one, dict) else one for one in listed)
    return tuple(name for name in names if isinstance(name, str))


def pretty(value: Any) -> str:
    """A value as indented JSON, numbers as they were written; text that is no JSON is itself."""
    text = value if isinstance(value, str) and "\n" in value else "".join(_written(value, ""))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… cut after {LONGEST:,} characters"


def _written(value: Any, indent: str) -> Iterator[str]:
    deeper = indent + "  "
    if isinstance(value, dict) and value:
        for number, (key, child) in enumerate(value.items()):
            yield ("{\n" if number == 0 else ",\n") + deeper + json.dumps(str(key), ensure_ascii=False) + ": "
            yield from _written(child, deeper)
        yield f"\n{indent}}}"
    elif isinstance(value, list) and value:
        for number, child in enumerate(value):
            yield ("[\n" if number == 0 else ",\n") + deeper
            yield from _written(child, deeper)
        yield f"\n{indent}]"
    elif isinstance(value, (str, bool, dict, list)) or value is None:
        yield json.dumps(value, ensure_ascii=False)
    else:
        yield number_text(value)


def operations(spec: Spec) -> list[Operation]:
    """All operations of a spec, in the order of the document."""
    paths = spec.source.get("paths")
    found = []
    for path, item in paths.items() if isinstance(paths, dict) else ():
        pointer = f"/paths/{escape(path)}"
        item = _followed(spec, item)
        for method in item:
            if method.lower() in METHODS and isinstance(item[method], dict):
                found.append(_operation(spec, method, path, f"{pointer}/{method}", item))
    return found


def _operation(spec: Spec, method: str, path: str, pointer: str, item: Mapping[str, Any]) -> Operation:
    told = item[method]
    listed = [*_list(item.get("parameters")), *_list(told.get("parameters"))]
    named = (_parameter(_followed(spec, each)) for each in listed)
    parameters = {(each[0], each[1]): each for each in named if each is not None}
    body = _followed(spec, told.get("requestBody"))
    answers = told.get("responses")
    responses = tuple(
        (str(status), _text(one.get("description")), _media(one))
        for status, each in (answers.items() if isinstance(answers, dict) else ())
        if (one := _followed(spec, each)) is not None
    )
    summary = _text(told.get("summary")) or _text(told.get("description")) or _text(told.get("operationId"))
    deprecated = told.get("deprecated") is True
    found = tuple(parameters.values())
    return Operation(method.upper(), path, pointer, summary[:300], deprecated, found, _media(body), responses)


def _parameter(one: Mapping[str, Any]) -> tuple[str, str, bool, str] | None:
    name, place = _text(one.get("name")), _text(one.get("in"))
    if not name:
        return None
    schema = one.get("schema", one)
    kind = schema.get("type", "") if isinstance(schema, dict) else ""
    told = " or ".join(map(str, kind)) if isinstance(kind, list) else _text(kind)
    return (name, place, one.get("required") is True, told)


def _media(one: Mapping[str, Any]) -> tuple[str, ...]:
    content = one.get("content")
    return tuple(map(str, content)) if isinstance(content, dict) else ()


def _followed(spec: Spec, value: Any) -> Mapping[str, Any]:
    """What a reference refers to; an empty object where that is none."""
    for _ in range(10):
        if not isinstance(value, dict):
            return {}
        reference = value.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return value
        value = _at(spec.source, reference[1:])
    return {}


def _at(document: Any, pointer: str) -> Any:
    try:
        return resolve(document, pointer)
    except (LookupError, ValueError, TypeError):
        return None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
