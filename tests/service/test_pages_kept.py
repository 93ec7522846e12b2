"""Pages that are kept: the bytes that are made anew, made once, and never those of another commit, theme or day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from signet.service import kept
from signet.service.index import Index
from signet.service.pages import tags
from signet.service.pages.frame import Page
from tests.domain import Team
from tests.service.asking import Service, shop
from tests.service.site import SITE, crawl, got

PAGE = "/services/catalog"
GUARD = "/guard?service=cart&version=2&environment=production"


class Made:
    """How many pages were made."""

    number = 0


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    found, show = Made(), Page.show

    def counted(page: Page, *arguments: Any, **values: Any) -> Any:
        found.number += 1
        return show(page, *arguments, **values)

    monkeypatch.setattr(Page, "show", counted)
    return found


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return shop(tmp_path_factory.mktemp("kept") / "registry")


@pytest.fixture
def service(team: Team) -> Service:
    return Service(team.location)


def test_a_kept_page_is_the_page(team: Team, service: Service, made: Made) -> None:
    first = {page.url.removeprefix(SITE): page.answer for page in crawl(service)}
    before = made.number
    again = {path: got(service, path) for path in first if not path.startswith("/deliveries")}
    assert made.number == before and len(again) > 50, "none was made twice"
    anew = Service(team.location)
    for path, answer in again.items():
        made_anew = got(anew, path)
        assert answer.content == first[path].content == made_anew.content, path
        headers = [dict(one.headers) | {"x-request-id": ""} for one in (answer, first[path], made_anew)]
        assert headers[0] == headers[1] == headers[2], path
        assert "etag" in answer.headers and answer.headers["signet-commit"] == service.shelf.newest().commit


def test_who_has_it_is_told_so(service: Service, made: Made) -> None:
    tag = got(service, PAGE).headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}'):
        answer = got(service, PAGE, **{"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
        assert answer.headers["cache-control"] == "private, no-cache" and answer.headers["vary"] == "Cookie"
    assert made.number == 1
    assert got(service, PAGE, **{"If-None-Match": '"other"'}).status_code == 200
    assert got(service, "/services/cart", **{"If-None-Match": tag}).status_code == 200


def test_a_commit_makes_it_anew(tmp_path: Path, made: Made) -> None:
    team = shop(tmp_path / "registry")
    service = Service(team.location)
    before = got(service, PAGE)
    team.spec("catalog", "3", "/items", "/prices", "/more")
    assert got(service, PAGE).content == before.content, "nobody has looked yet"
    service.refresh()
    after = got(service, PAGE, **{"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200 and "/versions/3" in after.text and "/versions/3" not in before.text
    assert after.headers["signet-commit"] == service.shelf.newest().commit != before.headers["signet-commit"]
    assert got(service, PAGE).content == after.content and made.number == 2


def test_a_push_while_a_page_is_made_spoils_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    team = shop(tmp_path / "registry")
    service, show = Service(team.location), Page.show

    def overtaken(page: Page, *arguments: Any, **values: Any) -> Any:
        monkeypatch.setattr(Page, "show", show)
        team.spec("catalog", "3", "/items", "/prices", "/more")
        service.refresh()
        return show(page, *arguments, **values)

    monkeypatch.setattr(Page, "show", overtaken)
    older = got(service, PAGE)
    assert "etag" not in older.headers and "/versions/3" not in older.text
    assert "/versions/3" in got(service, PAGE).text


def test_the_banner_of_a_registry_that_is_away_is_on_every_page_at_once(tmp_path: Path) -> None:
    team = shop(tmp_path / "registry")
    service = Service(team.location)
    banner = "These pages are not up to date."
    whole = got(service, PAGE)
    assert banner not in whole.text
    git_dir = Path(team.repo.git_dir)
    git_dir.rename(tmp_path / "away")
    with pytest.raises(Exception, match="registry"):
        service.refresh()
    assert banner in got(service, PAGE, **{"If-None-Match": whole.headers["etag"]}).text
    (tmp_path / "away").rename(git_dir)
    service.refresh()
    assert got(service, PAGE).content == whole.content


def test_each_theme_has_its_own(service: Service, made: Made) -> None:
    plain, dark = got(service, PAGE), got(service, PAGE, Cookie="signet-theme=dark")
    assert plain.content != dark.content and plain.headers["etag"] != dark.headers["etag"]
    for _ in range(2):
        assert got(service, PAGE, Cookie="other=1; signet-theme=dark").content == dark.content
        assert got(service, PAGE, Cookie="signet-theme=<script>").content == plain.content
    assert made.number == 2


def test_a_day_later_it_is_made_anew(service: Service, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a spec announces a sunset, what a page says of a change hangs on the day."""
    tag = got(service, PAGE).headers["etag"]

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2099, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(tags, "datetime", Later)
    assert got(service, PAGE, **{"If-None-Match": tag}).status_code == 200 and made.number == 2


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/deliveries", 200),
        ("/services/catalog?at=HEAD", 200),
        ("/services/catalog?at=", 400),
        ("/services/nobody", 404),
        ("/services/catalog?number=x", 400),
        ("/guard?service=nobody&version=1&environment=production", 404),
    ],
)
def test_what_does_not_follow_from_the_newest_commit_alone_is_not_kept(
    service: Service, made: Made, path: str, status: int
) -> None:
    for number in (1, 2):
        answer = got(service, path)
        assert (answer.status_code, made.number) == (status, number)
        assert "etag" not in answer.headers


def test_addresses_that_differ_by_a_byte_are_different_pages(service: Service, made: Made) -> None:
    for path in (PAGE, f"{PAGE}?", f"{PAGE}?q=1", f"{PAGE}?q=2", "/services/%63atalog", f"{PAGE}?q=%31"):
        assert got(service, path).status_code == 200
    assert made.number >= 5


def test_room_is_bounded(service: Service, made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    size = len(got(service, f"{PAGE}?q=00").content)
    service.app.state.kept = kept.Kept(3 * (size + kept.BESIDE) + size // 2)
    for number in range(1, 6):
        got(service, f"{PAGE}?q=0{number}")
    found = kept.kept_of(service.app)
    assert sum(len(one.body) + kept.BESIDE for one in found._answers.values()) == len(found) <= 4 * size
    assert made.number == 6
    got(service, f"{PAGE}?q=05")
    assert made.number == 6, "the last ones are there"
    got(service, f"{PAGE}?q=00")
    assert made.number == 7, "the first ones are gone"
    monkeypatch.setattr(kept, "LARGEST", size // 2)
    for _ in range(2):
        got(service, f"{PAGE}?q=06")
    assert made.number == 9, "a large one would drive out all others"


@pytest.mark.parametrize("page", ["/services/catalog", "/environments/production", GUARD])
def test_a_page_asks_the_index_as_often_for_few_as_for_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    team, asked = shop(tmp_path / "registry"), list[str]()

    def counted() -> int:
        with monkeypatch.context() as patch:
            ask = Index.asked
            asked.clear()
            patch.setattr(Index, "asked", lambda *given: asked.append(given[1]) or ask(*given))
            assert got(Service(team.location), page).status_code == 200
        return len(asked)

    few = counted()
    for number in range(3, 15):
        team.spec("catalog", str(number), "/items")
        team.live(f"other{number}", "1", "/items")
        team.contract("cart", "2", f"other{number}", "/items")
    assert counted() <= few
