"""Every kind of page in a real Chromium: light, dark and narrow; with a script and without; for eyes, ears and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from signet.core.model.state import State
from tests import published
from tests.bench.grown import Grown
from tests.domain import Team
from tests.growth import Shape
from tests.growth.story import pipeline, service_name
from tests.service.asking import Service, shop
from tests.service.browsing import Looked, chromium, served
from tests.service.site import SITE, crawl
from tests.service.test_pages_hostile import hostile

pytestmark = pytest.mark.slow

PAGES = (
    "/",
    "/environments",
    "/environments/production",
    "/services",
    "/services/catalog",
    "/services/catalog/versions/1",
    "/services/catalog/specs/agreed",
    "/services/cart/contracts/catalog/{contract}",
    "/services/catalog/usage",
    "/services/catalog/changes?base=1&revision=2",
    "/integrations",
    "/integrations/cart/catalog",
    "/integrations/cart/catalog?tab=comparisons",
    "/integrations/cart/catalog?tab=timeline",
    "/integrations/cart/catalog/comparison?consumer_version=2&provider_version=2",
    "/timeline",
    "/guard",
    "/guard?service=cart&version=2&environment=production",
    "/owed",
    "/deliveries",
    "/search?q=ca",
    "/?at=HEAD~4",
)
MANY = (
    "/",
    "/environments/production",
    "/services",
    "/services/service-0000",
    "/services/service-0044/versions/1.0.0",
    "/services/service-0000/specs/{spec}",
    "/services/service-0044/contracts/service-0000/{contract}",
    "/services/service-0000/usage",
    "/services/{changed}/changes?base=1.0.0&revision=1.1.0",
    "/environments",
    "/integrations",
    "/integrations/service-0044/service-0000",
    "/integrations/service-0044/service-0000?tab=comparisons",
    "/integrations/service-0044/service-0000?tab=timeline",
    "/integrations/service-0044/service-0000/comparison?consumer_version=1.0.0&provider_version=1.0.0",
    "/timeline",
    "/owed",
    "/guard",
    "/guard?service=service-0000&version=1.0.0&environment=production",
    "/guard?service=service-0000&version=1.0.0&environment=production&number=3",
    "/integrations?provider=service-0000&number=2",
    "/deliveries",
    "/search?q=service-00",
    "/?at=HEAD~4",
)
LOOKS = (("light", False), ("dark", False), ("light", True), ("dark", True))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    return published.document("axe", request.config).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return shop(tmp_path_factory.mktemp("browser") / "registry")


@pytest.fixture(scope="module")
def service(team: Team) -> Service:
    return Service(team.location)


@pytest.fixture(scope="module")
def base(service: Service) -> Iterator[str]:
    with served(service) as url:
        yield url


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """300 services, each of which calls some others, and nearly all of which call one."""
    return Grown.at(tmp_path_factory.mktemp("many"), Shape(300, 2))


@pytest.fixture(scope="module")
def many(grown: Grown) -> Iterator[str]:
    with served(Service(str(grown.path))) as url:
        yield url


def documents(state: State, consumer: str, version: str, provider: str) -> dict[str, str]:
    """The digests in addresses: of the contract of a version with a provider, and of the provider's oldest spec."""
    found = state.manifest(consumer, version)
    other = state.manifest(provider, min(state.versions(provider)))
    assert found is not None
    assert other is not None
    return {"contract": found.contracts[provider], "spec": str(other.spec)}


def kept(looked: Looked, name: str, tmp_path: Path) -> None:
    """A picture for people, in the folder of the test (``--basetemp`` says where)."""
    looked.page.screenshot(path=tmp_path / f"{name}.png", full_page=True)


def assert_well(
    browser: Browser,
    base: str,
    paths: tuple[str, ...],
    look: tuple[str, bool],
    axe: str,
    tmp_path: Path,
    known: Mapping[str, str],
) -> None:
    scheme, narrow = look
    looked = Looked(browser, base, narrow=narrow, color_scheme=scheme)
    for number, path in enumerate(paths):
        looked.open(path.format(**known))
        assert looked.status == 200, path
        kept(looked, f"{len(paths)}-{number:02}-{scheme}{'-narrow' if narrow else ''}", tmp_path)
        assert looked.overflow() <= 0, path
        assert narrow or looked.faults(axe) == [], path  # what axe-core looks at is the same when narrow
    assert looked.troubles == []
    looked.close()


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}{'-narrow' if look[1] else ''}")
def test_every_kind_of_page_stands(
    browser: Browser, base: str, team: Team, look: tuple[str, bool], axe: str, tmp_path: Path
) -> None:
    assert_well(browser, base, PAGES, look, axe, tmp_path, documents(team.state, "cart", "2", "catalog"))


@pytest.mark.parametrize("look", LOOKS[:3], ids=("light", "dark", "light-narrow"))
def test_the_same_with_three_hundred_services(
    browser: Browser, grown: Grown, many: str, look: tuple[str, bool], axe: str, tmp_path: Path
) -> None:
    shape = grown.shape
    changed = next(one for one in range(300) if pipeline(shape, one, 0).spec < pipeline(shape, one, 1).spec)
    known = documents(grown.state(), "service-0044", "1.0.0", "service-0000") | {"changed": service_name(changed)}
    assert_well(browser, many, MANY, look, axe, tmp_path, known)


def test_the_graph_of_three_hundred_services_is_legible(browser: Browser, many: str) -> None:
    looked = Looked(browser, many)
    page = looked.open("/")
    found = page.evaluate(
        """() => {
          const drawing = document.querySelector(".drawing");
          const nodes = [...drawing.querySelectorAll(".node")].map(node => {
            const text = node.querySelector("text"), box = text.getBoundingClientRect();
            const frame = node.querySelector("rect").getBoundingClientRect();
            return {name: node.dataset.name, size: parseFloat(getComputedStyle(text).fontSize),
                    x: box.left, y: box.top, right: box.right, bottom: box.bottom,
                    fits: box.left > frame.left && box.right <= frame.right && box.height <= frame.height};
          });
          return {nodes, scale: drawing.getBoundingClientRect().width / drawing.viewBox.baseVal.width};
        }"""
    )
    nodes = found["nodes"]
    assert len(nodes) == 300
    assert found["scale"] == pytest.approx(1, abs=0.01)
    assert all(node["size"] >= 13 and node["fits"] for node in nodes)
    for number, one in enumerate(nodes):
        for other in nodes[number + 1 :]:
            apart_x = one["right"] <= other["x"] or other["right"] <= one["x"]
            assert apart_x or one["bottom"] <= other["y"] or other["bottom"] <= one["y"], (one, other)
    page.fill("#graph-filter", "service-0044")
    expect(page.locator("[data-graph-tools] output")).to_have_text("1 of 300 services")
    expect(page.locator(".node.hit")).to_have_count(1)
    expect(page.locator(".node.hit")).to_be_in_viewport()
    near = page.locator(".node.near").count()
    assert 1 < near < 300
    assert page.locator(".edge.near").count() >= near - 1
    looked.close()


def test_nothing_is_missing_without_a_script(browser: Browser, base: str, team: Team) -> None:
    with_script, without = Looked(browser, base), Looked(browser, base, java_script_enabled=False)
    known = documents(team.state, "cart", "2", "catalog")
    for path in (one.format(**known) for one in PAGES):
        plain = without.open(path).inner_text("main")
        rich = with_script.open(path).inner_text("main")
        missing = [line for line in plain.splitlines() if line.strip() and line not in rich]
        assert missing == [], path
        extra = {line.strip() for line in rich.splitlines()} - {line.strip() for line in plain.splitlines()}
        assert extra <= {"Find in the graph", "Copy", "the command"}, (path, extra)
        links = "main a[href]"
        assert without.page.locator(links).count() == with_script.page.locator(links).count()
    with_script.close()
    without.close()


def test_forms_the_slider_and_the_theme_work_without_a_script(browser: Browser, base: str, team: Team) -> None:
    looked = Looked(browser, base, java_script_enabled=False)
    page = looked.open("/guard")
    page.fill("[name=service]", "cart")
    page.fill("[name=version]", "2")
    page.select_option("[name=environment]", "production")
    page.click("text=May it be deployed?")
    expect(page.locator("#answer")).to_have_text(team.guard("cart", "2").verdict.capitalize())
    page.focus("#step")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.click(".go")
    expect(page.locator(".banner.past").first).to_contain_text("You look at the past")
    assert "service=cart" in page.url and "at=" in page.url
    page.click(".themes .dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert "service=cart" in page.url
    page.click("text=Back to the newest")
    expect(page.locator(".banner.past")).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    looked.close()


def test_the_keyboard_is_enough(browser: Browser, base: str) -> None:
    looked = Looked(browser, base)
    page = looked.open("/services")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("main #q")).to_be_focused()
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    assert set(seen) == {"solid"}
    page.focus("#step")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/services?at=*")
    expect(page.locator(".banner.past")).to_be_visible()
    looked.close()


def test_a_push_changes_the_page_that_is_open(browser: Browser, tmp_path: Path) -> None:
    team = shop(tmp_path / "registry")
    service = Service(team.location)
    with served(service) as base:
        looked = Looked(browser, base)
        page = looked.open("/services/catalog")
        expect(page.locator("main")).not_to_contain_text("7.7.7")
        page.wait_for_timeout(300)
        team.spec("catalog", "7.7.7", "/items")
        service.refresh()
        expect(page.locator("#news")).to_contain_text("Now at commit", timeout=60_000)
        expect(page.locator("main")).to_contain_text("7.7.7")
        page.locator("main #q").fill("7")
        team.spec("catalog", "8.8.8", "/items")
        service.refresh()
        expect(page.locator("#news")).to_contain_text("The registry has a new commit", timeout=60_000)
        expect(page.locator("main #q")).to_have_value("7")  # nobody's typing is taken away
        assert looked.troubles == []
        looked.close()


def test_the_policy_holds_and_nothing_of_a_hostile_registry_runs(browser: Browser, tmp_path: Path) -> None:
    service = Service(hostile(tmp_path / "registry").location)
    with ThreadPoolExecutor(1) as elsewhere:  # the browser's loop runs in this thread
        paths = elsewhere.submit(lambda: [page.url.removeprefix(SITE) for page in crawl(service)]).result()
    with served(service) as base:
        looked = Looked(browser, base)
        for path in paths:
            page = looked.open(path)
            assert page.evaluate("document.title").endswith("Signet"), path
        assert looked.troubles == []
        made = "const one = document.createElement('script'); one.text = 'window.ran = 1'"
        page.evaluate(f"() => {{ {made}; document.body.append(one) }}")
        assert page.evaluate("window.ran") is None
        assert any("Content Security Policy" in trouble for trouble in looked.troubles)
        looked.close()
