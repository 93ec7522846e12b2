"""Drawn exchanges with one thing wrong that the spec forbids, and where a finding has to stand that tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.core.drawn_pacts import body_pointer
from tests.core.drawn_specs import Drawn, Exchange, Given


@dataclass(frozen=True)
class Mutant:
    """An exchange with one thing wrong: what, on which side, and where it stands in the interaction or in the body.

    ``choice`` is the place of the alternatives around it.
    """

    word: str
    exchange: Exchange
    side: str
    place: tuple[Any, ...] = ()
    in_body: bool = False
    choice: tuple[Any, ...] | None = None
    always: bool = False
    """True if it is wrong for expected errors too."""

    def is_told(self, pointer: str, number: int, version: int, encoded: bool) -> bool:
        """True if a finding at this place of the Pact file speaks of what is wrong, or of what it is a part of."""
        if not self.in_body:
            own = f"/interactions/{number}/{self.side}"
            return pointer == own or pointer.startswith(own + "".join(f"/{step}" for step in self.place))
        places = [self.place] if self.choice is None else [self.place, self.choice]
        wrong, *around = [body_pointer(number, self.side, version, encoded, place) for place in places]
        body = body_pointer(number, self.side, version, encoded, ())
        if not f"{pointer}/".startswith(f"{body}/"):
            return False
        return f"{wrong}/".startswith(f"{pointer}/") or any(f"{pointer}/".startswith(f"{own}/") for own in around)


def mutants(whole: Drawn, exchange: Exchange) -> Iterator[Mutant]:
    """Every way to put one thing of an exchange wrong."""
    yield Mutant("path", replace(exchange, path="/nowhere"), "request", ("path",), always=True)
    yield Mutant("method", replace(exchange, method="trace"), "request", ("method",), always=True)
    if exchange.answers:
        yield Mutant("accept", replace(exchange, accept="text/csv"), "request", ("headers", "Accept"), always=True)
        media = replace(exchange, answers="text/csv")
        yield Mutant("response media type", media, "response", ("headers", "Content-Type"))
    if exchange.sends:
        yield Mutant("media type", replace(exchange, sends="text/csv"), "request", ("headers", "Content-Type"))
    if exchange.body_required:
        yield Mutant("no body", replace(exchange, sends="", has_body=False), "request")
    if not _is_covered(whole, exchange, 299):
        yield Mutant("status", replace(exchange, status=299), "response", ("status",))
    yield from _of_given(exchange)
    yield from _of_secrets(whole, exchange)
    unknown = Given("X-Unknown", "header", (("X-Unknown", "1"),))
    headers = (*exchange.headers, unknown)
    yield Mutant("response header", replace(exchange, headers=headers), "response", ("headers", "X-Unknown"))
    for each in exchange.headers:
        for word, texts in each.wrongs:
            changed = tuple(replace(held, texts=texts) if held is each else held for held in exchange.headers)
            wrong = replace(exchange, headers=changed)
            yield Mutant(f"response header {word}", wrong, "response", ("headers", each.name))
    for side, made in (("request", exchange.sent), ("response", exchange.expected)):
        if made is None:
            continue
        for place, bad, choice in made.forbidden():
            body = put(made.plain(), place, bad.value)
            if body is None and side == "response":
                continue  # nothing is expected then
            change = {"body": body} if side == "request" else {"expects": body}
            yield Mutant(f"body {bad.word}", replace(exchange, **change), side, (*place, *bad.place), True, choice)


def _is_covered(whole: Drawn, exchange: Exchange, status: int) -> bool:
    keys = {key for item in whole.spec["paths"].values() for each in item.values() for key in each["responses"]}
    return bool(keys & {"default", f"{status // 100}XX", str(status)})


def _of_given(exchange: Exchange) -> Iterator[Mutant]:
    for each in exchange.given:
        spot = {
            "path": ("path",),
            "query": ("query",),
            "cookie": ("headers", "Cookie"),
            "header": ("headers", each.name),
        }
        is_path = each.place == "path"
        for word, texts in each.wrongs:
            changed = tuple(replace(held, texts=texts) if held is each else held for held in exchange.given)
            wrong = replace(exchange, given=changed)
            yield Mutant(f"{each.place} {word}", wrong, "request", spot[each.place], always=is_path)
        if each.required and not is_path:
            left = tuple(held for held in exchange.given if held is not each)
            yield Mutant(f"no {each.place}", replace(exchange, given=left), "request")


def _of_secrets(whole: Drawn, exchange: Exchange) -> Iterator[Mutant]:
    path = next(path for path in whole.spec["paths"] if f"{exchange.path}/".endswith(f"/{path.split('/')[1]}/"))
    held = whole.spec["paths"][path][exchange.method]
    offered = held.get("security", whole.spec.get("security", []))
    for name in exchange.secrets:
        left = tuple(each for each in exchange.secrets if each != name)
        if not any(set(way) <= set(left) for way in offered):
            yield Mutant("security", replace(exchange, secrets=left), "request")


def put(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    """The value with something else at a place."""
    if not place:
        return new
    step, rest = place[0], place[1:]
    if isinstance(value, list):
        return [put(each, rest, new) if position == step else each for position, each in enumerate(value)]
    return {**value, step: put(value[step], rest, new)}
