"""The answers of one operation: the response that is asked for, in the media type that is accepted, always valid.

In this order: an example of the spec that fits its schema, then a value made from the schema; the header
``X-Signet-Answer`` says which. A body that does not fit is never sent; where none can be made, the answer says so.
Answers are made at their first use and kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from signet.core.compare import parameters
from signet.core.compare.media import is_json_like
from signet.core.compare.modes import ANSWER, PLAIN, POOL, Budget, OverBudget, Pool, definite
from signet.core.compare.operations import Answer as Response
from signet.core.compare.operations import Operation, Parameter, answer
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.text import resolve
from signet.live.mock import bodies, negotiation
from signet.live.mock.exchange import Answer
from signet.live.mock.generated import Draw, NoValue, generated
from signet.live.mock.literal import is_literal
from signet.live.mock.negotiation import Preferences
from signet.live.mock.problems import Wrong, problem

MOST_KEPT = 256
"""Answers that are kept for one operation."""
BODILESS = (204, 205, 304)
UNSENT = frozenset(
    {"content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive", "upgrade"}
) | {"trailer", "te", "date"}
"""Response headers that belong to the transfer, and are never made up."""
FIXED = Draw()
ORIGIN = b"x-signet-answer"
"""The header that says where an answer comes from."""


class _Example(NamedTuple):
    """An example of the spec: its name (empty if it has none), its value and its place."""

    name: str
    value: Any
    pointer: str


class Answers:
    """The answers of one operation."""

    def __init__(self, source: Source, found: Operation) -> None:
        self.source, self.found = source, found
        self.mode = PLAIN if source.dialect == "3.1" else ANSWER
        self._kept: dict[tuple[Preferences, str | None], Answer] = {}

    def answer(self, wanted: Preferences, accept: str | None, draw: Draw = FIXED) -> Answer:
        """The answer for what a client prefers and accepts; ``draw`` says what varies."""
        if draw.is_varied:
            return self._made(wanted, accept, draw)
        known = self._kept.get((wanted, accept))
        if known is None:
            known = self._made(wanted, accept, draw)
            if len(self._kept) < MOST_KEPT:
                self._kept[wanted, accept] = known._replace(notes=())
        return known

    def _made(self, wanted: Preferences, accept: str | None, draw: Draw) -> Answer:
        try:
            status, response = self._response(wanted)
            if response is None:
                return self._unknown_code(wanted)
            return self._of(status, response, wanted, accept, draw)
        except (Unjudgeable, NoValue) as error:
            return self._none(str(error))

    # --- which response ----------------------------------------------------------------------------------------------

    def _response(self, wanted: Preferences) -> tuple[int, Response | None]:
        by_key = {key.upper(): key for key in self.found.responses}
        if wanted.code is None:
            key = self._usual()
            return (_status(key), answer(self.source, self.found, key)) if key else (200, None)
        for key in (wanted.code.upper(), f"{wanted.code[:1]}XX", "DEFAULT"):
            if key in by_key and wanted.code.isascii() and wanted.code.isdigit() and 200 <= int(wanted.code) <= 599:
                return int(wanted.code), answer(self.source, self.found, by_key[key])
        return 0, None

    def _usual(self) -> str | None:
        """The response that comes unasked: the lowest success, else ``default``, else the lowest that there is."""
        keys = sorted(key for key in self.found.responses if key[:1] in "2345" and key[1:2])
        fine = [key for key in keys if key[0] == "2"]
        default = [key for key in self.found.responses if key.lower() == "default"]
        return next(iter([*fine, *default, *keys]), None)

    def _unknown_code(self, wanted: Preferences) -> Answer:
        declared = ", ".join(sorted(self.found.responses)) or "none"
        if wanted.code is None:
            return self._none("the operation declares no response")
        message = f"The operation never answers with that status; it has {declared}."
        return problem(400, [Wrong("mock.prefer.code", message, "/header/prefer", self.found.pointer)])

    def _none(self, why: str) -> Answer:
        name = f"{self.found.method.upper()} {self.found.path}"
        message = f"No valid answer can be made for {name}: {why}. Give an example in the spec."
        made = problem(501, [Wrong("mock.no-answer", message, "", self.found.pointer)])
        return made._replace(notes=(message,))

    # --- the answer --------------------------------------------------------------------------------------------------

    def _of(self, status: int, response: Response, wanted: Preferences, accept: str | None, draw: Draw) -> Answer:
        notes: list[str] = []
        headers = list(self._headers(response, draw, notes))
        if wanted.applied:
            headers.append((b"preference-applied", wanted.applied.encode("latin-1", "replace")))
        schemas = dict(response.content.schemas)
        types = response.content.types or tuple(schemas)
        if status in BODILESS or not types or (self.source.dialect == "2.0" and not schemas):
            return Answer(status, (*length(status, 0), *headers), b"", notes=tuple(notes))
        media_type = negotiation.chosen(accept, types)
        if media_type is None:
            message = f"The answer is {', '.join(types)}, which is not accepted."
            return problem(406, [Wrong("request.accept.incompatible", message, "/header/accept", response.pointer)])
        node = schemas.get(media_type)
        sent = negotiation.concrete(media_type, accept)
        examples = list(self._examples(response, media_type))
        if wanted.example is not None and not any(each.name == wanted.example for each in examples):
            named = ", ".join(each.name for each in examples if each.name) or "none"
            message = f"The response {status} has no such example as {media_type}; it has {named}."
            return problem(400, [Wrong("mock.prefer.example", message, "/header/prefer", response.pointer)])
        value, origin = self._value(examples, node, sent, wanted, draw, notes)
        content = bodies.body(sent, value, self.source, node) if value is not None or node is not None else b""
        kind = bodies.content_type(sent).encode("latin-1", "replace")
        about = ((b"content-type", kind), *length(status, len(content)))
        return Answer(status, (*about, *headers, (ORIGIN, origin)), content, notes=tuple(notes))

    def _value(
        self, examples: list[_Example], node: Node | None, sent: str, wanted: Preferences, draw: Draw, notes: list[str]
    ) -> tuple[Any, bytes]:
        """The value of the body, and where it comes from."""
        if wanted.example is not None:
            examples = [each for each in examples if each.name == wanted.example]
        for each in examples if not draw.is_varied or wanted.example is not None else ():
            for value in _readings(each.value, sent):
                if node is None or (self.fits(value, node) and self._is_literal(value, node)):
                    return value, origin("example", each.name)
            notes.append(f"The example at {each.pointer} does not fit its schema, and is not used.")
        if node is None:
            return ({} if is_json_like(sent) else ""), origin("generated")
        if wanted.example is not None:
            raise NoValue("the example that is asked for does not fit its schema")
        return generated(self.source, node, self.mode, draw=draw), origin("generated")

    def fits(self, value: Any, node: Node) -> bool:
        """True if a value is valid as an answer."""
        judge = Judge(self.source, budget=Budget(10 * POOL, pool=Pool(10 * POOL)))
        try:
            return not definite(judge.misfits(value, (node,), self.mode))
        except (OverBudget, RecursionError, Unjudgeable):
            return False

    def _is_literal(self, value: Any, node: Node) -> bool:
        try:
            return is_literal(self.source, value, (node,), self.fits)
        except (Unjudgeable, RecursionError):
            return False

    # --- examples ----------------------------------------------------------------------------------------------------

    def _examples(self, response: Response, media_type: str) -> Iterator[_Example]:
        """The examples of a response in a media type, in the order of the spec; what is outside is never fetched."""
        holder = resolve(self.source.root, response.pointer)
        if self.source.dialect == "2.0":
            for name, value, at in self.source.entries(holder, "examples", response.pointer):
                if name in (media_type, "*/*") or not media_type:
                    yield _Example("", value, at)
            return
        for name, media, at in self.source.entries(holder, "content", response.pointer):
            if name != media_type or not isinstance(media, dict):
                continue
            if "example" in media:
                yield _Example("", media["example"], f"{at}/example")
            for key, example, place in self.source.entries(media, "examples", at):
                own, where = self.source.resolved(example, place)
                if "value" in own:
                    yield _Example(key, own["value"], f"{where}/value")

    # --- headers -----------------------------------------------------------------------------------------------------

    def _headers(self, response: Response, draw: Draw, notes: list[str]) -> Iterator[tuple[bytes, bytes]]:
        for name, parameter in response.headers.items():
            if name in UNSENT:
                continue
            text = self._header(parameter, draw)
            if text is None:
                notes.append(f"No value was found for the response header {parameter.name}, and it is not sent.")
            else:
                yield name.encode("latin-1", "replace"), text.encode("latin-1")

    def _header(self, parameter: Parameter, draw: Draw) -> str | None:
        """The text of a response header that fits; None where none is found."""
        for value in self._header_values(parameter, draw):
            text = _styled(parameter, value)
            if not text.isprintable() or text != text.strip() or not text.isascii():
                continue
            judge = Judge(self.source, budget=Budget())
            try:
                if not definite(parameters.misfits(judge, parameter, [text], self.mode)):
                    return text
            except (Unjudgeable, OverBudget):
                continue
        return None

    def _header_values(self, parameter: Parameter, draw: Draw) -> Iterator[Any]:
        own = resolve(self.source.root, parameter.pointer)
        held: Mapping[str, Any] = own if isinstance(own, dict) else {}
        if "example" in held and not draw.is_varied:
            yield held["example"]
        for name, each, at in self.source.entries(held, "examples", parameter.pointer):
            example = self.source.resolved(each, at)[0]
            if "value" in example and name:
                yield example["value"]
        if parameter.node is None:
            yield parameter.name.lower()
            return
        try:
            yield generated(self.source, parameter.node, self.mode, name=parameter.name, draw=draw)
        except NoValue:
            return


def length(status: int, size: int) -> tuple[tuple[bytes, bytes], ...]:
    """The header that says how long a body is, where a status has one."""
    return () if status in (204, 304) else ((b"content-length", str(size).encode()),)


def origin(kind: str, name: str = "") -> bytes:
    """Where an answer comes from: ``generated``, ``example`` or ``fixture``, and its name, percent-encoded."""
    return f"{kind} {quote(name)}".strip().encode()


def _status(key: str) -> int:
    return int(key) if key.isdigit() else 200 if key.lower() == "default" else int(key[0]) * 100


def _readings(value: Any, media_type: str) -> Iterator[Any]:
    """What an example may mean: itself, or the JSON that people wrote as a text."""
    yield value
    if isinstance(value, str) and is_json_like(media_type):
        try:
            yield json.loads(value)
        except (ValueError, RecursionError):
            return


def _styled(parameter: Parameter, value: Any) -> str:
    """A value in the style of headers."""
    if parameter.content or not isinstance(value, (list, dict)):
        return bodies.json_text(value) if parameter.content else bodies.plain(value)
    if isinstance(value, list):
        return ",".join(map(bodies.plain, value))
    if parameter.explode:
        return ",".join(f"{name}={bodies.plain(each)}" for name, each in value.items())
    return ",".join(f"{name},{bodies.plain(each)}" for name, each in value.items())
