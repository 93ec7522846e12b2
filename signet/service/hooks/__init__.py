"""Webhooks in: ``POST /hooks/github`` and the like, by which a forge says that something was pushed.

Nothing of what is said is believed: a delivery that is signed is a hint to fetch, several hints are one. The recipe:

1. A hook that has no secret is not there.
2. Who calls too often is told so by ``gate``, before anything else is done.
3. The body is read up to the limit of all bodies, and its signature is judged. Who fails learns nothing.
4. A ping is answered. What came already, and what is about another branch or repository, is left alone.
5. The follower is nudged. The answer does not wait for it.
"""

from __future__ import annotations

import time
from hashlib import sha256

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from signet.service import problems
from signet.service.hooks import payloads
from signet.service.hooks.signatures import Headers, is_signed

router = APIRouter(prefix="/hooks", include_in_schema=False)


@router.post("/{hook}")
async def called(request: Request, hook: str) -> JSONResponse:
    """One delivery of a forge."""
    state = request.app.state
    secrets = state.settings.hooks.get(hook)
    if not secrets:  # 1.
        return _counted(request, hook="", outcome="absent", answer=problems.problem(404, "There is no such webhook."))
    try:
        body = await request.body()  # 3.
    except ClientDisconnect:
        return problems.problem(400, "The body did not come.")
    headers = _headers(request)
    if not is_signed(hook, secrets, headers, body, time.time()):
        return _counted(
            request, hook, "refused", problems.problem(401, "The signature is not accepted.", code="signature-refused")
        )
    delivery = payloads.read(hook, headers, body)
    if delivery.is_ping:  # 4.
        return _counted(request, hook, "ping", JSONResponse({"status": "pong"}))
    names = {f"id {delivery.identity}"} if delivery.identity else set()
    if hook != "plain":  # whose body may be the same for every push
        names.add(sha256(body).hexdigest())
    branch = state.shelf.newest().state.repo.branch
    if not delivery.concerns(branch, payloads.place_of(state.settings.registry)):
        outcome = "ignored"
    elif not state.seen.is_new({f"{hook} {name}" for name in names}, time.monotonic()):
        outcome = "repeated"
    else:
        outcome = "accepted"
        state.nudge()  # 5.
    return _counted(request, hook, outcome, JSONResponse({"status": outcome}, 202))


def _headers(request: Request) -> Headers:
    found: dict[str, list[str]] = {}
    for name, value in request.headers.raw:
        found.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return found


def _counted(request: Request, hook: str, outcome: str, answer: JSONResponse) -> JSONResponse:
    request.app.state.metrics.hooks.labels(hook, outcome).inc()
    return answer
