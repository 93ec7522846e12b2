"""Is a request one that the spec takes? The same rules as where a contract is compared with it.

What the comparison cannot judge, or only warns of, is let through; a body without a media type is not. Sentences name
places and rules, and never a value that was sent: that may be a secret.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import unquote_plus

from signet.core.compare import media, request_parameters, requests
from signet.core.compare.codes import CODES, ERROR
from signet.core.compare.modes import Budget, OverBudget
from signet.core.compare.operations import Operation
from signet.core.compare.report import Report
from signet.core.compare.routes import Match
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.bodies import Body
from signet.core.formats.limits import excess
from signet.core.formats.text import escape, resolve
from signet.core.model.contract import Interaction
from signet.live.mock.exchange import Request
from signet.live.mock.problems import Wrong

_FATAL = frozenset({"request.content-type.missing"})
"""Warnings of the comparison that are refusals here."""
_WHOLE = "/request"
PATH = "request.path.incompatible"
"""The rule that a path parameter breaks: another path may be meant."""


class NotJson(Exception):
    """A body that is said to be JSON, and is none that can be read; says why."""


def wrongs(source: Source, found: Operation, match: Match, request: Request) -> list[Wrong]:
    """Everything about a request to an operation that is wrong; empty if it is taken."""
    return [*_of_path(source, found, match), *_of_rest(source, found, request)]


def _of_path(source: Source, found: Operation, match: Match) -> list[Wrong]:
    try:
        misfits = request_parameters.path_misfits(Judge(source, budget=Budget()), found, match)
    except (Unjudgeable, OverBudget, RecursionError):
        return []
    return [
        Wrong(
            PATH,
            f"The path parameter {name} does not fit: {misfit.why(source.root, is_quiet=True)}.",
            f"/path/{escape(name)}",
            misfit.pointer,
        )
        for name, misfit in misfits
        if not misfit.is_open
    ]


def _of_rest(source: Source, found: Operation, request: Request) -> list[Wrong]:
    try:
        mapped = _mapped(request)
    except NotJson as error:
        at = found.body.pointer if found.body else found.pointer
        return [Wrong("request.body.malformed", f"The request body is not JSON: {error}.", "/body", at)]
    interaction = Interaction(0, "", "", request=mapped)
    report = Report(interaction, source.root, is_quiet=True)
    judge = Judge(source, budget=Budget(), is_quiet=True)
    steps: tuple[Callable[[], None], ...] = (
        lambda: request_parameters.headers(report, judge, found, interaction),
        lambda: request_parameters.query(report, judge, found, interaction),
        lambda: requests.body(report, judge, found, interaction),
    )
    for step in steps:
        try:
            step()
        except (Unjudgeable, OverBudget, RecursionError):
            continue
    return [
        Wrong(each.code, each.message, _pointer(source, each.contract_pointer, each.spec_pointer), each.spec_pointer)
        for each in report.findings
        if CODES[each.code].severity == ERROR or each.code in _FATAL
    ]


def _pointer(source: Source, pointer: str, spec_pointer: str) -> str:
    """Where in the request; what is missing is named by where it should be."""
    if pointer != _WHOLE:
        return pointer
    try:
        said = resolve(source.root, spec_pointer)
    except LookupError:
        said = None
    if isinstance(said, dict) and isinstance(said.get("name"), str) and said.get("in") in ("query", "header", "cookie"):
        return f"/{said['in']}/{escape(said['name'])}"
    return "/body"


# --- the form in which the comparison reads requests -----------------------------------------------------------------


def _mapped(request: Request) -> dict[str, Any]:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"), f"/header/{escape(name.decode('latin-1'))}")
        for name, value in request.headers
    )
    query = tuple(
        (unquote_plus(name), unquote_plus(value), f"/query/{escape(unquote_plus(name))}")
        for part in request.query.split("&")
        if part
        for name, _, value in (part.partition("="),)
    )
    found: dict[str, Any] = {
        "method": request.method,
        "path": request.path,
        "headers": headers,
        "query": query,
        "rules": (),
    }
    found["generators"] = ()
    if request.body:
        found["body"] = _body(request)
    return found


def _body(request: Request) -> Body:
    written = request.header(b"content-type")
    if written is None or media.comparable(written) == "json":
        try:
            return Body(parsed(request.body), "/body", written)
        except NotJson:
            if written is not None:
                raise
    try:
        return Body(request.body.decode("utf-8"), "/body", written)
    except UnicodeDecodeError:
        return Body(request.body.decode("latin-1"), "/body", written)


def parsed(body: bytes) -> Any:
    """JSON with exact numbers; NotJson with the reason where it is none, or more than anybody means."""
    try:
        value = json.loads(
            body.decode("utf-8"), parse_float=_number, parse_constant=_refused, object_pairs_hook=_unique
        )
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except UnicodeDecodeError:
        raise NotJson("it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg}, line {error.lineno} column {error.colno}") from None
    except (ValueError, ArithmeticError) as error:
        raise NotJson(str(error)) from None
    too_much = excess(value)
    if too_much:
        raise NotJson(too_much)
    return value


def _number(written: str) -> Decimal:
    value = Decimal(written)
    if abs(value.adjusted()) > 400:
        raise ValueError("a number is too long to be meant")
    return value


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"the key {twice[:60]!r} comes twice")
    return found
