"""Whatever a registry says, a page shows it as text (T45): no markup, no script, no link that runs something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from signet.core.formats import openapi, pact, text
from signet.registry import record
from tests.domain import Team
from tests.registry import people
from tests.service.asking import Service
from tests.service.site import SITE, Seen, crawl, seen

DATA = yaml.safe_load((Path(__file__).parents[1] / "attacks" / "page_texts.yaml").read_text(encoding="utf-8"))
TEXTS: list[str] = DATA["texts"]
ADDRESSES: list[str] = DATA["addresses"]
ROUNDS = 2
"""Versions that are published; the addresses take turns in them."""


def hostile(path: Path) -> Team:
    """A registry that says the worst wherever it may say anything: names of branches, people, documents, addresses."""
    team = Team.founds(path)
    team.spec("catalog", None, data=_spec("agreed"))
    said = " ".join(TEXTS)
    for number in range(ROUNDS):
        spec = _spec(said)
        version = f"1.{number}+build"
        item = record.SpecItem(
            openapi.spec(text.read(spec, "openapi.json")), spec, "catalog", version, branch=_line(said)
        )
        record.publish(team.repo, [item])
        contract = pact.contract(text.read(_pact(said), "pact.json"))
        record.publish(team.repo, [record.ContractItem(contract, version)])
        _by_hand(team, version, said, ADDRESSES[number * 4 :] + ADDRESSES)
    team.deploy("cart", version)
    team.deploy("catalog", version)
    return team


def _line(said: str) -> str:
    """What a branch may be called."""
    return "".join(char for char in said if char.isprintable() and char not in " ~^:?*[\\./")[:100]


def _spec(said: str) -> bytes:
    answer = {"description": said, "content": {"application/json": {"schema": {"type": "object", "title": said}}}}
    operation = {
        "summary": said,
        "description": said,
        "parameters": [
            {"name": "q", "in": "query", "description": said, "schema": {"type": "string", "default": said}}
        ],
        "responses": {"200": answer},
    }
    info = {"title": said, "version": said, "description": said}
    return json.dumps({"openapi": "3.0.3", "info": info, "paths": {"/items": {"get": operation}}}).encode()


def _pact(said: str) -> bytes:
    one = {
        "description": said,
        "providerState": said,
        "request": {"method": "GET", "path": "/items", "query": f"q={said}", "headers": {"X-Said": said}},
        "response": {"status": 200, "headers": {"X-Said": said}, "body": {said: said}},
    }
    names = {"consumer": {"name": "cart"}, "provider": {"name": "catalog"}}
    return json.dumps(names | {"interactions": [one], "metadata": {"pactSpecification": {"version": "2.0.0"}}}).encode()


def _by_hand(team: Team, version: str, said: str, addresses: list[str]) -> None:
    """What commands would refuse to write, written by a person into the files."""
    path = f"services/cart/versions/{version}.json"
    manifest: dict[str, Any] = json.loads(people.read(team.repo, path) or b"")
    manifest |= {"commit": said, "build_url": addresses[0], "artifacts": {"image": addresses[1]}}
    spec = team.state.manifest("catalog", version)
    assert spec is not None and spec.spec is not None
    result = {"kind": "spec-test", "service": "catalog", "version": version, "spec": spec.spec, "result": "passed"}
    about = {"owners": [said], "repository": addresses[2], "aliases": [said]}
    place = {"display_name": said, "production": True, "owners": [said]}
    files: dict[str, bytes | None] = {
        path: json.dumps(manifest).encode(),
        f"services/catalog/verifications/{version}/spec.json": json.dumps(
            result | {"tool": said, "url": addresses[3]}
        ).encode(),
        "services/cart/service.yaml": json.dumps(about).encode(),
        "environments/production.yaml": json.dumps(place).encode(),
        "signet.yaml": json.dumps({"format": "1", "name": said}).encode(),
    }
    trailers = f"\n\nSignet-Run: {addresses[0]}\n"
    people.add(team.repo, files, said.replace("\n", " ") + trailers)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return Service(hostile(tmp_path_factory.mktemp("hostile") / "registry").location)


@pytest.fixture(scope="module")
def site(service: Service) -> list[Seen]:
    return list(crawl(service))


def test_nothing_of_it_becomes_markup(site: list[Seen]) -> None:
    for page in site:
        for word in DATA["never"]:
            assert word not in page.answer.text, (page.url, word)
        for element in page.elements():
            assert element.tag not in ("iframe", "object", "embed", "base", "img"), page.url
            assert element.tag != "script" or (element.get("src") or "").startswith("/static/"), page.url
            assert not [name for name in element.attrib if name.startswith("on")], page.url


def test_no_link_runs_or_leads_where_nobody_sees(site: list[Seen]) -> None:
    for page in site:
        for link in page.links():
            parts = urlsplit(link)
            assert parts.scheme in ("", "http", "https"), (page.url, link)
            assert not parts.netloc or f"{parts.scheme}://{parts.netloc}" == SITE or "@" not in parts.netloc
            assert "evil.example" not in parts.netloc, (page.url, link)
        assert "secret@" not in page.answer.text and "user:secret" not in page.answer.text


def test_all_of_it_is_there_to_be_read(site: list[Seen]) -> None:
    words = " ".join(page.text for page in site)
    assert '<script>document.title = "owned"</script>' in words
    assert "{{ 7 * 191 }}{% raw %}" in words
    assert "\\u202eevil\\u2066 text\\x07\\x1b[31m" in words
    assert "&lt;b&gt; &amp;#60;script&#62;" in words
    assert "javascript:document.title=4" in words


def test_what_is_asked_is_not_believed_either(service: Service) -> None:
    for said in TEXTS:
        for path in ("/search?q=", "/services?q=", "/integrations?state=", "/guard?service=", "/timeline?service="):
            from urllib.parse import quote

            for status in (200, 404):
                try:
                    page = seen(service, f"{path}{quote(said)}", status)
                    break
                except AssertionError:
                    if status == 404:
                        raise
            assert "<script>document" not in page.answer.text
            assert "<img src=x" not in page.answer.text
