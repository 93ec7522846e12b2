"""Pages: every one that can be reached answers, is well-formed, reads without a script, and says what the core says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.cli import app
from signet.core.guard import decide
from signet.core.model.decision import Candidate
from signet.core.model.event import Event
from signet.core.standings import standings
from signet.registry import layout
from signet.service.pages.addresses import Addresses, own
from signet.service.pages.deliveries import MEANS
from signet.service.pages.words import natural, shown, web_address
from signet.service.webhooks.store import DEAD, Store
from tests.domain import Team
from tests.registry import people
from tests.service.asking import Service, shop
from tests.service.site import HEADINGS, SITE, Seen, crawl, got, seen


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return shop(tmp_path_factory.mktemp("pages") / "registry")


@pytest.fixture(scope="module")
def service(team: Team) -> Service:
    return Service(team.location)


@pytest.fixture(scope="module")
def site(service: Service) -> list[Seen]:
    return list(crawl(service))


class TestEveryPage:
    def test_all_kinds_of_pages_are_reached(self, site: list[Seen]) -> None:
        paths = {page.url.removeprefix(SITE).partition("?")[0] for page in site}
        kinds = {"/", "/environments", "/services", "/integrations", "/timeline", "/guard", "/owed", "/deliveries"}
        kinds |= {"/environments/production", "/services/catalog", "/services/catalog/versions/1"}
        kinds |= {"/integrations/cart/catalog", "/integrations/cart/catalog/comparison", "/services/catalog/usage"}
        kinds |= {"/services/catalog/specs/agreed", "/services/catalog/changes", "/integrations/cart/mail"}
        assert kinds <= paths
        assert any(path.startswith("/services/cart/contracts/catalog/") for path in paths)

    def test_it_is_kept_inert_by_its_headers(self, site: list[Seen]) -> None:
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        for page in site:
            assert page.answer.headers["content-security-policy"] == policy
            assert page.answer.headers["x-content-type-options"] == "nosniff"
            assert page.answer.headers["referrer-policy"] == "no-referrer"

    def test_it_has_no_script_and_no_style_of_its_own(self, site: list[Seen]) -> None:
        for page in site:
            for element in page.elements():
                assert element.tag != "style", page.url
                assert element.tag != "script" or (element.get("src") and not element.text), page.url
                assert "style" not in element.attrib, page.url
                assert not [name for name in element.attrib if name.startswith("on")], page.url

    def test_a_screen_reader_finds_its_way(self, site: list[Seen]) -> None:
        for page in site:
            assert page.tree.get("lang") == "en"
            levels = [HEADINGS.index(element.tag) for element in page.elements() if element.tag in HEADINGS]
            assert levels[0] == 0 and levels.count(0) == 1, page.url
            assert all(after - before <= 1 for before, after in pairwise(levels)), page.url
            ids = [element.get("id") for element in page.elements() if element.get("id")]
            assert not [name for name, count in Counter(ids).items() if count > 1], page.url
            labels = {element.get("for") for element in page.elements() if element.tag == "label"}
            fields = [element for element in page.elements() if element.tag in ("input", "select")]
            assert all(field.get("type") == "hidden" or field.get("id") in labels for field in fields), page.url
            tables = [element for element in page.elements() if element.tag == "table"]
            assert all(table.find("caption") is not None for table in tables), page.url
            assert all(head.get("scope") for table in tables for head in table.iter("th")), page.url

    def test_its_title_is_its_own(self, site: list[Seen]) -> None:
        titles: dict[str, set[str]] = {}
        for page in site:
            titles.setdefault(page.title, set()).add(page.url.partition("?")[0])
        shared = {title: urls for title, urls in titles.items() if len(urls) > 1}
        # The agreed spec has two addresses; so has a spec that two versions share.
        assert all(title.startswith(("Spec of", "Contract of")) for title in shared), shared

    def test_it_names_its_commit(self, site: list[Seen], team: Team) -> None:
        for page in site:
            assert team.head[:10] in page.text


class TestDeployGuard:
    def asked(self, of: Service, status: int = 200, **query: str) -> Seen:
        return seen(of, f"/guard?{urlencode(query)}", status)

    def test_it_says_what_the_command_says(self, service: Service, team: Team) -> None:
        for name, version, environment in (
            ("cart", "2", "production"),
            ("cart", "1", "staging"),
            ("catalog", "2", "production"),
            ("catalog", "1", "production"),
        ):
            page = self.asked(service, service=name, version=version, environment=environment)
            decision = team.guard(name, version, environment)
            assert page.title.startswith(f"{decision.verdict}: {name} {version} to {environment}")
            for reason in decision.reasons:
                assert reason.sentence() in page.text
                assert reason.remedy() in page.text
                for evidence in reason.evidence:
                    last = service.shelf.newest().history.last(layout.path(*evidence))
                    assert last is None or (last.commit[:10] in page.text and layout.path(*evidence) in page.text)
            command = f"signet deploy-guard --name {name} --version {version} --environment {environment}"
            assert command in page.text

    def test_main_branches_and_several_together(self, service: Service, team: Team) -> None:
        page = self.asked(service, service="cart", version="1", environment="main-branch", ignore="catalog")
        assert "may be merged" in page.text
        assert "--target main-branch --ignore catalog" in page.text
        page = self.asked(service, service="cart", version="2", environment="production", **{"with": "catalog@2"})
        decision = decide(team.state, [Candidate("cart", "2"), Candidate("catalog", "2")], "production")
        assert all(reason.sentence() in page.text for reason in decision.reasons)

    def test_a_wrong_name_is_told_with_the_near_one(self, service: Service, team: Team) -> None:
        before = team.head
        page = self.asked(service, 404, service="catalgo", version="1", environment="productoin")
        assert "did you mean 'catalog'" in page.text
        assert "did you mean 'production'" in page.text
        assert team.head == before

    def test_two_versions_of_one_service_are_no_question(self, service: Service) -> None:
        query = {"service": "cart", "version": "1", "environment": "production", "with": "cart@2"}
        assert "Two versions of cart are candidates" in self.asked(service, 400, **query).text

    def test_half_a_question_asks_for_the_rest(self, service: Service) -> None:
        assert "Choose a service, a version and where it is to go." in self.asked(service, service="cart").text

    def test_what_is_pasted_into_a_shell_stays_one_word(self, service: Service) -> None:
        page = self.asked(service, 404, service="cart", version="1; rm -rf ~", environment="production")
        assert "--version '1; rm -rf ~' --environment production" in page.text


class TestVerdicts:
    def test_all_that_is_live_is_judged_as_one_by_one(self, team: Team) -> None:
        team.contract("cart", "3", "cart", "/self")
        for version in ("1", "3"):
            team.deploy("cart", version, instance=version)
        for environment in ("production", "staging"):
            found = {(one.service, one.version): one for one in standings(team.state, environment)}
            live = {(name, each) for name, one in team.state.placements(environment).items() for each in one.versions}
            assert set(found) == live
            for name, version in live:
                decision = decide(team.state, [Candidate(name, version)], environment)
                told = [(reason.code, reason.sentence()) for reason in found[name, version].reasons]
                assert told == [(reason.code, reason.sentence()) for reason in decision.reasons]
                assert found[name, version].verdict == decision.verdict

    def test_a_broken_file_is_a_verdict_of_its_own_and_the_page_still_answers(self, tmp_path: Path) -> None:
        team = shop(tmp_path / "registry")
        whole = team.head
        broken: dict[str, bytes | None] = {"services/cart/versions/1.json": b"{"}
        bad = people.add(team.repo, broken, "edit: by hand")
        service = Service(team.location)
        page = seen(service, "/environments/production")
        assert whole[:10] in page.text and "These pages are not up to date." in page.text
        page = seen(service, f"/environments/production?at={bad}")
        assert "unreadable" in page.text and "services/cart/versions/1.json" in page.text
        refused = seen(service, f"/services/cart/versions/1?at={bad}", 422)
        assert "services/cart/versions/1.json" in refused.text


class TestThePast:
    def test_a_page_of_the_past_says_so_and_leads_on(self, service: Service) -> None:
        newest = seen(service, "/services/catalog")
        assert "You look at the past" not in newest.text
        past = seen(service, "/services/catalog?at=HEAD~5")
        assert "You look at the past" in past.text
        inner = [link for link in past.own_links() if "/services/catalog/versions/" in link]
        assert inner and all("at=HEAD" in link for link in inner)
        assert f"{SITE}/services/catalog" in set(past.own_links())

    def test_the_slider_leads_to_the_commit_at_that_step_and_keeps_the_page(self, service: Service) -> None:
        history = service.shelf.newest().history
        answer = got(service, "/at?step=2&back=/services%3Fq%3Dca")
        told = history.told(2)
        assert told is not None
        assert answer.headers["location"] == f"/services?q=ca&at={told.commit}"
        last = got(service, f"/at?step={history.length()}&back=/services%3Fat%3D{told.commit}")
        assert last.headers["location"] == "/services"

    def test_what_was_not_there_yet_is_not_found(self, service: Service) -> None:
        first = service.shelf.newest().history.told(1)
        assert first is not None
        page = seen(service, f"/services/catalog?at={first.commit}", 404)
        assert "Unknown service 'catalog'" in page.text

    def test_a_commit_that_nobody_knows_is_told(self, service: Service) -> None:
        assert "0123456789abcdef" in seen(service, "/?at=0123456789abcdef", 400).text


class TestDeliveries:
    @pytest.fixture
    def store(self, service: Service, team: Team, tmp_path: Path) -> Iterator[Store]:
        """A webhook that was told 60 events: one came through, one is given up, the others wait."""
        store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
        store.begin("ci", team.head)
        lease = store.lease("ci", "here", 60)
        assert lease is not None
        events = [Event("spec.published", "catalog", f"9.{number}").of(team.head) for number in range(60)]
        store.advance(lease, team.head, [(team.head, one, f"catalog {one.version} <b>") for one in events])
        for state, more in (("delivered", {"status": 204}), ("dead", {"status": 500, "problem": "it says 500"})):
            head = store.head("ci")
            assert head is not None
            store.settle(lease, head, state=state, attempts=1, **more)
        store.note(lease, "its receiver is slow")
        service.app.state.store = store
        yield store
        del service.app.state.store
        store.close()

    def test_they_are_told_with_their_state_part_by_part(self, service: Service, store: Store) -> None:
        page = seen(service, "/deliveries")
        assert "ci" in page.text and "its receiver is slow" in page.text
        assert "catalog 9.59 <b>" in page.text and "catalog 9.5 <b>" not in page.text
        older = next(link for link in page.own_links() if "before=" in link)
        assert "catalog 9.5 <b>" in seen(service, older).text
        dead = seen(service, "/deliveries?state=dead&webhook=ci").text
        assert "it says 500" in dead and "catalog 9.1 <b>" in dead and "catalog 9.0 <b>" not in dead

    @pytest.mark.parametrize("before", ["0", "-1", "9" * 30])
    def test_a_number_that_no_delivery_has_is_refused(self, service: Service, store: Store, before: str) -> None:
        assert "before" in seen(service, f"/deliveries?before={before}", 400).text

    def test_what_is_given_up_is_sent_again_by_a_command_that_there_is(self) -> None:
        [said] = re.findall("'(signet [a-z]+) (--[a-z]+)", MEANS[DEAD])
        assert said[1] in {option for one in app.command(said[0].split()[1]).params for option in one.opts}

    def test_without_a_store_it_says_so(self, service: Service) -> None:
        assert "This service sends no webhooks." in seen(service, "/deliveries").text


class TestSmallThings:
    def test_a_theme_is_remembered_and_leads_back(self, service: Service) -> None:
        answer = got(service, "/theme?to=dark&back=/owed%3Fq%3Dx")
        assert (answer.status_code, answer.headers["location"]) == (303, "/owed?q=x")
        assert "signet-theme=dark" in answer.headers["set-cookie"]
        page = seen(service, "/owed", Cookie="signet-theme=dark")
        assert page.tree.get("data-theme") == "dark"
        assert seen(service, "/owed", Cookie='signet-theme="><script>').tree.get("data-theme") is None

    @pytest.mark.parametrize(
        "address",
        ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "\t//evil.example", "/a\nb", ""],
    )
    def test_nothing_leads_away_from_the_site(self, address: str) -> None:
        assert own(address) == "/"

    def test_lists_come_in_parts(self, tmp_path: Path) -> None:
        team = Team.founds(tmp_path / "registry")
        files: dict[str, bytes | None] = {
            f"services/s{number:03}/service.yaml": b"owners: []\n" for number in range(60)
        }
        people.add(team.repo, files, "register: many")
        service = Service(team.location)
        found = []
        for number in (1, 2, 3, 99):
            page = seen(service, f"/services?number={number}")
            found.append([link for link in page.own_links() if "/services/s" in link])
        assert [len(part) for part in found] == [25, 25, 10, 10]
        assert len({link for part in found for link in part}) == 60
        assert "10 services" in seen(service, "/services?q=s01").text

    def test_a_page_that_is_not_there_is_a_page_for_a_browser_and_a_problem_for_a_program(
        self, service: Service
    ) -> None:
        assert "There is no such page" in seen(service, "/nowhere", 404).text
        assert got(service, "/nowhere", Accept="*/*").headers["content-type"] == "application/problem+json"
        assert got(service, "/api/v1/nowhere").headers["content-type"] == "application/problem+json"

    def test_a_part_of_a_list_that_cannot_be_is_told(self, service: Service) -> None:
        assert "number" in seen(service, "/services?number=0", 400).text

    def test_files_are_sent_by_name_only(self, service: Service) -> None:
        for name in ("..%2fframe.py", "%2e%2e/frame.py", "frame.py", "signet.css%00"):
            assert got(service, f"/static/{name}").status_code == 404
        page = seen(service, "/")
        style = next(link for link in page.own_links() if "signet.css" in link)
        assert "immutable" in got(service, style).headers["cache-control"]

    def test_search_finds_names(self, service: Service) -> None:
        page = seen(service, "/search?q=CATALOG")
        assert f"{SITE}/services/catalog" in set(page.own_links())
        assert "Nothing has a name with" in seen(service, "/search?q=zzz").text


names = st.text(min_size=1, max_size=30)


@given(st.lists(names, min_size=1, max_size=3), names, names)
def test_an_address_gives_back_the_names_that_went_in(segments: list[str], value: str, at: str) -> None:
    from urllib.parse import parse_qs, unquote, urlsplit

    try:
        found = urlsplit(Addresses(at).to(*segments, q=value))
    except UnicodeEncodeError:
        return  # half a character is no name
    assert [unquote(part) for part in found.path.split("/")[1:]] == segments
    assert parse_qs(found.query, keep_blank_values=True) == {"q": [value], "at": [at]}
    assert found.path.isascii() and found.query.isascii()


@given(st.text(max_size=60))
def test_what_is_shown_prints(text: str) -> None:
    assert all(char.isprintable() or char in "\n\t" for char in shown(text))


@given(st.text(max_size=60))
def test_only_addresses_of_the_web_are_links(text: str) -> None:
    for candidate in (text, f"javascript:{text}", f"https://{text}", f"https://ci.example/{text}"):
        found = web_address(candidate)
        assert found in ("", candidate)
        assert found == "" or found.lower().startswith(("http://", "https://"))


def test_versions_are_in_the_order_that_people_expect() -> None:
    assert sorted(["1.10.0", "1.9.0", "1.9.0-rc1", "main"], key=natural) == ["main", "1.9.0", "1.9.0-rc1", "1.10.0"]
