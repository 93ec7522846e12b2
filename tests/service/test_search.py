"""Where is a name: through the API, and on the page for people, which says the same."""

from __future__ import annotations

from typing import Any

import pytest

from signet.registry import record
from tests.domain import Team
from tests.service import asking
from tests.service.asking import Service
from tests.service.site import SITE, seen


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    team: Team = asking.shop(tmp_path_factory.mktemp("search") / "registry")
    record.register_service(team.repo, "billing", aliases=["Cash Desk"])
    return Service(team.location)


def hits(service: Service, q: str) -> list[dict[str, Any]]:
    answer = service.ask("/search", q=q)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["schema"] == "signet.search/1" and told["next"] is None
    found: list[dict[str, Any]] = told["hits"]
    return found


def test_a_name_finds_what_it_is_and_whose(service: Service) -> None:
    assert hits(service, "PRODUCTION") == [{"kind": "environment", "environment": "production"}]
    assert hits(service, "mail") == [{"kind": "service", "service": "mail"}]
    assert hits(service, "cart  2") == [{"kind": "version", "service": "cart", "version": "2"}]
    assert hits(service, "no-such-name") == []


def test_whole_names_come_first_and_services_before_their_versions(service: Service) -> None:
    found = hits(service, "catalog")
    assert found[0] == {"kind": "service", "service": "catalog"}
    assert [one["kind"] for one in found[1:]] == ["version"] * 2
    assert {"kind": "version", "service": "cart", "version": "2"} in hits(service, "2")


def test_an_alias_finds_its_service_once(service: Service) -> None:
    assert hits(service, "cash") == [{"kind": "service", "service": "billing"}]


def test_operations_are_found_by_their_paths(service: Service) -> None:
    assert hits(service, "get /prices") == [{"kind": "operation", "service": "catalog", "operation": "GET /prices"}]
    assert {one["service"] for one in hits(service, "/")} == {"catalog", "mail"}
    assert not any(one["kind"] == "operation" for one in hits(service, "prices"))


def test_it_is_a_question_as_all_are(service: Service) -> None:
    answer = service.ask("/search", q="catalog", limit=1)
    assert len(answer.json()["hits"]) == 1 and answer.json()["next"]
    again = service.ask("/search", q="catalog", limit=1, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    before = service.ask("/search", q="billing", at="HEAD~1").json()
    assert before["hits"] == [] and before["commit"] != answer.json()["commit"]
    assert service.ask("/search").status_code == 422
    assert service.ask("/search", q=" ").status_code == 422


def test_the_page_leads_to_every_hit(service: Service) -> None:
    for q, path in (
        ("production", "/environments/production"),
        ("cart 2", "/services/cart/versions/2"),
        ("cash desk", "/services/billing"),
        ("/prices", "/services/catalog/usage?q=GET%20%2Fprices"),
    ):
        page = seen(service, f"/search?q={q}")
        links = [link.replace("+", "%20") for link in page.own_links()]
        assert f"{SITE}{path}" in links, links
    assert "GET /prices" in seen(service, "/services/catalog/usage?q=GET%20%2Fprices").text
    assert "Nothing has a name with" in seen(service, "/search?q=zzz").text
