"""The pages of a service that nearly all others call: nothing is hopelessly long, and nothing is left out for good."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest

from tests.bench.grown import Grown
from tests.growth import Shape
from tests.service.asking import Service
from tests.service.site import SITE, Seen, seen

HUB = "service-0000"
ASKED = f"/guard?service={HUB}&version=1.0.0&environment=production"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return Service(str(Grown.at(tmp_path_factory.mktemp("hub"), Shape(40, 1)).path))


def parts(service: Service, path: str) -> list[Seen]:
    """All parts of a list, followed as a reader follows them."""
    found = [seen(service, path)]
    while True:
        following = [one.get("href") for one in found[-1].elements() if one.get("rel") == "next"]
        if not following:
            return found
        assert len(found) < 20, "the list has no end"
        found.append(seen(service, f"{SITE}{following[0]}"))


def callers(page: Seen) -> list[str]:
    """The consumers of the matrices that a page leads to."""
    paths = [unquote(urlsplit(link).path).split("/") for link in page.own_links()]
    return [path[2] for path in paths if path[1] == "integrations" and path[3:] == [HUB]]


def test_deploy_guard_tells_all_reasons_part_by_part(service: Service) -> None:
    decision = service.ask(f"/api/v1{ASKED}").json()
    pages = parts(service, ASKED)
    said = [one for page in pages for one in page.elements() if "reason " in (one.get("class") or "")]
    assert len(said) == len(decision["reasons"]) > 25
    assert all(sum("reason " in (one.get("class") or "") for one in page.elements()) <= 25 for page in pages)
    texts = " ".join(page.text for page in pages)
    assert all(one["sentence"] in texts for one in decision["reasons"])
    assert all("Yes" in page.text and f"compatible {len(said)}" in page.text for page in pages)
    assert all("Who said so" in page.text for page in pages)


def test_a_service_leads_to_all_who_call_it(service: Service) -> None:
    told = service.ask("/integrations", service=HUB, limit=100).json()["integrations"]
    met = [one for one in told if one["provider"] == HUB]
    page = seen(service, f"/services/{HUB}")
    assert len(callers(page)) == 12 < len(met)
    everything = f"/integrations?provider={HUB}"
    assert f"{SITE}{everything}" in set(page.own_links())
    found = {name for part in parts(service, everything) for name in callers(part)}
    assert found == {one["consumer"] for one in met}


def test_integrations_of_one_consumer_are_its_own(service: Service) -> None:
    page = seen(service, "/integrations?consumer=service-0004&q=service")
    paths = [unquote(urlsplit(link).path).split("/") for link in page.own_links()]
    assert {path[2] for path in paths if path[1] == "integrations" and len(path) == 4} == {"service-0004"}
    assert "nobody-knows" in seen(service, "/integrations?consumer=nobody-knows", 404).text


def test_who_uses_an_operation_is_told_in_short_and_in_full(service: Service) -> None:
    usage = service.ask(f"/services/{HUB}/usage").json()["operations"]
    page = seen(service, f"/services/{HUB}/usage")
    most = max(usage, key=lambda one: len(one["uses"]))
    names = {use["consumer"] for use in most["uses"]}
    assert len(names) > 8 and f"and {len(names) - 8} others" in page.text
    assert {use["consumer"] for one in usage for use in one["uses"]} >= set(callers(page)) >= names


def test_a_search_leads_to_every_hit(service: Service) -> None:
    assert (
        sum("/services/service-" in link for part in parts(service, "/search?q=1.0.0") for link in part.own_links())
        == 40
    )
