"""One service: from a request to its answer, by the spec.

 1. the path is one of the spec's, with or without a base path (404), and has the method (405);
 2. credentials are there, where the operation demands any (401);
 3. media type (415), parameters (400) and body (422) are what the operation takes: the rules of the comparison;
 4. the answer is the one that is preferred, in a media type that is accepted (406): an approved fixture, an example of
    the spec, or a made value, and always valid.

A refusal by step 3 is the provider's own where exactly this one is approved.

It keeps no state but what it has prepared. Operations are read at their first use.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from signet.core.compare import RECURSION, prepare
from signet.core.compare.operations import Operation
from signet.core.compare.routes import Match
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.structure import METHODS
from signet.core.model.fixture import Fixture
from signet.core.model.spec import Spec
from signet.live.mock import judging, negotiation
from signet.live.mock.answers import FIXED, Answers
from signet.live.mock.approved import Approved
from signet.live.mock.credentials import Credentials
from signet.live.mock.exchange import Answer, Request
from signet.live.mock.generated import Draw
from signet.live.mock.problems import Wrong, problem, refusal
from signet.live.mock.shortcut import Shortcut
from signet.live.mock.trouble import identity


class Outcome(NamedTuple):
    """An answer, and the operation (``METHOD /path``) that it is of; empty where the request meant none."""

    operation: str
    answer: Answer


class _Refused(NamedTuple):
    """A refusal; ``is_elsewhere`` if a path parameter does not fit, so that another path may be meant."""

    answer: Answer
    is_elsewhere: bool


class _Endpoint:
    """An operation with all that was prepared for it."""

    def __init__(self, service: Service, found: Operation) -> None:
        source = service.routes.source
        self.found, self.name = found, f"{found.method.upper()} {found.path}"
        self.credentials = Credentials(source, found)
        self.shortcut = Shortcut(source, found)
        self.answers = Answers(source, found)


class Service:
    """A service that is mocked: its name, its spec made ready, and its fixtures, asked before the spec's examples."""

    def __init__(self, name: str, spec: Spec, *, fixtures: Sequence[Fixture] = (), seed: int = 0) -> None:
        if sys.getrecursionlimit() < RECURSION:
            sys.setrecursionlimit(RECURSION)
        self.name, self.spec, self.seed = name, spec, seed
        prepared = prepare(spec)
        self.routes = prepared.routes
        self.approved = Approved(fixtures, prepared) if fixtures else None
        self._endpoints: dict[tuple[str, str], _Endpoint] = {}

    @property
    def operations(self) -> int:
        """How many operations the spec has."""
        return sum(
            method in METHODS for route in self.routes.routes for method in self._item(route.item, route.pointer)
        )

    def _item(self, item: object, pointer: str) -> Mapping[str, object]:
        try:
            return self.routes.source.resolved(item, pointer)[0]
        except Unjudgeable:
            return {}

    def outcome(self, request: Request) -> Outcome:
        """The answer to a request."""
        matches = self.routes.matches(request.path, request.method, is_strict=True)  # 1
        if not matches:
            at = "/paths" if "paths" in self.spec.source else ""
            message = f"The spec of {self.name} has no such path."
            return Outcome("", problem(404, [Wrong("request.path.unknown", message, "/path", at)]))
        if matches[0].route.is_literal:
            matches = matches[:1]
        candidates = self._candidates(matches, request.method)
        if not candidates:
            return self._other_method(matches, request)
        refused: list[Outcome] = []
        for match, endpoint in candidates:
            refusals = self._refused(endpoint, match, request)
            if refusals is None:
                return Outcome(endpoint.name, self._answered(endpoint, request))
            refused.append(Outcome(endpoint.name, refusals.answer))
            if not refusals.is_elsewhere:  # the path fits, so this is the operation that was meant
                return refused[-1]
        return refused[0]

    def fault(self, request: Request, status: int) -> Answer:
        """The answer for a fault on purpose: the spec's own for that status, if it declares exactly that one."""
        for match in self.routes.matches(request.path, request.method, is_strict=True)[:1]:
            for _, endpoint in self._candidates([match], request.method):
                if str(status) in endpoint.found.responses:
                    asked = negotiation.Preferences(code=str(status))
                    return endpoint.answers.answer(asked, request.header(b"accept"))._replace(code="mock.fault")
        return problem(status, [Wrong("mock.fault", f"A fault was asked for: {status}.")])

    # --- which operation ---------------------------------------------------------------------------------------------

    def _candidates(self, matches: Sequence[Match], method: str) -> list[tuple[Match, _Endpoint]]:
        found = []
        for match in matches:
            endpoint = self._endpoint(match, method)
            if endpoint is not None:
                found.append((match, endpoint))
        return found

    def _endpoint(self, match: Match, method: str) -> _Endpoint | None:
        key = (match.route.path, method)
        if key not in self._endpoints:
            try:
                found = self.routes.operation(match.route, method) if method.isupper() else None
            except Unjudgeable:
                found = None
            if found is None:
                return None
            self._endpoints[key] = _Endpoint(self, found)
        return self._endpoints[key]

    def _other_method(self, matches: Sequence[Match], request: Request) -> Outcome:
        methods = [name.upper() for name in METHODS if self._candidates(matches, name.upper())]
        if request.method == "HEAD" and "GET" in methods:
            found = self.outcome(request._replace(method="GET"))
            return Outcome(found.operation, found.answer._replace(body=b""))
        offered = sorted({*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])})
        allow = (b"allow", ", ".join(offered).encode())
        if request.method == "OPTIONS":
            return Outcome("", Answer(204, (allow,), b""))
        message = f"{matches[0].route.path} has no such method; it has {', '.join(offered)}."
        wrong = Wrong("request.method.unknown", message, "/method", matches[0].route.pointer)
        return Outcome("", problem(405, [wrong], (allow,)))

    # --- its answer --------------------------------------------------------------------------------------------------

    def _refused(self, endpoint: _Endpoint, match: Match, request: Request) -> _Refused | None:
        """None if the request is taken, else why not."""
        refused = endpoint.credentials.refusal(request)  # 2
        if refused is not None:
            return _Refused(refused, is_elsewhere=False)
        if endpoint.shortcut.takes_it(request, match.values):
            return None
        found = judging.wrongs(self.routes.source, endpoint.found, match, request)  # 3
        if not found:
            return None
        own = self.approved.refusal(endpoint.name, request) if self.approved is not None else None
        return _Refused(own or refusal(found), any(each.code == judging.PATH for each in found))

    def _answered(self, endpoint: _Endpoint, request: Request) -> Answer:  # 4
        accept = prefer = None
        for name, value in request.headers:
            if name == b"accept":
                accept = value.decode("latin-1") if accept is None else request.header(b"accept")
            elif name == b"prefer":
                prefer = request.header(b"prefer")
        wanted = negotiation.preferences(prefer)
        if self.approved is not None:
            found = self.approved.answer(endpoint.name, request, wanted, accept)
            if found is not None:
                return found
        draw = Draw(identity(request, self.seed)) if wanted.is_dynamic else FIXED
        made = endpoint.answers.answer(wanted, accept, draw)
        unused = self.approved.notes() if self.approved is not None else ()
        return made._replace(notes=(*unused, *made.notes)) if unused else made
