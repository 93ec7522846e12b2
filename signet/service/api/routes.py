"""How every question of the API is taken and answered: once, for all of them.

A question is checked before it is asked: no parameter that is not declared, none given twice that has one value. Its
answer follows from the commit, the path with its query, the form that is wanted and the version of Signet, and so does
its ETag: whoever has that answer is told so without computing it again. Computing happens in a process of its own
(``signet.service.computing``) or, without one, in a thread, so that a slow question never holds up others; only what is
at hand is answered at once.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from signet import __version__
from signet.core.formats.text import dump_read
from signet.core.model.names import nearest
from signet.errors import SignetError, UsageError
from signet.registry.comparisons import comparer
from signet.service import problems
from signet.service.api import cursors
from signet.service.computing import computing_of
from signet.service.kept import Answer, is_known, kept_of
from signet.service.snapshots import Held, Snapshot

PREFIX = "/api/v1"
JSON = "application/json"
LONGEST_QUERY = 16_384
AT_ONCE = 8
"""So many questions are computed at the same time; more wait in line."""

Body = dict[str, Any] | bytes
Paged = Callable[[Snapshot, int, int], tuple[dict[str, Any], int | None]]
"""A question that has a list, asked for so many entries from a position on; and where the next page begins."""
log = logging.getLogger("signet.service.api")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list is wanted, of which commit, and by whom."""

    request: Request
    at: str | None
    limit: int
    cursor: str | None


class Question(APIRoute):
    """A route that takes GET and HEAD, and refuses parameters that it does not have."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's, with the checks before and every error as a problem."""
        ask = super().get_route_handler()
        own = (self.dependant, *self.dependant.dependencies)
        declared = {field.alias: field for one in own for field in one.query_params}
        many = {name for name, field in declared.items() if "list[" in str(field.field_info.annotation)}

        async def taken(request: Request) -> Response:
            try:
                _check_query(request, declared, many)
                return await ask(request)
            except SignetError as error:
                return problems.of(error)
            except (RequestValidationError, HTTPException):
                raise
            except Exception:
                name = secrets.token_hex(8)
                log.exception("question %s failed: %s", name, self.operation_id)
                return problems.broken(name)

        return taken

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """HEAD is matched as the GET that it is, which the document describes once."""
        return super().matches(_as_get(scope))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The same, without the body."""
        if scope["method"] != "HEAD":
            return await super().handle(scope, receive, send)

        async def bare(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        return await super().handle(_as_get(scope), receive, bare)


def _as_get(scope: Scope) -> Scope:
    return {**scope, "method": "GET"} if scope["type"] == "http" and scope["method"] == "HEAD" else scope


def _check_query(request: Request, declared: Mapping[str, Any], many: set[str]) -> None:
    """UsageError for a parameter that the route does not have, or has only once."""
    if not request.scope["query_string"]:
        return
    if len(request.scope["query_string"]) > LONGEST_QUERY:
        raise UsageError(f"The query has more than {LONGEST_QUERY:,} bytes.", "Ask for less at once.")
    given = [name for name, _ in request.query_params.multi_items()]
    for name in dict.fromkeys(given):
        if name not in declared:
            near = nearest(name, declared)
            hint = f" (did you mean '{near}'?)" if near else ""
            known = ", ".join(sorted(declared)) or "none"
            raise UsageError(
                f"There is no parameter '{name[:100]}' here{hint}.", f"There are: {known}.", code="unknown-parameter"
            )
        if name not in many and given.count(name) > 1:
            raise UsageError(f"The parameter '{name}' is given twice.", "Give it once.", code="repeated-parameter")


def _limiter(request: Request) -> CapacityLimiter:
    """The line in which questions to this application wait."""
    found: CapacityLimiter | None = getattr(request.app.state, "questions", None)
    if found is None:
        found = request.app.state.questions = CapacityLimiter(AT_ONCE)
    return found


async def answered(
    request: Request,
    question: Callable[[Snapshot], Body],
    *,
    at: str | None = None,
    media: str = JSON,
    also: str = "",
    at_hand: Callable[[Snapshot], bytes | None] | None = None,
) -> Response:
    """The answer to a question at a commit.

    ``also`` is what else the answer follows from: the day, where a rule hangs on it. ``at_hand`` gives the answer where
    nothing has to be read for it, and is asked first: going to a thread and back would take longer than that.
    """
    told = await _without_computing(request, at, media, also, at_hand)
    if told is not None:
        return told
    asked = await _snapshot(request, at)
    headers = _headers(request, asked.commit, media, also)
    if (known := _at_hand(request, headers, media)) is not None:
        return known

    def computed() -> bytes:
        told = question(asked)
        return told if isinstance(told, bytes) else encoded(told)

    body = await to_thread.run_sync(computed, limiter=_limiter(request))
    kept_of(request.app).keep(headers["ETag"], Answer(body, headers))
    return Response(body, media_type=media, headers=headers)


async def listed(page: Page, question: Paged, *, also: str = "") -> Response:
    """One page of the answer to a question that has a list; ``next`` leads to the following one."""
    request = page.request
    pinned = cursors.read(_asked_for(request), page.cursor) if page.cursor is not None else None
    told = await _without_computing(request, page.at if pinned is None else pinned.commit, JSON, also)
    if told is not None:
        return told
    asked, position = await _snapshot(request, page.at), 0
    if pinned is not None:
        asked, position = await _snapshot(request, pinned.commit), pinned.position
    headers = _headers(request, asked.commit, JSON, also)
    if (known := _at_hand(request, headers, JSON)) is not None:
        return known

    def computed() -> tuple[bytes, dict[str, str]]:
        told, following = question(asked, page.limit, position)
        if following is None:
            return encoded(told | {"next": None}), {}
        path = _continued(request, cursors.Cursor(asked.commit, following))
        return encoded(told | {"next": path}), {"Link": f'<{path}>; rel="next"'}

    body, more = await to_thread.run_sync(computed, limiter=_limiter(request))
    kept_of(request.app).keep(headers["ETag"], Answer(body, headers | more))
    return Response(body, media_type=JSON, headers=headers | more)


async def _without_computing(
    request: Request,
    at: str | None,
    media: str,
    also: str,
    at_hand: Callable[[Snapshot], bytes | None] | None = None,
) -> Response | None:
    """An answer that is there, or that the process which computes finds; None where it has to be computed here."""
    newest, tag = _held(request).newest(), ""
    if at is None or at == newest.commit:
        headers = _headers(request, newest.commit, media, also)
        if (known := _at_hand(request, headers, media)) is not None:
            return known
        if at_hand is not None and (body := at_hand(newest)) is not None:
            return Response(body, media_type=media, headers=headers)
        tag = headers["ETag"]
    computing = computing_of(request.app)
    found = None if computing is None else await computing.ask(request)
    if found is not None and found.status_code == 200 and found.headers["etag"] == tag:
        kept_of(request.app).keep(tag, Answer(bytes(found.body), dict(found.headers)))
    return found


def _at_hand(request: Request, headers: Mapping[str, str], media: str) -> Response | None:
    """That the asker has the answer, or the answer as somebody got it before; None where it has to be computed."""
    tag = headers["ETag"]
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    found = kept_of(request.app).get(tag)
    return None if found is None else Response(found.body, media_type=media, headers=found.headers)


def part(question: Callable[[Snapshot], dict[str, Any]], member: str) -> Paged:
    """A question whose whole list is at hand: a page is cut out of it."""

    def cut(asked: Snapshot, limit: int, position: int) -> tuple[dict[str, Any], int | None]:
        told = question(asked)
        entries = told[member]
        end = position + limit
        return told | {member: entries[position:end]}, end if end < len(entries) else None

    return cut


def _continued(request: Request, cursor: cursors.Cursor) -> str:
    """The path of the page that follows."""
    text = cursors.written(_asked_for(request), cursor)
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{quote(request.scope['path'])}?{urlencode([*pairs, ('cursor', text)])}"


async def _snapshot(request: Request, at: str | None) -> Snapshot:
    """The snapshot that is asked."""
    held = _held(request)
    newest = held.newest()
    if at is None or at == newest.commit:
        return newest
    try:
        return await to_thread.run_sync(held.at, at, limiter=_limiter(request))
    except UsageError as error:
        raise UsageError(error.message, "/api/v1/timeline lists the commits.", code="unknown-commit") from None


def _held(request: Request) -> Held:
    found: Held = request.app.state.shelf
    return found


def _asked_for(request: Request) -> str:
    """The question without its page."""
    pairs = [one for one in request.query_params.multi_items() if one[0] not in ("cursor", "limit")]
    return json.dumps([request.scope["path"], sorted(pairs)])


def _headers(request: Request, commit: str, media: str, also: str) -> dict[str, str]:
    follows_from = (commit, request.scope["path"], request.scope["query_string"].decode("latin-1"), media, also)
    tag = sha256("\n".join((*follows_from, __version__, comparer() or "")).encode("utf-8", "surrogatepass"))
    return {
        "ETag": f'"{tag.hexdigest()[:32]}"',
        "Signet-Commit": commit,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    }


def encoded(value: dict[str, Any]) -> bytes:
    """JSON in UTF-8; numbers of documents keep every digit."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, UnicodeEncodeError):
        return dump_read(value).encode("utf-8", "backslashreplace")
