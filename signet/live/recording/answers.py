"""The answer of an interaction: what all answers that were seen have in common.

Of a JSON body that is its shape: the members that every answer had, one example for all items of a list, and for each
value an example of its type. null says nothing, nor does what was now a text and now a number. ``met`` takes two shapes
to what they have in common; it does not matter in which order. Of other bodies only the media type is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from signet.core.formats.canonical import dump
from signet.live.recording.exchange import Exchange, decoded, first, media_type
from signet.live.recording.replacing import NotJson, Values, parsed


class _Nothing:
    """Marks that nothing is known of a value; JSON's null comes to the same."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()


class Items(list[Any]):
    """The items of a list as a shape: one, or none. ``sometimes_empty``: a list without any was seen."""

    def __init__(self, items: list[Any], sometimes_empty: bool) -> None:
        super().__init__(items)
        self.sometimes_empty = sometimes_empty


def shape(exchange: Exchange, values: Values) -> tuple[Any, str]:
    """The shape of an answer's body, and why there is none where one would be expected."""
    kind = media_type(exchange.answer_headers)
    if not kind.endswith(("/json", "+json")) or exchange.answer_body == b"":
        return NOTHING, ""
    if exchange.method == "HEAD" or exchange.status in (204, 304):
        return NOTHING, ""
    body = exchange.answer_body
    raw = None if body is None else decoded(body, exchange.answer_headers)
    if raw is None:
        why = "is too large, or was not read to its end" if body is None else "is too large, or encoded unreadably"
        return NOTHING, f"an answer's body that {why}"
    try:
        return shaped(values.value(parsed(raw))), ""
    except NotJson:
        return NOTHING, "an answer's body that says it is JSON and is none that a contract can hold"


def headers(exchange: Exchange, values: Values) -> dict[str, str]:
    """The headers that a contract expects: the media type, where something was created or moved to, and chosen ones."""
    found = {}
    kind = media_type(exchange.answer_headers)
    if kind:
        found["Content-Type"] = kind
    location = first(exchange.answer_headers, "location")
    if location and (exchange.status == 201 or 300 <= exchange.status < 400):
        found["Location"] = _path_of(location, values)
    for name in sorted(values.choice.headers - {"content-type", "location"}):
        value = first(exchange.answer_headers, name)
        if value:
            found["-".join(word.capitalize() for word in name.split("-"))] = values.value(value, name)
    return found


def _path_of(location: str, values: Values) -> str:
    """Where something is, without the server and the query; numbers that the request does not name are samples."""
    try:
        path = urlsplit(location).path
    except ValueError:
        return "/"
    named = ["1" if each.isdigit() and not values.known.names(each) else values.text(each) for each in path.split("/")]
    return "/".join(named) or "/"


# --- shapes ----------------------------------------------------------------------------------------------------------


def shaped(value: Any) -> Any:
    """The shape of one JSON value."""
    if value is None:
        return NOTHING
    if isinstance(value, dict):
        return {name: shaped(member) for name, member in value.items()}
    if isinstance(value, list):
        items = [shaped(each) for each in value]
        found = items[:1]
        for each in items[1:]:
            found = [met(found[0], each, _earlier)]
        return Items(found, not items)
    return value


Pick = Callable[[Any, Any], Any]
"""Chooses one of two examples of the same type."""


def _earlier(one: Any, _other: Any) -> Any:
    return one


def met(one: Any, other: Any, pick: Pick = min) -> Any:
    """What two shapes have in common. With ``min`` their order does not matter; in a list the first example stays."""
    if one is NOTHING or other is NOTHING:
        return NOTHING
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: met(member, other[name], pick) for name, member in one.items() if name in other}
    if isinstance(one, Items) and isinstance(other, Items):
        both = [met(one[0], other[0], pick)] if one and other else list(one or other)
        return Items(both, one.sometimes_empty or other.sometimes_empty)
    if isinstance(one, bool) or isinstance(other, bool):
        return pick(one, other) if isinstance(one, bool) and isinstance(other, bool) else NOTHING
    if isinstance(one, (int, Decimal)) and isinstance(other, (int, Decimal)):
        wide = [each for each in (one, other) if each != int(each)]
        return wide[0] if len(wide) == 1 else pick(one, other)
    return pick(one, other) if isinstance(one, str) and isinstance(other, str) else NOTHING


def example(found: Any) -> Any:
    """The shape as an example for a contract, without what nothing is known of; NOTHING where that is all."""
    if isinstance(found, dict):
        members = {name: example(member) for name, member in found.items()}
        return {name: member for name, member in members.items() if member is not NOTHING}
    if isinstance(found, Items):
        return [each for each in map(example, found) if each is not NOTHING]
    return found


def rules(found: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, matcher) for the body: types everywhere, and lists that may be empty."""
    if path == "$" and found is not NOTHING:
        yield path, {"match": "type"}
    if isinstance(found, dict):
        for name, member in sorted(found.items()):
            if not set(name) & _UNWRITABLE:
                yield from rules(member, f"{path}{_step(name)}")
    elif isinstance(found, Items):
        if found.sometimes_empty and found:
            yield path, {"match": "type", "min": 0}
        for each in found:
            yield from rules(each, f"{path}[*]")


_UNWRITABLE = set("'\"[]\\")
"""Characters of names for which the paths of matchers have no way of writing that all tools read."""


def _step(name: str) -> str:
    return f".{name}" if name.isidentifier() and name.isascii() else f"['{name}']"


def as_text(found: Any) -> str:
    """A shape as text, to see whether two are equal and how large one is."""
    return dump(None if found is NOTHING else example(found))
