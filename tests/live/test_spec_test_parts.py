"""The parts of the spec test without a provider: plans, targets, documents, settings, counts, sentences, commands."""

from __future__ import annotations

import base64
import json
import subprocess
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from signet.errors import CouldNotTest, UsageError
from signet.live.outcome import Row
from signet.live.spec_test import Plan, checks, operations, run, settings, verdict
from signet.live.spec_test.requests import Sent, curl
from signet.live.spec_test.tally import Count
from signet.live.spec_test.target import base_path, target

OPENAPI = {"openapi": "3.0.3"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"seed": -1},
        {"seed": 2**63},
        {"phases": ()},
        {"phases": ("fuzz",)},
        {"examples": 0},
        {"time_limit": 0},
        {"answer_limit": 0},
        {"answer_limit": 700},
        {"advice": ("server-error",)},
        {"headers": {"a b": "c"}},
        {"headers": {"a": "b\r\nc: d"}},
        {"headers": {"a": " b"}},
        {"headers": {"a": "\u20ac"}},
        {"hooks": Path("nowhere.py")},
    ],
)
def test_a_plan_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as raised:
        Plan(**wrong)
    assert "c: d" not in str(raised.value)


@pytest.mark.parametrize(
    "url",
    [
        *("", "example.test", "ftp://example.test", "http://", "http:///x", "file:///etc/passwd", "http://a:b:c"),
        *("http://s3cret@example.test:port", "http://example.test/?token=s3cret", "http://example.test/#s3cret"),
        *("http://s3cret:x@example.test/a b", "http://[s3cret", "http://exa\nmple.test"),
    ],
)
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(UsageError) as raised:
        target(url, OPENAPI, {})
    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ({"servers": [{"url": "https://api.example.test/v1/"}, {"url": "/other"}]}, "/v1"),
        ({"servers": [{"url": "/"}]}, ""),
        ({"servers": [{"url": "./v2"}]}, "/v2"),
        ({"servers": [{"url": "api"}]}, "/api"),
        ({"servers": [{"url": "https://{place}.test/{base}", "variables": {"base": {"default": "v3"}}}]}, "/v3"),
        ({"servers": [{"url": "https://a.test/{base}"}]}, ""),
        ({"servers": [{}]}, ""),
        ({"servers": ["/x"]}, ""),
        ({"servers": [{"url": "http://[/v1"}]}, ""),
        ({"basePath": "/not-in-openapi-3"}, ""),
        ({}, ""),
    ],
)
def test_the_base_path_of_a_spec(source: dict[str, Any], path: str) -> None:
    source = OPENAPI | source
    assert base_path(source) == path
    assert target("http://127.0.0.1:80", source, {}).base == f"http://127.0.0.1:80{path}"
    assert target("http://127.0.0.1:80/", source, {}).base == "http://127.0.0.1:80"
    assert target("https://[::1]/gate/", source, {}).base == "https://[::1]/gate"


def test_the_base_path_of_swagger() -> None:
    assert target("http://h", {"swagger": "2.0", "basePath": "/v2/"}, {}).base == "http://h/v2"


def test_credentials_of_an_address_become_a_header() -> None:
    aimed = target("http://us%40er:p%2Fw0rd@h/", OPENAPI, {})
    assert aimed.headers == {"Authorization": "Basic " + base64.b64encode(b"us@er:p/w0rd").decode()}
    assert "rd" not in repr(aimed)
    encoded = aimed.headers["Authorization"].split()[1]
    told = f"a p/w0rd, p%2Fw0rd, {encoded} and us@er:p/w0rd at {aimed.base}"
    assert aimed.masked(told) == "a ***, ***, *** and *** at http://h"
    with pytest.raises(UsageError, match="both have credentials"):
        target("http://a:b@h/", OPENAPI, {"authorization": "x"})


@pytest.mark.parametrize("written", ["Bearer tok3n+/=", "tok3n%2B%2F%3D", "tok3n+/=", "sess=tok3n+/=", "dG9rM24rLz0="])
def test_a_credential_is_hidden_however_it_is_written(written: str) -> None:
    aimed = target("http://h/", OPENAPI, {"Authorization": "Bearer tok3n+/=", "Cookie": "sess=tok3n+/=; b=c"})
    assert "tok3n" not in aimed.masked(f"x{written}y")
    assert "dG9rM24" not in aimed.masked(f"x{written}y")


def paths() -> dict[str, Any]:
    ok = {"200": {"description": ""}}
    return OPENAPI | {
        "servers": [{"url": "/v1"}],
        "paths": {
            "/b": {"get": {"operationId": "getB", "tags": ["t", 1], "responses": ok}, "x-note": {}, "servers": []},
            "/a": {"$ref": "#/components/pathItems/a", "post": {"responses": {"302": {}}, "servers": [{"url": "/z"}]}},
            "x-paths": {"get": {}},
            "/round": {"$ref": "#/paths/~1round"},
        },
        "components": {"pathItems": {"a": {"get": {"responses": ok, "servers": [{"url": "/z"}]}}}},
    }


def test_operations_are_listed_in_the_order_of_the_spec() -> None:
    listed = operations.operations(paths())
    assert [one.name for one in listed] == ["GET /b", "GET /a", "POST /a"]
    assert [one.can_succeed for one in listed] == [True, True, False]
    assert operations.excluded(listed, ["t"]) == operations.excluded(listed, ["getB"]) == {"GET /b"}
    assert operations.excluded(listed, ["post /a", "GET /b"]) == {"POST /a", "GET /b"}
    for wrong in ("", "get", "GETB", "GET /c", "GET"):
        with pytest.raises(UsageError, match="No operation of the spec is excluded by"):
            operations.excluded(listed, [wrong])


def test_no_server_of_the_spec_is_offered() -> None:
    source = paths()
    before = json.dumps(source)
    assert "/z" not in json.dumps(operations.offered(source)["paths"])
    assert "servers" not in operations.offered(source)
    assert json.dumps(source) == before
    swagger = {"swagger": "2.0", "host": "h", "basePath": "/b", "schemes": ["https"], "paths": {}}
    assert operations.offered(swagger) == {"swagger": "2.0", "paths": {}}


def test_nothing_to_test_is_told() -> None:
    for source in (OPENAPI | {"paths": {}}, OPENAPI, {"openapi": "3.1.0", "webhooks": {}}):
        with pytest.raises(UsageError, match="no operation to test"):
            run(source, "http://127.0.0.1:9")
    with pytest.raises(UsageError, match="no operation to test"):
        run(paths(), "http://127.0.0.1:9", Plan(excluded=("GET /b", "GET /a", "POST /a")))


def test_settings_say_what_the_plan_says_and_hold_no_credential(tmp_path: Path) -> None:
    hooks = tmp_path / 'ho"o\x7fks.py'
    hooks.write_text("")
    plan = Plan(seed=9, phases=("fuzzing",), headers={"X-a": "canary"}, hooks=hooks, advice=("method-answered",))
    aimed = target("http://127.0.0.1:1", OPENAPI, plan.headers)
    text = settings.toml(plan, aimed, ['PUT /"quoted"/\U0001f600'], tmp_path / "events")
    read = tomllib.loads(text)
    assert "canary" not in text
    assert read["headers"] == {"X-a": "${SPEC_TEST_HEADER_0}"}
    assert read["hooks"] == str(hooks.resolve())
    assert read["operations"] == [{"include-name": 'PUT /"quoted"/\U0001f600', "enabled": False}]
    assert {name for name, phase in read["phases"].items() if phase["enabled"]} == {"fuzzing"}
    assert read["phases"]["coverage"]["unexpected-methods"] == ["PATCH", "DELETE", "TRACE"]
    assert read["checks"].pop("enabled") is False
    assert {name for name, check in read["checks"].items() if check["enabled"]} == {*checks.GATE, "unsupported_method"}
    variables = settings.environment(plan, aimed, tmp_path)
    assert variables["SPEC_TEST_HEADER_0"] == "canary"
    assert variables["PYTHONHASHSEED"] == "0"


def test_a_run_may_connect_to_the_provider_and_its_proxy_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.test:3128")
    monkeypatch.setenv("http_proxy", "http://other.test")
    plan = Plan()
    for url, expected in (
        ("https://api.test/", ["api.test 443", "other.test 80", "proxy.test 3128"]),
        ("http://127.0.0.1:81", ["127.0.0.1 81"]),
    ):
        aimed = target(url, OPENAPI, {})
        assert settings.places(plan, aimed, settings.environment(plan, aimed, tmp_path)) == expected


def counted(*events: dict[str, Any], names: tuple[str, ...] = ("GET /b",)) -> Count:
    count = Count.of(names, ("coverage", "stateful"), lambda *_: None, "http://h")
    for event in events:
        count.take(event)
    return count


def scenario(status: int, check: str, message: str, **more: Any) -> dict[str, Any]:
    """An answer that did not pass a check, as an event."""
    failure = {"failure": {"title": "Title", "message": message}}
    request = {"method": "GET", "uri": "http://h/b", "headers": more.get("headers", {}), "body": more.get("body")}
    recorder = {
        "label": "GET /b",
        "cases": {"1": {"value": {"meta": {"generation": {"mode": more.get("mode", "positive")}}}}},
        "interactions": {
            "1": {"request": request, "response": {"status_code": status, "headers": more.get("got", {})}}
        },
        "checks": {"1": [{"name": check, "status": "failure", "failure_info": failure}]},
    }
    return {"ScenarioFinished": {"phase": "coverage", "recorder": recorder}}


GOOD = scenario(200, "none", "")
TEXT = {"Content-Type": ["application/json"]}
STATUS = "status_code_conformance"
BROKEN = {"$base64": base64.b64encode(b"{\xff").decode()}


@pytest.mark.parametrize(
    ("event", "problem", "advice"),
    [
        (scenario(500, "not_a_server_error", ""), "server-error", ""),
        (scenario(500, "status_code_conformance", "Received: 500\nDocumented: 200"), "", ""),
        (scenario(410, "status_code_conformance", "Received: 410\nDocumented: 200"), "status-undeclared", ""),
        (scenario(400, STATUS, "", headers=TEXT, body=BROKEN, mode="negative"), "", "malformed-refused"),
        (scenario(400, STATUS, "", headers=TEXT, body=BROKEN), "status-undeclared", ""),
        (scenario(404, STATUS, "", headers=TEXT, body=BROKEN, mode="negative"), "status-undeclared", ""),
        (scenario(400, STATUS, "", headers=TEXT, body={"$base64": "e30="}, mode="negative"),
         "status-undeclared", ""),
        (scenario(431, "status_code_conformance", ""), "", "oversized-refused"),
        (scenario(200, "response_schema_conformance", "1 is wrong\n\nSchema at /a:\n"), "body-misfit", ""),
        (scenario(200, "negative_data_rejection", ""), "", "invalid-accepted"),
        (scenario(200, "a_check_of_tomorrow", ""), "", ""),
    ],
)  # fmt: skip
def test_what_decides_and_what_informs(event: dict[str, Any], problem: str, advice: str) -> None:
    listed = operations.operations(paths())[:1]
    row = verdict.rows(listed, counted(GOOD, event, event).tallies, frozenset(), str)[0]
    assert [one.code for one in row.problems] == [problem] * bool(problem)
    assert [one.code for one in row.advice] == [advice] * bool(advice)
    assert row.requests == 3


def test_sentences_name_the_place() -> None:
    listed = operations.operations(paths())[:1]
    header = scenario(
        200, "response_headers_conformance", '"x" is wrong\n\nValue:\n\n    "x"', got={"n": ["x"], "m": ["y"]}
    )
    body = scenario(
        200, "response_schema_conformance", '"1" is not of type "integer"\n\nSchema at /properties/a:\n\n 1'
    )
    kind = scenario(200, "content_type_conformance", "Received: text/html\nDocumented: application/json")
    row = verdict.rows(
        listed, counted(header, body, kind).tallies, frozenset(), lambda text: text.replace("html", "-")
    )[0]
    assert [one.message for one in row.problems] == [
        "answer 200: the content type is not declared: text/- (declared: application/json)",
        'answer 200: a header is missing or is not what is declared: n: "x" is wrong',
        'answer 200: the body does not fit its schema: "1" is not of type "integer" (at /properties/a of its schema)',
    ]
    assert row.problems[0].request == "curl -X GET http://h/b"


def test_an_operation_without_a_success_is_told_and_nothing_else() -> None:
    listed = operations.operations(paths())
    count = counted(scenario(422, "none", ""), names=("GET /b",))
    rows = verdict.rows(listed, count.tallies, frozenset(), str)
    assert [one.code for one in rows[0].advice] == ["never-succeeded"]
    assert rows[1:] == (Row("GET /a", skipped="excluded"), Row("POST /a", skipped="excluded"))


def error(kind: str, message: str = "why", label: str = "GET /b", phase: str = "fuzzing") -> dict[str, Any]:
    return {"NonFatalError": {"value": {"type": kind, "message": message}, "label": label, "phase": phase}}


def test_what_was_not_exercised_does_not_pass() -> None:
    listed = operations.operations(paths())[:2]
    names = ("GET /b", "GET /a")
    with pytest.raises(CouldNotTest, match=r"GET /b \(and 1 more\) could not be exercised: fuzzing: why"):
        verdict.rows(listed, counted(error("InvalidSchema"), names=names).tallies, frozenset(), str)
    with pytest.raises(CouldNotTest, match="GET /a could not be exercised: no request"):
        verdict.rows(listed, counted(GOOD, names=names).tallies, frozenset(), str)
    broken = scenario(500, "not_a_server_error", "")
    rows = verdict.rows(listed, counted(GOOD, broken, names=names).tallies, frozenset(), str)
    assert [one.code for row in rows for one in row.problems] == ["server-error", "not-exercised"]
    rows = verdict.rows(listed[:1], counted(GOOD, error("InvalidSchema")).tallies, frozenset(), str)
    assert [one.code for one in rows[0].advice] == ["partly-exercised"]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (error("ConnectionError", "x: Connection refused"), "cannot be reached"),
        (error("ConnectionError", "Connection aborted"), "broke the connection at GET /b"),
        (error("ReadTimeout"), "no answer in time at GET /b"),
        (error("ServerUnavailable", label="Server"), "broke the connection: why"),
        ({"FatalError": {"exception": {"type": "MemoryError", "message": ""}}}, "than there is memory for"),
        ({"FatalError": {"exception": {"type": "KeyError", "message": "x" * 999}}}, "could not test: KeyError: xxx"),
    ],
)
def test_a_provider_that_is_gone_ends_the_test(event: dict[str, Any], told: str) -> None:
    with pytest.raises(CouldNotTest, match=told) as raised:
        counted(event)
    assert len(raised.value.message) < 500
    assert raised.value.remedy


@pytest.mark.parametrize("status", [302, 401, 404, 503])
def test_answers_that_anybody_could_give_are_no_evidence(status: int) -> None:
    count = counted(scenario(status, "status_code_conformance", ""))
    with pytest.raises(CouldNotTest, match=f"all that was answered is {status}"):
        verdict.rows(operations.operations(paths())[:1], count.tallies, frozenset(), str)


@pytest.mark.parametrize(
    "value", [b"plain", b"it's", b'"; rm -rf $HOME `x` \\', b"\x00\xff\x1b[2J\n"[1:], "ä\u202e☃".encode()]
)
def test_a_command_sends_what_was_sent(value: bytes) -> None:
    request = Sent("POST", "http://h/b?a=b&c='d'", (("X-Secret", "canary"), ("X-Empty", "")), value, True)
    command = curl((request,), frozenset({"x-secret"}))
    assert command.isprintable()
    assert "canary" not in command
    done = subprocess.run(
        ["bash", "-c", f"curl() {{ printf '%s\\0' \"$@\"; }}; {command}"], capture_output=True, check=True
    )
    assert done.stdout.split(b"\0")[:-1] == [
        *(
            b"-X",
            b"POST",
            b"-H",
            b"X-Secret: ***",
            b"-H",
            b"X-Empty;",
            b"--data-binary",
            value,
            b"http://h/b?a=b&c='d'",
        ),
    ]


def test_a_chain_of_requests_is_a_chain_of_commands() -> None:
    first = Sent("POST", "http://h/b", (), b"x" * 3000, True)
    second = Sent("GET", "http://h/b/1", (), b"", True)
    assert curl((first, second), frozenset()) == (
        "curl -X POST --data-binary '(3000 bytes)' http://h/b && curl -X GET http://h/b/1"
    )


def test_numbers_of_a_spec_stay_what_they_are() -> None:
    """A spec that was read by Signet has decimals; the document for schemathesis is written from them."""
    from signet.core.formats.canonical import dump

    assert json.loads(dump(operations.offered(OPENAPI | {"paths": {}, "x": Decimal("0.1")})))["x"] == 0.1
