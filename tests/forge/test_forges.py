"""Each forge for itself: the recipe of a request, what every refusal means, and where the token may go."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.cli.boundary import exit_code
from signet.errors import ForgeRefused, ForgeUnreachable, SignetError
from signet.forge import client, request
from signet.forge.choice import Choice
from signet.forge.request import Outcome, Wanted
from tests.forge.dialects import DIALECTS
from tests.forge.fake import REPOSITORY, TOKEN, Asked, Forge, Pull, anything, labels, opens, running
from tests.fuzz import effort

WANTED = Wanted("signet/a/b", "main", "A title", "A body\n\n- with a list", ("signet", "signet:test"))


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a repository that has two branches."""
    folder = tmp_path_factory.mktemp("forge")
    repository = folder / f"{REPOSITORY}.git"
    made = ["git", "-c", "init.defaultBranch=main", "init", "-q", "--bare", str(repository)]
    subprocess.run(made, check=True)
    script = "".join(
        f"commit refs/heads/{branch}\ncommitter a <a@b> {number} +0000\ndata 1\nx\n{begin}"
        for number, (branch, begin) in enumerate([("main", ""), (WANTED.branch, "from refs/heads/main\n")], 1)
    )
    subprocess.run(["git", "-C", str(repository), "fast-import", "--quiet"], input=script.encode(), check=True)
    return folder


@pytest.fixture(params=sorted(DIALECTS))
def forge(request: pytest.FixtureRequest, bare: Path) -> Iterator[Forge]:
    """Each kind of forge, as it runs."""
    found = DIALECTS[request.param](bare)
    with running(found):
        yield found


def kind(forge: Forge) -> str:
    return type(forge).__name__.lower()


def asked(forge: Forge, wanted: Wanted = WANTED, path: str = REPOSITORY) -> Outcome:
    """Ask for the request."""
    choice = Choice(kind(forge), f"{forge.url}{forge.prefix}", path, f"{forge.url}/{path}", TOKEN, "TOKEN")
    return request.request(request.at(choice), wanted)


def refused(forge: Forge) -> SignetError:
    """Ask for the request; it is not opened, and the token is in no word of why."""
    with pytest.raises((ForgeRefused, ForgeUnreachable)) as caught:
        asked(forge)
    assert TOKEN not in str(caught.value) and caught.value.message and caught.value.remedy
    return caught.value


def test_it_is_opened_once_and_then_brought_up_to_date(forge: Forge) -> None:
    assert asked(forge).status == "opened"
    assert asked(forge).status == "unchanged"
    changed = Wanted(WANTED.branch, "main", "Another", "text", ("signet",))
    outcome = asked(forge, changed)
    assert (outcome.number, outcome.status, outcome.notes) == (1, "updated", ())
    (pull,) = forge.pulls
    assert (pull.title, pull.body) == ("Another", "text")
    assert pull.labels == ([] if kind(forge) == "bitbucket" else ["signet", "signet:test"])


def test_a_renamed_repository_is_asked_under_its_new_name(forge: Forge) -> None:
    forge.moved.add("old/name")
    assert asked(forge, path="old/name").status == "opened"
    moved = [one for one, _ in forge.exchanges if "old" in one.path]
    assert [one.method for one in moved] == ["GET"]


def test_requests_of_forks_and_of_other_branches_are_not_taken_for_it(forge: Forge) -> None:
    forge.pulls = [
        Pull(1, WANTED.branch, "main", "of a fork", "", fork=True),
        Pull(2, WANTED.branch, "other", "onto another base", ""),
        Pull(3, "another", "main", "of another branch", ""),
        Pull(4, WANTED.branch, "main", "closed", "", state="closed"),
    ]
    before = [pull.title for pull in forge.pulls]
    assert asked(forge).number == 5
    assert [pull.title for pull in forge.pulls] == [*before, WANTED.title]


def test_one_that_is_not_listed_yet_is_found_when_it_is_to_be_opened(forge: Forge) -> None:
    asked(forge)
    forge.hidden = 1
    assert asked(forge).status == ("opened" if kind(forge) == "bitbucket" else "unchanged")
    assert len(forge.pulls) == 1


def test_an_answer_that_gets_lost_opens_no_second_one(forge: Forge) -> None:
    forge.troubles.append((opens, "lost"))
    assert asked(forge).status == "opened"
    assert len(forge.pulls) == 1


def test_one_that_is_open_and_never_listed_is_said(forge: Forge) -> None:
    if kind(forge) == "bitbucket":
        pytest.skip("opening one again gives back the one that is open")
    asked(forge)
    forge.hidden = 2
    assert "already" in refused(forge).message


def test_labels_that_may_not_be_given_are_a_note(forge: Forge) -> None:
    if kind(forge) == "bitbucket":
        pytest.skip("there are no labels")
    forge.troubles.append((labels, forge.error(403, "no labels for you")))
    outcome = asked(forge)
    assert outcome.status == "opened" and "no label signet, signet:test" in outcome.notes[0]


STATUSES: list[tuple[int, dict[str, str], int, str, str]] = [
    (401, {}, 5, "forge-login", "TOKEN"),
    (403, {}, 5, "forge-forbidden", "right to write pull requests"),
    (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "@"}, 4, "forge-rate-limit", "again in 10"),
    (403, {"Retry-After": "61"}, 4, "forge-rate-limit", "again in 61 seconds"),
    (404, {}, 5, "forge-not-found", "Check the registry's address"),
    (405, {}, 5, "forge-refused", "HTTP 405"),
    (409, {}, 5, "forge-refused", ""),
    (422, {}, 5, "forge-refused", "HTTP 422"),
    (429, {"Retry-After": "7"}, 4, "forge-rate-limit", "again in 7 seconds"),
    (429, {"RateLimit-Remaining": "0", "RateLimit-Reset": "@"}, 4, "forge-rate-limit", "again in 10"),
    (429, {}, 4, "forge-rate-limit", "in some minutes"),
    (500, {}, 4, "forge-unreachable", "HTTP 500"),
    (503, {"Retry-After": "soon"}, 4, "forge-unreachable", "HTTP 503"),
]


@pytest.mark.parametrize("when", [anything, opens], ids=["at once", "when it is to be opened"])
def test_each_refusal_is_said_in_its_own_way(forge: Forge, when: Callable[[Asked], bool]) -> None:
    for status, headers, code, name, words in STATUSES:
        soon = {key: str(int(time.time()) + 100) if text == "@" else text for key, text in headers.items()}
        forge.troubles.append((when, (status, soon, forge.error(status, f"no: {TOKEN}\nbecause")[2])))
        error = refused(forge)
        assert (exit_code(error), error.code) == (code, name), status
        assert words in str(error), status
        assert "no: *** because" in str(error), status
    assert asked(forge).status == "opened"


@pytest.mark.parametrize(
    "location", ["https://elsewhere.example/api", "//127.0.0.1:1/x", "http://127.0.0.1:0/x", "http://[", ""]
)
def test_the_token_goes_nowhere_else(forge: Forge, location: str) -> None:
    forge.troubles.append((anything, (301, {"Location": location}, {"message": "moved"})))
    assert refused(forge).code == "forge-moved"


def test_redirects_have_an_end(forge: Forge) -> None:
    loop = {"Location": f"{forge.url}{forge.prefix}/loop"}
    forge.troubles += [(anything, (302, loop, {}))] * 10
    assert isinstance(refused(forge), ForgeUnreachable)


def test_an_answer_without_an_end_is_not_read_to_it(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 1000)
    forge.troubles.append((anything, (200, {}, b" " * 2000)))
    assert "too large" in refused(forge).message


def test_a_forge_that_does_not_answer_in_time(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWERING", 0.1)

    def late(_asked: Asked) -> bool:
        time.sleep(0.5)
        return False

    forge.troubles += [(late, "lost")]
    assert "in time" in refused(forge).message
    forge.troubles.clear()


def test_a_forge_that_is_away(forge: Forge) -> None:
    forge.troubles += [(anything, "lost")]
    assert "gives no usable answer" in refused(forge).message


@pytest.mark.parametrize("content", [b"", b"<html>", b"[" * 90_000, b"7", b'{"id": 1}', b"[7]", b'"x"', b"\xff"])
def test_what_is_no_answer_of_a_forge_is_said(forge: Forge, content: bytes) -> None:
    forge.troubles.append((anything, (200, {}, content)))
    refused(forge)


names = st.sampled_from(["id", "iid", "number", "full_name", "head", "base", "ref", "repo", "labels", "name", "title"])
names |= st.sampled_from(["values", "source", "destination", "branch", "links", "html", "href", "message", "errors"])
leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(17) | st.just(WANTED.branch)
anyhow = st.recursive(leaves, lambda one: st.lists(one, max_size=3) | st.dictionaries(names, one, max_size=6))


@effort(60)
@given(
    st.sampled_from(sorted(DIALECTS)),
    st.lists(st.tuples(st.sampled_from([200, 201, 403, 409, 422]), anyhow), min_size=1, max_size=6),
)
def test_whatever_a_forge_answers_is_taken_or_refused_and_never_a_crash(
    name: str, answers: list[tuple[int, Any]]
) -> None:
    choice = Choice(name, "http://127.0.0.1:1", REPOSITORY, "http://127.0.0.1:1", TOKEN, "TOKEN")
    forge = request.at(choice)
    given = iter(answers)

    def told(*_about: Any, **_more: Any) -> client.Answer:
        status, value = next(given, (500, None))
        return client.Answer(status, {}, value)

    forge.client.asked = told  # type: ignore[method-assign]
    try:
        outcome = request.request(forge, WANTED)
    except (ForgeRefused, ForgeUnreachable):
        return
    assert isinstance(outcome.number, int) and isinstance(outcome.url, str)


def test_the_proxy_and_the_certificates_are_those_of_the_environment(
    forge: Forge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "gopher://x")
    with pytest.raises(SignetError, match="proxy"):
        asked(forge)
    monkeypatch.delenv("http_proxy")
    monkeypatch.setenv("GIT_SSL_CAINFO", "/nowhere")
    with pytest.raises(SignetError, match="certificates"):
        request.at(Choice(kind(forge), "https://127.0.0.1:1", REPOSITORY, "https://127.0.0.1:1", TOKEN, "TOKEN"))
