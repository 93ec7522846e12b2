"""The mock as a client meets it: over HTTP, on loopback."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from signet.core.formats.text import resolve
from signet.errors import UsageError
from signet.live.mock import Exchange, Mounted, Request, Service, Site, Trouble, fault, latency, serving
from tests.live import mocked

HERE = Path(__file__).parent
ITEMS: dict[str, Any] = json.loads((HERE / "mock_items.json").read_text("utf-8"))
REQUESTS = yaml.safe_load((HERE / "mock_requests.yaml").read_text("utf-8"))


class Heard:
    """What the mock told: exchanges and notes."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.notes: list[str] = []


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="module")
def client(heard: Heard) -> Iterator[httpx.Client]:
    site = Site(
        [Mounted("", Service("items", mocked.spec(ITEMS)))], listeners=[heard.exchanges.append], tell=heard.notes.append
    )
    with serving(site) as url, httpx.Client(base_url=url, trust_env=False) as found:
        yield found


def asked(client: httpx.Client, row: dict[str, Any]) -> httpx.Response:
    method, target = row["send"].split(" ", 1)
    return client.request(method, target, headers=row.get("headers"), content=row.get("body"))


@pytest.mark.parametrize("row", REQUESTS["taken"], ids=lambda row: row["send"])
def test_what_the_spec_takes_is_answered(client: httpx.Client, row: dict[str, Any]) -> None:
    answer = asked(client, row)
    assert (answer.status_code, answer.headers.get("content-type")) == (row["status"], row.get("as"))


@pytest.mark.parametrize("row", REQUESTS["refused"], ids=lambda row: f"{row['send']} {row['code']}")
def test_what_it_does_not_is_refused_by_name(client: httpx.Client, row: dict[str, Any]) -> None:
    answer = asked(client, row)
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (answer.status_code, told["status"]) == (row["status"], row["status"])
    assert (told["type"], told["errors"][0]["pointer"]) == (f"urn:signet:mock:{row['code']}", row["pointer"])
    for each in told["errors"]:
        assert each["message"].endswith(".")
        if "spec_pointer" in each:
            resolve(ITEMS, each["spec_pointer"])


def test_every_rule_is_explained() -> None:
    chapter = (HERE.parents[1] / "docs" / "mocking.md").read_text("utf-8")
    rules = {(row["status"], row["code"]) for row in REQUESTS["refused"]}
    rules |= {(413, "request.body.too-large"), (501, "mock.no-answer"), (404, "request.service.unknown")}
    lines = [line for line in chapter.splitlines() if line.startswith("|")]
    assert [
        rule for rule in rules if not any(f"| {rule[0]} |" in each and f"`{rule[1]}`" in each for each in lines)
    ] == []


def test_a_body_that_nests_without_end_is_refused(client: httpx.Client) -> None:
    answer = client.post("/items", content=b"[" * 100_000, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:signet:mock:request.body.malformed")


def test_all_that_is_wrong_is_told_at_once(client: httpx.Client) -> None:
    told = client.get("/items?limit=x").json()["errors"]
    assert [each["pointer"] for each in told] == ["/header/X-Trace", "/query/limit", "/query/state"]


def test_a_refusal_says_what_to_do_instead(client: httpx.Client) -> None:
    assert client.put("/items/7").headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    assert client.options("/items/7").headers["allow"] == "DELETE, GET, HEAD, OPTIONS"
    challenges = client.delete("/items/7").headers.get_list("www-authenticate")
    assert [each.split()[0] for each in challenges] == ["Bearer", "ApiKey", "Basic"]


def test_head_is_get_without_its_body(client: httpx.Client) -> None:
    head, get = client.head("/items/7"), client.get("/items/7")
    assert (head.status_code, head.headers, head.content) == (200, get.headers, b"")


def test_examples_come_first_and_made_values_after(client: httpx.Client) -> None:
    first, named = client.get("/items/7"), client.get("/items/7", headers={"Prefer": "example=cup"})
    made = client.post("/items", json={"name": "pot"})
    assert [each.json() for each in (first, named)] == [{"id": 7, "name": "pot"}, {"id": 8, "name": "cup"}]
    assert made.json() == {"id": 1, "name": "name"}
    origins = [each.headers["x-signet-answer"] for each in (first, named, made)]
    assert origins == ["example pot", "example cup", "generated"]
    assert made.headers["location"] == "https://example.com/location"


def test_an_example_that_does_not_fit_is_not_used_and_told_once(client: httpx.Client, heard: Heard) -> None:
    for _ in range(2):
        assert client.get("/wrong").json() == {"id": 1, "name": "name"}
    assert client.get("/items/7", headers={"Prefer": "example=off"}).status_code == 501
    place = "/paths/~1wrong/get/responses/200/content/application~1json/example"
    assert heard.notes.count(f"items: The example at {place} does not fit its schema, and is not used.") == 1


def test_what_cannot_be_valid_is_not_sent(client: httpx.Client) -> None:
    answer = client.get("/never")
    assert (answer.status_code, answer.json()["type"]) == (501, "urn:signet:mock:mock.no-answer")
    assert "GET /never" in answer.json()["detail"]


def test_the_client_chooses_status_and_media_type(client: httpx.Client) -> None:
    chosen = client.get("/items/7", headers={"Prefer": 'code="404"'})
    assert (chosen.status_code, chosen.headers["preference-applied"]) == (404, "code=404")
    assert client.get("/items/7", headers={"Prefer": "code=502"}).status_code == 502
    accepts = {
        "application/xml": ("application/xml", "<?xml"),
        "text/*": ("text/plain; charset=utf-8", "text"),
        "application/json;q=0.1, application/xml;q=0.5": ("application/xml", "<?xml"),
        "application/xml, */*;q=0.1": ("application/xml", "<?xml"),
        "*/*": ("application/json", "{"),
    }
    for accept, (kind, begin) in accepts.items():
        answer = client.get("/items/7", headers={"Accept": accept})
        assert (answer.headers["content-type"], answer.text[: len(begin)]) == (kind, begin), accept


def test_dynamic_values_hang_on_the_request_alone(client: httpx.Client) -> None:
    prefer = {"Prefer": "dynamic=true"}
    seen = {client.get(f"/items/{number}", headers=prefer).content for number in range(20)}
    assert len(seen) > 10
    assert len({client.get("/items/7", headers=prefer).content for _ in range(5)}) == 1


def test_exchanges_are_told_with_all_their_bytes(client: httpx.Client, heard: Heard) -> None:
    heard.exchanges.clear()
    client.post("/v1/items?a=%2F&b", content=b'{"name": "pot"}', headers={"Content-Type": "application/json"})
    client.get("/items/x")
    deadline = time.monotonic() + 5
    while len(heard.exchanges) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    one, other = heard.exchanges
    assert (one.service, one.operation, one.target) == ("items", "POST /items", b"/v1/items?a=%2F&b")
    assert one.request.body == b'{"name": "pot"}'
    assert (b"content-type", b"application/json") in one.request.headers
    assert (one.answer.status, one.answer.code, json.loads(one.answer.body)) == (201, "", {"id": 1, "name": "name"})
    assert (other.operation, other.answer.status, other.answer.code) == (
        "GET /items/{id}",
        400,
        "request.path.incompatible",
    )


def test_a_body_that_is_too_large_is_not_read(client: httpx.Client) -> None:
    def blocks() -> Iterator[bytes]:
        for _ in range(21):
            yield b" " * (1 << 20)

    assert client.post("/items", content=blocks(), headers={"Content-Type": "application/json"}).status_code == 413


def test_bytes_that_are_no_http_harm_nobody(client: httpx.Client) -> None:
    for sent in (b"\x00\xff\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n"):
        with socket.create_connection((client.base_url.host, client.base_url.port), timeout=5) as stream:
            stream.sendall(sent)
            assert stream.recv(100)[:5] == b"HTTP/"
    assert client.get("/items/7").status_code == 200


def test_several_services_stand_behind_their_names() -> None:
    other = {**ITEMS, "paths": {"/carts": {"get": {"responses": {"204": {"description": "none"}}}}}}
    site = Site(
        [Mounted("/items", Service("items", mocked.spec(ITEMS))), Mounted("/cart", Service("cart", mocked.spec(other)))]
    )
    with serving(site) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/items/items/7").json() == {"id": 7, "name": "pot"}
        assert client.get("/cart/carts").status_code == 204
        for path in ("", "/", "/carts", "/items", "/item/items/7", "/cart"):
            assert client.get(path).status_code == 404, path
        assert "did you mean /items?" in client.get("/item/items/7").json()["detail"]
    with pytest.raises(UsageError):
        Site([Mounted("", Service("a", mocked.spec(other))), Mounted("", Service("b", mocked.spec(other)))])


# --- trouble ---------------------------------------------------------------------------------------------------------


def _get(number: int) -> Request:
    return Request("GET", f"/items/{number}", "", (), b"")


def test_faults_come_as_often_as_asked_and_the_same_in_every_run() -> None:
    def met(seed: int) -> list[int | None]:
        trouble = Trouble(seed, latency("1ms-3ms"), (fault("503:0.1"), fault("429:0.2")))
        return [trouble.meets(_get(number % 500))[1] for number in range(2_000)]

    counts = Counter(met(1))
    assert 150 < counts[503] < 250
    assert 320 < counts[429] < 480
    assert met(1) == met(1) != met(2)


def test_a_client_that_tries_again_gets_through_and_neighbours_change_nothing() -> None:
    alone, beside = Trouble(1, faults=(fault("503:0.5"),)), Trouble(1, faults=(fault("503:0.5"),))
    outcomes = [alone.meets(_get(7)) for _ in range(50)]
    assert {status for _, status in outcomes} == {None, 503}
    again = []
    for number in range(50):
        beside.meets(_get(100 + number))
        again.append(beside.meets(_get(7)))
    assert again == outcomes


def test_late_answers_and_faults_over_http() -> None:
    service = Service("items", mocked.spec(ITEMS))
    trouble = Trouble(0, latency("600ms"), (fault("404"),))
    with serving(Site([Mounted("", service)], trouble=trouble)) as url, httpx.Client(trust_env=False) as client:
        begun = time.monotonic()
        threads = [threading.Thread(target=client.get, args=(f"{url}/items/{number}",)) for number in range(8)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert 0.6 < time.monotonic() - begun < 4.0  # they wait beside each other
        declared = client.get(f"{url}/items/7")
        assert (declared.status_code, declared.headers["content-type"]) == (404, "application/json")
        assert client.get(f"{url}/nowhere").json()["type"] == "urn:signet:mock:mock.fault"


@pytest.mark.parametrize("written", ["", "fast", "1", "1h", "-1s", "2s-1s", "1s-2s-3s", "9999s"])
def test_a_latency_that_is_none(written: str) -> None:
    with pytest.raises(UsageError):
        latency(written)


@pytest.mark.parametrize("written", ["", "200", "600:1", "503:2", "503:x", "503:-1", "x:0.1"])
def test_a_fault_that_is_none(written: str) -> None:
    with pytest.raises(UsageError):
        fault(written)
