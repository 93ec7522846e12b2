"""What lies around every route: who may read, what answers say, what is logged and counted; and no route writes."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from signet.registry.opening import PLAIN
from signet.service.journal import Journal
from signet.service.middleware import surround
from signet.service.shelf import Shelf
from tests.cli.conftest import everything_in
from tests.cli.test_render import is_harmless
from tests.domain import Team
from tests.service.desk import Desk

TOKEN, OLDER = "a-token-of-readers", "an-older-token-of-readers"
LOGIN = base64.b64encode(f"anybody:{TOKEN}".encode()).decode()


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    team = Team.founds(tmp_path_factory.mktemp("around") / "registry")
    team.live("catalog", "1", "/items")
    team.contract("cart", "1", "catalog", "/items")
    return team


@pytest.fixture(scope="module")
def shelf(team: Team) -> Iterator[Shelf]:
    found = Shelf(team.location, PLAIN)
    yield found
    found.close()


@pytest.fixture(scope="module")
def desk(shelf: Shelf) -> Desk:
    return Desk(shelf)


@pytest.fixture(scope="module")
def closed(shelf: Shelf) -> Desk:
    return Desk(shelf, tokens=(TOKEN, OLDER))


def routes_of(desk: Desk) -> list[tuple[str, frozenset[str]]]:
    """Every route with a path, and its methods, however deep it lies."""
    found: list[tuple[str, frozenset[str]]] = []

    def look(routes: list[object], prefix: str = "") -> None:
        for route in routes:
            below = getattr(getattr(route, "original_router", route), "routes", None) or []
            path = prefix + getattr(route, "path", "")
            if below:
                look(list(below), path)
            methods = getattr(route, "methods", None)
            if methods:
                found.append((path, frozenset(methods)))

    look(list(desk.app.routes))
    return found


def test_no_route_writes(desk: Desk) -> None:
    """All take GET and HEAD only, but for the webhooks, which write nothing either."""
    document = desk.asks("GET", "/api/v1/openapi.json").json()
    assert {method for path in document["paths"].values() for method in path if method != "parameters"} <= {
        "get",
        "head",
    }
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/api/v1/services", "/api/v1/guard", "/healthz", "/metrics", "/version"):
            assert desk.asks(method, path).status_code == 405
    others = {path for path, methods in routes_of(desk) if methods - {"GET", "HEAD"}}
    assert others == {"/hooks/{hook}"}
    assert "/healthz" in {path for path, _ in routes_of(desk)}


def test_what_runs_is_told_by_a_schema_of_its_own(desk: Desk) -> None:
    """``signet.version/1`` is a version of a service."""
    told = desk.asks("GET", "/version").json()
    assert told["schema"] == "signet.build/1"
    assert f'"{told["schema"]}"' not in desk.asks("GET", "/api/v1/openapi.json").text


def test_every_question_leaves_the_registry_as_it_was(desk: Desk, team: Team) -> None:
    before = everything_in(Path(team.location))
    document = desk.asks("GET", "/api/v1/openapi.json").json()
    for path in document["paths"]:
        for name in ("service", "provider", "consumer", "environment", "version", "digest"):
            path = path.replace(f"{{{name}}}", "nobody")
        asked = "/api/v1" + path.removeprefix("/api/v1")
        assert desk.asks("GET", f"{asked}?service=new&environment=productoin&version=9").status_code < 500
    assert everything_in(Path(team.location)) == before


class TestToken:
    @pytest.mark.parametrize(
        "shown",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            f"Bearer {TOKEN}x",
            f"Bearer {TOKEN[:-1]}",
            f"Bearer {TOKEN.upper()}",
            TOKEN,
            f"Token {TOKEN}",
            "Basic",
            "Basic !!!",
            f"Basic {TOKEN}",
            "Basic " + base64.b64encode(f"{TOKEN}:".encode()).decode(),
            "Basic " + base64.b64encode(f"{TOKEN}:x".encode()).decode(),
        ],
    )
    def test_without_it_nothing_is_told(self, closed: Desk, shown: str | None) -> None:
        headers = [] if shown is None else [("authorization", shown)]
        for path in ("/", "/api/v1/services", "/api/v1/openapi.json", "/metrics", "/version", "/no/such", "/healthz/x"):
            answer = closed.asks("GET", path, headers)
            assert answer.status_code == 401, path
            assert answer.headers.get_list("www-authenticate") == [
                'Bearer realm="signet"',
                'Basic realm="signet", charset="UTF-8"',
            ]
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["title"] == "A token is wanted." and "catalog" not in answer.text

    @pytest.mark.parametrize("shown", [f"Bearer {TOKEN}", f"bearer  {OLDER}", f"Basic {LOGIN}", f"BASIC {LOGIN}"])
    def test_with_it_all_is_told(self, closed: Desk, shown: str) -> None:
        answer = closed.asks("GET", "/api/v1/services", [("authorization", shown)])
        assert (answer.status_code, "catalog" in answer.text) == (200, True)

    def test_health_and_readiness_hold_no_data(self, closed: Desk, team: Team) -> None:
        health, ready = closed.asks("GET", "/healthz"), closed.asks("GET", "/readyz")
        assert (health.status_code, health.json()) == (200, {"status": "ok", "commit": team.head})
        assert (ready.status_code, ready.json()) == (200, {"status": "ready"})

    def test_a_hook_has_secrets_of_its_own(self, closed: Desk) -> None:
        assert closed.asks("POST", "/hooks/github").status_code == 404

    @pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"])
    def test_a_strange_name_is_refused_where_only_this_machine_may_read(self, shelf: Shelf, host: str) -> None:
        here = Desk(shelf, hosts=("127.0.0.1", "::1", "localhost"))
        assert here.asks("GET", "/api/v1/services", host=host).status_code == 421
        for name in ("localhost", "LOCALHOST:8080", "127.0.0.1:9", "[::1]:9"):
            assert here.asks("GET", "/api/v1/services", [("host", name)]).status_code == 200, name


def test_every_answer_has_safe_headers_and_a_name(desk: Desk) -> None:
    for path in ("/healthz", "/api/v1/services", "/no/such", "/api/v1/guard"):
        headers = desk.asks("GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert len(headers["x-request-id"]) == 16
    assert desk.asks("GET", "/healthz", [("x-request-id", "of-a-proxy.7")]).headers["x-request-id"] == "of-a-proxy.7"
    for wicked in ("a b", "x" * 65, "<script>"):
        assert desk.asks("GET", "/healthz", [("x-request-id", wicked)]).headers["x-request-id"] != wicked


def test_requests_are_counted_by_route_and_never_by_what_was_sent(desk: Desk) -> None:
    for number in range(20):
        desk.asks("GET", f"/api/v1/services/nobody{number}")
        desk.asks(f"ODD{number}", f"/strange/{number}")
    counted = desk.counted("signet_requests_total")
    assert not any("nobody" in labels or "strange" in labels or "ODD" in labels for labels in counted)
    assert counted['{method="other",route="none",status="404"}'] == 20
    assert counted['{method="GET",route="/api/v1/services/{service}",status="404"}'] == 20


def logged(form: str) -> tuple[FastAPI, Desk, io.StringIO]:
    stream = io.StringIO()
    app = FastAPI()

    class Standing:
        looked, is_degraded, rewritten = 0.0, False, ""

    class NoShelf:
        location = "x"

        def standing(self) -> Standing:
            return Standing()

    from signet.service.settings import Settings

    app.state.shelf = NoShelf()
    surround(app, Settings("x", Path()), Journal(form, stream))

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError("secret data of a document")

    desk = Desk.__new__(Desk)
    desk.app = app
    return app, desk, stream


class TestLog:
    WICKED = "/a%1b[2K%0a::error::x%e2%80%ae%7f?token=canary"

    def test_a_line_is_one_line_without_the_query_and_without_commands(self) -> None:
        _, desk, stream = logged("text")
        desk.asks("GET", self.WICKED, [("authorization", "Bearer canary")])
        (line,) = stream.getvalue().splitlines()
        assert is_harmless(line) and line.isascii() and "canary" not in line
        assert " info request method=GET path=" in line and " status=404 " in line

    def test_as_json_each_line_is_an_object(self) -> None:
        _, desk, stream = logged("json")
        desk.asks("GET", self.WICKED)
        (line,) = stream.getvalue().splitlines()
        told = json.loads(line)
        assert is_harmless(line) and line.isascii() and "canary" not in line
        assert {"time", "level", "event", "method", "path", "status", "ms", "address", "id"} == set(told)

    def test_a_bug_is_an_answer_and_a_line_without_data(self) -> None:
        _, desk, stream = logged("json")
        answer = desk.asks("GET", "/broken")
        assert answer.status_code == 500 and answer.headers["content-type"] == "application/problem+json"
        bug, request = map(json.loads, stream.getvalue().splitlines())
        assert (bug["event"], bug["error"], bug["id"]) == ("bug", "ValueError", request["id"])
        assert answer.json()["id"] == bug["id"]
        assert "secret data" not in stream.getvalue() + answer.text

    def test_a_reader_of_the_log_who_is_gone_stops_nothing(self) -> None:
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "w") as stream:
            for _ in range(3):
                Journal("text", stream).tell("request", path="/")
