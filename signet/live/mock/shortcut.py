"""The short cut for requests that are surely taken: what is plain is looked at once, made ready for its operation.

It only says yes. What it does not know (styles, objects in queries, cookies, forms), and every no, is judged by
``signet.live.mock.judging``, which also says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from jiter import from_json

from signet.core.compare import leaves, media
from signet.core.compare.modes import REQUEST, Budget
from signet.core.compare.operations import IGNORED_HEADERS, Operation, Parameter
from signet.core.compare.quick_work import Doubt
from signet.core.compare.schemas import NO_RULES
from signet.core.compare.source import Node, Source
from signet.core.compare.texts import Unjudgeable
from signet.core.compare.values import types
from signet.core.formats.limits import MAX_DEPTH
from signet.live.mock.exchange import Request

LONGEST = 1_000
"""Characters of a parameter that is looked at here."""
LARGEST = 1_000_000
"""Bytes of a body that is read here."""
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_MOST_TYPES = 64
_BESIDE = frozenset({"name", "in", "required", "allowEmptyValue", "collectionFormat"})
"""What stands beside the schema in a parameter of Swagger 2.0."""

Fits = Callable[[str], bool]


class Shortcut:
    """What one operation plainly takes."""

    def __init__(self, source: Source, found: Operation) -> None:
        self.source = source
        self.path: dict[str, Fits] = {}
        self.query: dict[str, Fits] = {}
        self.needed = [each.name for each in found.parameters if each.place == "query" and each.required]
        self.headers: list[tuple[bytes, Fits, bool]] = []
        self.is_known = not found.fields
        self.body, self.takes = found.body, found.takes
        self.nodes: dict[bytes, Node | None] = {}
        for each in found.parameters:
            self._add(each)

    def _add(self, parameter: Parameter) -> None:
        if parameter.place == "header" and parameter.name.lower() in IGNORED_HEADERS:
            return
        fits = _plain(self.source, parameter)
        if fits is None or parameter.place == "cookie":
            self.is_known = False
        elif parameter.place == "path":
            self.path[parameter.name] = fits
        elif parameter.place == "query":
            self.query[parameter.name] = fits
        else:
            self.headers.append((parameter.name.lower().encode("latin-1", "replace"), fits, parameter.required))

    def takes_it(self, request: Request, values: Mapping[str, str]) -> bool:
        """True if the request is surely one that the operation takes; ``values`` are the texts of the path."""
        if not self.is_known:
            return False
        for name, text in values.items():
            fits = self.path.get(name)
            if fits is not None and not fits(text):
                return False
        if (request.query or self.needed) and not self._has_query(request.query):
            return False
        if self.headers and not self._has_headers(request):
            return False
        return self._has_body(request)

    def _has_query(self, query: str) -> bool:
        pairs = parse_qsl(query, keep_blank_values=True)
        given = dict(pairs)
        if len(given) < len(pairs) or any(name not in given for name in self.needed):
            return False
        return all((fits := self.query.get(name)) is not None and fits(text) for name, text in pairs)

    def _has_headers(self, request: Request) -> bool:
        for name, fits, is_required in self.headers:
            texts = [value for key, value in request.headers if key == name]
            if len(texts) > 1 or (is_required and not texts):
                return False
            if texts and (b"%" in texts[0] or not fits(texts[0].decode("latin-1"))):
                return False
        return True

    def _has_body(self, request: Request) -> bool:
        written = next((value for key, value in request.headers if key == b"content-type"), None)
        if not request.body:
            return (self.body is None or not self.body.required) and written is None
        if self.body is None or written is None or len(request.body) > LARGEST:
            return False
        node = self._node(written)
        if node is None or request.body.count(b"{") + request.body.count(b"[") > MAX_DEPTH:
            return False
        quick = self.source.quick
        try:
            value = from_json(request.body, allow_inf_nan=False, catch_duplicate_keys=True)
        except ValueError:
            return False
        return quick is not None and quick.fits(value, node, REQUEST, NO_RULES, Budget())

    def _node(self, written: bytes) -> Node | None:
        if written not in self.nodes and len(self.nodes) < _MOST_TYPES:
            self.nodes[written] = self._of_type(written.decode("latin-1"))
        return self.nodes.get(written)

    def _of_type(self, written: str) -> Node | None:
        if self.body is None or media.comparable(written) != "json" or not self.takes:
            return None
        return dict(self.body.schemas).get(media.best(self.takes, written) or "")


def _plain(source: Source, parameter: Parameter) -> Fits | None:
    """What tells of a parameter that is one text, number or flag; None where that takes more."""
    styles = {"path": "simple", "header": "simple", "query": "form"}
    if parameter.node is None or parameter.content or parameter.style != styles.get(parameter.place):
        return None
    schema = parameter.node.schema
    if source.dialect == "2.0" and isinstance(schema, dict):
        schema = {key: said for key, said in schema.items() if key not in _BESIDE}
    seen = 0
    while isinstance(schema, dict) and isinstance(schema.get("$ref"), str) and len(schema) == 1 and seen < 10:
        try:
            schema = source.follow(schema["$ref"], parameter.pointer)[0]
        except Unjudgeable:
            return None
        seen += 1
    if not leaves.is_plain(schema) or "nullable" in schema or "x-nullable" in schema:
        return None
    return _of_type(schema)


def _of_type(schema: Mapping[str, Any]) -> Fits | None:
    kinds = types(schema)
    kind = {"string": str, "integer": int, "boolean": bool}.get(kinds[0]) if len(kinds) == 1 else None
    if kind is None:
        return None
    try:
        judged = leaves.check(schema, kind)
    except (Doubt, Unjudgeable):
        return None

    def fits(text: str) -> bool:
        if not text or len(text) > LONGEST:
            return False
        try:
            if kind is str:
                return judged is True or (judged is not False and judged(text))
            if kind is int:
                return _WHOLE.match(text) is not None and (
                    judged is True or (judged is not False and judged(int(text)))
                )
            return text in ("true", "false") and (judged is True or (judged is not False and judged(text == "true")))
        except (Doubt, Unjudgeable):
            return False

    return fits
