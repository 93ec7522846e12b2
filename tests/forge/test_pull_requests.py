"""Pull requests, from the command line to the forge: a real registry at a forge that keeps what it is told."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.cli.conftest import Desk, Outcome, desk, shelf, shop  # noqa: F401 - fixtures
from tests.cli.test_secrets import process_lists
from tests.forge.dialects import DIALECTS
from tests.forge.fake import REPOSITORY, TOKEN, Forge, Pull, anything, opens, running
from tests.registry.test_git_remote import hook

KINDS = sorted(DIALECTS)
FACT = ("register-service", "-n", "stock", "--owner", "team")
BRANCH_OF_FACT = "signet/register-service/stock-"


@dataclass
class Site:
    """A desk, and a forge that its registry is at."""

    desk: Desk
    forge: Forge
    url: str
    kind: str

    def signet(self, *args: str) -> Outcome:
        """Run a command at this forge; the token is in no word that it says."""
        outcome = self.desk.signet(*args, "-r", self.url, "--forge", self.kind)
        assert TOKEN not in outcome.out + outcome.err
        return outcome

    def asks(self, *args: str) -> Outcome:
        """Run a command that opens a request; it must succeed."""
        outcome = self.signet(*args, "--pull-request")
        assert outcome.code == 0, outcome
        return outcome

    def does(self, *args: str) -> None:
        """Somebody else's command, at the repository itself; it must succeed."""
        self.desk.does(*args, "-r", str(self.forge.bare))

    def git(self, *args: str) -> str:
        """Git in the repository of the forge."""
        asked = ["git", "-C", str(self.forge.bare), *args]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()

    def merge(self, pull: Pull) -> None:
        """Somebody merges a request at the forge, whose branch is on the newest head."""
        self.git("merge-base", "--is-ancestor", pull.base, pull.branch)
        self.git("update-ref", f"refs/heads/{pull.base}", f"refs/heads/{pull.branch}")
        pull.state = "merged"


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest, shop: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:  # noqa: F811
    """The shop's registry at each kind of forge."""
    yield from sited(request.param, shop, monkeypatch)


def sited(kind: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:  # noqa: F811
    """The registry of a desk at a forge."""
    folder = desk.folder / "forge"
    (folder / REPOSITORY).parent.mkdir(parents=True)
    Path("registry").rename(folder / f"{REPOSITORY}.git")
    monkeypatch.setenv("SIGNET_TOKEN", TOKEN)
    forge = DIALECTS[kind](folder)
    with running(forge) as url:
        yield Site(desk, forge, url, kind)


@pytest.fixture
def gitlab(shop: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:  # noqa: F811
    """One forge, for what is the same at all of them."""
    yield from sited("gitlab", shop, monkeypatch)


class TestOpening:
    def test_a_fact_becomes_a_request_and_the_registry_stays(self, site: Site) -> None:
        head = site.git("rev-parse", "main")
        done = site.asks(*FACT)
        (pull,) = site.forge.pulls
        assert pull.branch.startswith(BRANCH_OF_FACT) and pull.base == "main"
        assert pull.title == "register: service stock"
        assert site.git("rev-parse", "main") == head == site.git("rev-parse", f"{pull.branch}^")
        assert site.git("diff", "--name-only", "main", pull.branch) == "services/stock/service.yaml"
        assert pull.labels == ([] if site.kind == "bitbucket" else ["signet", "signet:register-service"])
        rendered = MarkdownIt("commonmark").enable("table").render(pull.body)
        assert "<td>register-service</td>" in rendered and "services/stock/service.yaml" in rendered
        proposed, opened = done.out.splitlines()
        assert proposed.endswith(f"on branch {pull.branch}")
        assert opened.startswith(f"pull request opened: {site.forge.url}/{REPOSITORY}/")
        assert opened.endswith(f"/{pull.number}")

    def test_the_same_fact_again_updates_its_request(self, site: Site) -> None:
        site.asks(*FACT)
        again = site.asks(*FACT, "--json").answer
        assert again["proposal"]["pull_request"]["status"] == "unchanged"
        site.does("register-env", "-e", "qa")
        changed = site.asks(*FACT, "--alias", "Stock Service", "--json").answer
        assert changed["proposal"]["pull_request"]["status"] == "unchanged", "title, files and place are the same"
        site.asks("register-service", "-n", "other")
        assert [pull.number for pull in site.forge.pulls] == [1, 2]
        first = site.forge.pulls[0]
        assert site.git("rev-parse", first.branch) == changed["commit"]
        assert site.git("rev-parse", f"{first.branch}^") == site.git("rev-parse", "main")
        first.title, first.labels = "what a person wrote", ["person"]
        told = site.asks(*FACT)
        assert "pull request updated: " in told.out
        assert first.title == "register: service stock" and "person" in first.labels

    def test_merging_it_records_it_and_a_closed_one_is_left_alone(self, gitlab: Site) -> None:
        gitlab.asks(*FACT)
        gitlab.forge.pulls[0].state = "closed"
        gitlab.asks(*FACT)
        assert [pull.state for pull in gitlab.forge.pulls] == ["closed", "open"]
        gitlab.merge(gitlab.forge.pulls[1])
        done = gitlab.asks(*FACT)
        assert done.out.startswith("nothing to change: register: service stock")
        assert len(gitlab.forge.pulls) == 2

    def test_a_renamed_repository_is_found_under_its_new_name(self, site: Site) -> None:
        site.asks(*FACT)
        site.forge.rename("squad/contracts")
        done = site.asks(*FACT, "--main-branch", "trunk")
        assert "/squad/contracts/" in done.out
        site.asks("register-service", "-n", "other")
        assert [pull.title for pull in site.forge.pulls] == ["register: service stock", "register: service other"]


class TestTrouble:
    """Whatever the forge says, the commit waits on its branch, and the way on is said."""

    def test_what_it_refuses_is_said_with_the_branch_that_waits(self, site: Site) -> None:
        _, _, value = site.forge.error(422, f"no: {TOKEN}\n::error::x \x1b[31m")
        site.forge.troubles.append((opens, (422, {}, value)))
        refused = site.signet(*FACT, "--pull-request", "--json")
        error = refused.answer
        assert (refused.code, error["code"], error["exit_code"]) == (5, "forge-refused", 5)
        branch = error["proposal"]["branch"]
        assert branch.startswith(BRANCH_OF_FACT)
        assert site.git("rev-parse", branch) == error["proposal"]["commit"]
        assert branch in refused.err and error["proposal"]["address"] in refused.err
        assert error["proposal"]["address"].startswith(f"{site.forge.url}/{REPOSITORY}/")
        assert "\x1b" not in refused.out + refused.err and "\n::error" not in refused.err
        site.asks(*FACT)
        assert len(site.forge.pulls) == 1

    def test_later_may_help_is_another_exit_code(self, gitlab: Site) -> None:
        gitlab.forge.troubles.append((anything, (429, {"Retry-After": "61"}, {"message": "Retry later"})))
        refused = gitlab.signet(*FACT, "--pull-request")
        assert refused.code == 4 and "again in 61 seconds" in refused.err and BRANCH_OF_FACT in refused.err

    def test_a_wrong_token_and_one_without_the_right(self, gitlab: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        gitlab.forge.may_write = False
        refused = gitlab.signet(*FACT, "--pull-request")
        assert refused.code == 5 and "may not do this" in refused.err
        monkeypatch.setenv("SIGNET_TOKEN", "another")
        refused = gitlab.signet(*FACT, "--pull-request")
        assert refused.code == 5 and "does not accept the token" in refused.err and "***" in refused.err
        assert gitlab.forge.pulls == []


class TestWithoutAForge:
    def test_no_token_is_said_before_anything_is_written(self, gitlab: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        before = gitlab.git("for-each-ref")
        monkeypatch.delenv("SIGNET_TOKEN")
        refused = gitlab.signet(*FACT, "--pull-request", "--json")
        assert (refused.code, refused.answer["code"]) == (2, "forge-token-missing")
        assert gitlab.git("for-each-ref") == before

    def test_a_host_that_nobody_knows_gets_the_branch_and_the_page(self, gitlab: Site) -> None:
        done = gitlab.desk.does(*FACT, "-r", gitlab.url, "--pull-request")
        assert "nothing tells which forge the registry is at (--forge)" in done.err
        assert f"open a pull request: {gitlab.forge.url}/{REPOSITORY}" in done.out
        assert gitlab.forge.exchanges == []

    def test_what_the_forge_itself_says_goes_before_a_computed_page(self, gitlab: Site) -> None:
        hook(gitlab.forge.bare, "pre-receive", f"echo 'open: {gitlab.forge.url}/new/one'")
        done = gitlab.desk.does(*FACT, "-r", gitlab.url, "--pull-request")
        assert f"open a pull request: {gitlab.forge.url}/new/one" in done.out

    def test_a_path_gets_the_branch(self, shop: Desk) -> None:  # noqa: F811
        done = shop.does(*FACT, "--pull-request", "--json")
        assert done.answer["proposal"]["pull_request"] is None
        assert "the registry is a path" in done.answer["notes"][-1]

    def test_the_file_of_a_checkout_does_not_say_where_the_token_goes(self, gitlab: Site) -> None:
        Path(".signetrc.yaml").write_text("register-service: {forge-url: 'https://evil.example'}\n")
        refused = gitlab.signet(*FACT, "--pull-request")
        assert refused.code == 2 and "forge-url" in refused.err
        Path(".signetrc.yaml").write_text(f"register-service: {{pull-request: true, forge: {gitlab.kind}}}\n")
        assert "pull request opened" in gitlab.desk.does(*FACT, "-r", gitlab.url).out


class TestCommands:
    @pytest.mark.slow
    def test_every_writing_command_takes_it(self, gitlab: Site) -> None:
        gitlab.desk.pact("next.json", "/items", "/prices")
        commands: dict[str, list[str]] = {
            "publish": ["publish", "-v", "3.0.0", "next.json"],
            "register-env": ["register-env", "-e", "qa"],
            "register-version": ["register-version", "-n", "cart", "-v", "4"],
            "verify": ["record-verification", "-n", "catalog", "-v", "1.0.0", "--failed"],
            "deploy": ["update-deployment", "-n", "cart", "-v", "2.1.0", "-e", "staging"],
            "release": ["record-release", "-n", "cart", "-v", "2.1.0", "-e", "production"],
            "undeploy": ["record-undeployment", "-n", "catalog", "-e", "production"],
            "delete-integration": ["delete-integration", "--consumer", "cart", "--provider", "catalog", "--yes"],
        }
        head = gitlab.git("rev-parse", "main")
        for number, (event, command) in enumerate(commands.items(), 1):
            gitlab.asks(*command)
            pull = gitlab.forge.pulls[-1]
            assert len(gitlab.forge.pulls) == number
            assert pull.branch.startswith(f"signet/{event}/")
            assert "signet:" + event in pull.labels
        assert gitlab.git("rev-parse", "main") == head

    def test_another_result_of_the_same_test_takes_the_place_of_the_first(self, gitlab: Site) -> None:
        verified = ("record-verification", "-n", "catalog", "-v", "1.0.0")
        gitlab.asks(*verified, "--failed")
        done = gitlab.asks(*verified, "--passed", "--tool", "other", "--json").answer
        (pull,) = gitlab.forge.pulls
        assert done["proposal"]["pull_request"]["status"] == "updated"
        assert pull.title == "verify: catalog 1.0.0 passed"

    def test_fixtures_are_proposed_with_a_request(self, gitlab: Site) -> None:
        gitlab.asks("propose-fixtures", "-n", "catalog", "cart-catalog.json")
        (pull,) = gitlab.forge.pulls
        assert pull.branch == "signet/fixtures/catalog/by-cart"
        assert pull.labels == ["signet", "signet:propose-fixtures"]

    def test_a_test_opens_one_for_its_result_and_one_for_its_fixtures(self, gitlab: Site) -> None:
        program = "from http.server import *; import sys; HTTPServer(('127.0.0.1', int(sys.argv[1])), type('H', "
        program += (
            "(BaseHTTPRequestHandler,), {'do_GET': lambda s: (s.send_response(200), s.end_headers())})).serve_forever()"
        )
        start = f"{sys.executable} -c {shlex.quote(program)} {{port}}"
        asked = ["test", "-n", "catalog", "-v", "1.0.0", "--contract", "cart-catalog.json", "--only", "replays"]
        done = gitlab.signet(*asked, "--stateless", "--start", start, "--propose-fixtures", "--pull-request")
        assert done.code == 0, done
        assert [pull.branch.split("/")[1] for pull in gitlab.forge.pulls] == ["verify", "fixtures"]
        gitlab.forge.troubles.append((anything, gitlab.forge.error(500, "away")))
        done = gitlab.signet(*asked, "--stateless", "--start", start, "--propose-fixtures", "--pull-request")
        assert done.code == 4

    def test_the_request_leads_back_to_the_run_and_the_source(
        self, gitlab: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("GITHUB_SERVER_URL", "https://ci.example")
        monkeypatch.setenv("GITHUB_REPOSITORY", "team/cart|x)<b>")
        monkeypatch.setenv("GITHUB_RUN_ID", "77")
        monkeypatch.setenv("GITHUB_SHA", "1" * 40)
        gitlab.asks("register-version", "-n", "cart", "-v", "auto")
        (pull,) = gitlab.forge.pulls
        tokens = MarkdownIt("commonmark").enable("table").parse(pull.body)
        links = [one.attrGet("href") for token in tokens for one in token.children or () if one.type == "link_open"]
        assert links == ["https://ci.example/team/cart%7Cx%29%3Cb%3E/actions/runs/77"]
        assert "1" * 40 in pull.body


class TestPromotion:
    def promote(self, site: Site, service: str, *more: str) -> Outcome:
        return site.signet("promote", service, "--from", "staging", "--to", "production", *more)

    def placed(self, site: Site, service: str, version: str, *paths: str) -> None:
        """A version that is tested and runs in staging."""
        if service == "catalog":
            site.does("publish", "-n", service, "-v", version, "-p", site.desk.spec("s.json", *paths))
            site.does("record-verification", "-n", service, "-v", version, "--passed")
        else:
            site.does("publish", "-v", version, site.desk.pact("p.json", *paths))
        site.does("update-deployment", "-n", service, "-v", version, "-e", "staging")

    def checked(self, site: Site, pull: Pull) -> int:
        """The exit code of the check of a request, on what it would be merged into now."""
        return site.desk.signet(
            "check", "-r", str(site.forge.bare), "--base", pull.base, "--revision", pull.branch
        ).code

    def test_from_the_request_to_the_roll_out(self, gitlab: Site) -> None:
        self.placed(gitlab, "catalog", "2.0.0", "/items", "/prices")
        opened = self.promote(gitlab, "catalog", "--pull-request", "--json").answer
        (pull,) = gitlab.forge.pulls
        assert pull.title == "promote: catalog 2.0.0 from staging to production"
        assert pull.branch.startswith("signet/promote/catalog-2.0.0-production-")
        assert "Deploy Guard says yes for production" in pull.body.replace("\\", "")
        assert opened["paths"] == ["environments/production/catalog.yaml"]
        assert opened["decision"]["verdict"] == "yes"
        gitlab.merge(pull)
        text = gitlab.git("show", "main:environments/production/catalog.yaml")
        assert text.splitlines()[-1] == 'desired: "2.0.0"' and '"1.0.0"' in text

        deployed = ("update-deployment", "-n", "catalog", "-v", "2.0.0", "-e", "production")
        gitlab.does(*deployed)
        text = gitlab.git("show", "main:environments/production/catalog.yaml")
        assert "desired" not in text and '"2.0.0"' in text and "1.0.0" not in text
        assert "deployed in production already" in self.promote(gitlab, "catalog").err

    def test_two_that_are_safe_alone_and_not_together(self, gitlab: Site) -> None:
        """catalog 2 drops /prices, which nobody in production uses; cart 3 begins to use it."""
        self.placed(gitlab, "catalog", "2.0.0", "/items")
        self.placed(gitlab, "cart", "3.0.0", "/items", "/prices")
        for service in ("catalog", "cart"):
            assert self.promote(gitlab, service, "--pull-request").code == 0, "each is safe alone"
        first, second = gitlab.forge.pulls
        assert [self.checked(gitlab, pull) for pull in (first, second)] == [0, 0]
        gitlab.merge(first)
        assert self.checked(gitlab, second) == 1, "merged with what is there now, production turns red"
        head = gitlab.git("for-each-ref")
        for more in (["--pull-request"], []):
            refused = self.promote(gitlab, "cart", *more)
            assert refused.code == 1
            assert "The contract of cart 3.0.0 does not fit the spec of catalog 2.0.0" in refused.err
        assert gitlab.git("for-each-ref") == head
        asked = ("deploy-guard", "-n", "cart", "-v", "3.0.0", "-e", "production", "-r", gitlab.url)
        assert gitlab.desk.signet(*asked).code == 1
        assert second.state == "open"

    def test_what_cannot_be_promoted_is_said(self, gitlab: Site) -> None:
        assert "Nothing of catalog is deployed in staging" in self.promote(gitlab, "catalog").err
        unknown = self.promote(gitlab, "catalogue")
        assert unknown.code == 2 and "did you mean 'catalog'" in unknown.err
        self.placed(gitlab, "catalog", "2.0.0", "/items", "/prices")
        missing = gitlab.signet("promote", "catalog", "--from", "staging")
        assert missing.code == 2 and "--to" in missing.err
        same = gitlab.signet("promote", "catalog", "--from", "staging", "--to", "staging")
        assert same.code == 2
        more = ("-n", "catalog", "-v", "1.0.0", "-e", "staging", "--instance", "eu")
        gitlab.does("update-deployment", *more)
        several = self.promote(gitlab, "catalog")
        assert several.code == 2 and "1.0.0, 2.0.0" in several.err
        absent = self.promote(gitlab, "catalog", "--version", "3")
        assert absent.code == 2
        chosen = self.promote(gitlab, "catalog", "--version", "2.0.0", "--json")
        assert chosen.answer["subject"] == "promote: catalog 2.0.0 from staging to production"
        again = self.promote(gitlab, "catalog", "--version", "2.0.0")
        assert again.code == 0 and again.out.startswith("nothing to change")

    def test_a_newer_wish_takes_the_place_of_the_older(self, gitlab: Site) -> None:
        for version in ("2.0.0", "2.1.0"):
            self.placed(gitlab, "catalog", version, "/items", "/prices")
            done = self.promote(gitlab, "catalog")
            assert done.code == 0
        assert "catalog 2.0.0 was desired in production before" in done.err
        text = gitlab.git("show", "main:environments/production/catalog.yaml")
        assert text.count("desired") == 1 and 'desired: "2.1.0"' in text


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["git", "dulwich"])
def test_the_token_is_nowhere(gitlab: Site, tmp_path: Path, transport: str) -> None:
    """In no output, file, object, cache or argument of a process, also where the forge says it back."""
    told = gitlab.forge.error(422, f"not with {TOKEN}, Bearer {TOKEN}")
    variables = os.environ | {
        "SIGNET_DEBUG": "1",
        "SIGNET_TRANSPORT": transport,
        "GIT_TRACE": "1",
        "GIT_CURL_VERBOSE": "1",
    }
    command = [sys.executable, "-m", "signet", *FACT, "-r", gitlab.url, "--forge", "gitlab", "--pull-request"]
    shown = b""
    with process_lists() as arguments:
        for code in (5, 5, 0):
            if code:
                gitlab.forge.troubles.append((opens, told))
            done = subprocess.run(command, cwd=gitlab.desk.folder, env=variables, capture_output=True, check=False)
            assert done.returncode == code, done
            shown += done.stdout + done.stderr
            told = (301, {"Location": f"https://elsewhere.example/{TOKEN}"}, {"message": TOKEN})
    assert any(b"signet\0" in one for one in arguments), "the processes were seen"
    listing = ["git", "-C", str(gitlab.forge.bare), "cat-file", "--batch-all-objects", "--batch", "--unordered"]
    objects = subprocess.run(listing, capture_output=True, check=True).stdout
    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for secret in (TOKEN.encode(), base64.b64encode(f"x-access-token:{TOKEN}".encode())):
        assert secret not in shown and secret not in objects
        assert not [one for one in (*arguments, *kept) if secret in one]


def test_who_asks_for_no_request_loads_nothing_for_one(gitlab: Site) -> None:
    command = [sys.executable, "-X", "importtime", "-m", "signet", *FACT, "-r", str(gitlab.forge.bare)]
    for more in ([], ["--propose"]):
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=True)
        assert "signet.registry" in done.stderr
        assert "httpx" not in done.stderr and "signet.forge" not in done.stderr


def test_nothing_of_a_name_becomes_markup_or_a_mention(gitlab: Site) -> None:
    from signet.cli import requesting
    from signet.registry.landing import Proposal, Receipt

    hostile = "a|b<img src=//x>@org/all #1 !2 `x` [y](z)\n/merge\n::error::x www.evil.example"
    paths = tuple(f"services/{hostile}/{number}" for number in range(60))
    trailers = {"Signet-Service": hostile, "Signet-Run": f"https://ci.example/{hostile}"}
    receipt = Receipt(True, "1", hostile, paths, (hostile,), None, Proposal("b"), "publish", trailers)
    title, body = requesting.title(receipt.subject), requesting.body(receipt)
    assert "\n" not in title and "@o" not in title and "#1" not in title
    assert len(body) <= requesting.LONGEST_BODY + 100
    assert not [line for line in body.splitlines() if line.startswith(("/", "::"))]
    rendered = MarkdownIt("commonmark").enable("table").render(body)
    assert "<img" not in rendered and "<a " not in rendered and "<code" not in rendered
    assert "@org" not in rendered and "www.evil" not in rendered


def test_the_answer_as_json(gitlab: Site) -> None:
    answer: dict[str, Any] = json.loads(gitlab.asks(*FACT, "--json").out)
    assert answer["schema"] == "signet.receipt/1"
    assert answer["proposal"]["pull_request"] == {
        "url": f"{gitlab.forge.url}/{REPOSITORY}/-/merge_requests/1",
        "status": "opened",
    }
