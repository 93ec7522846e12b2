"""How the registry is reached, by the options that all commands share."""

from __future__ import annotations

from pathlib import Path

from signet.registry.serve import served
from tests.cli.conftest import Desk
from tests.registry.people import person
from tests.registry.relay import relaying
from tests.registry.test_git_remote import hook

LATEST = ("status", "--json")


def test_rewritten_history_is_refused_until_it_is_accepted(shop: Desk) -> None:
    bare = Path("registry")
    with served(bare) as url:
        shop.does(*LATEST, "-r", url)
        rewritten = person(bare, "commit-tree", "-m", "another", "main^{tree}")
        person(bare, "update-ref", "refs/heads/main", rewritten)
        for command in (LATEST, ("register-env", "-e", "test")):
            refused = shop.signet(*command, "-r", url)
            assert refused.code == 6
            assert "was rewritten" in refused.err
            assert f"--accept-rewrite {rewritten}" in refused.err
        wrong = shop.signet(*LATEST, "-r", url, "--accept-rewrite", "0" * 40)
        assert wrong.code == 6

        accepted = shop.does(*LATEST, "-r", url, "--accept-rewrite", rewritten)
        assert accepted.answer["commit"] == rewritten
        assert shop.does(*LATEST, "-r", url).answer["commit"] == rewritten


class TestProposed:
    """The way out of a branch that takes no pushes: the commit as a branch, ready for a pull request."""

    REFUSES = 'while read old new ref; do [ "$ref" != refs/heads/main ] || { echo "protected branch"; exit 1; }; done'
    TELLS = 'echo "Create a pull request: http://127.0.0.1:1/new/signet and not http://elsewhere.example/x"'
    FACT = ("register-service", "-n", "stock", "--owner", "team")

    def test_a_protected_branch_is_said_with_the_way_out_and_the_way_out_works(self, shop: Desk) -> None:
        bare = Path("registry")
        hook(bare, "pre-receive", f"{self.TELLS}\n{self.REFUSES}")
        head = person(bare, "rev-parse", "main")
        with served(bare) as url:
            refused = shop.signet(*self.FACT, "-r", url)
            assert refused.code == 5
            assert "protected branch" in refused.err and "--propose" in refused.err
            assert person(bare, "for-each-ref", "--format=%(refname)") == "refs/heads/main"

            proposed = shop.does(*self.FACT, "-r", url, "--propose", "--json").answer
        branch, address = proposed["proposal"]["branch"], proposed["proposal"]["address"]
        assert branch.startswith("signet/register-service/stock-")
        assert address == "http://127.0.0.1:1/new/signet"
        assert person(bare, "rev-parse", "main") == head
        assert person(bare, "rev-parse", branch) == proposed["commit"]
        assert person(bare, "rev-parse", f"{branch}^") == head
        assert person(bare, "diff", "--name-only", "main", branch) == "services/stock/service.yaml"
        assert "stock" not in shop.does("status").out

    def test_proposing_again_replaces_the_proposal_on_the_newest_head(self, shop: Desk) -> None:
        bare = Path("registry")
        with served(bare) as url:
            first = shop.does(*self.FACT, "-r", url, "--propose", "--json").answer
            shop.does("register-env", "-e", "test", "-r", url)
            second = shop.does(*self.FACT, "-r", url, "--propose", "--json").answer
            assert first["proposal"]["branch"] == second["proposal"]["branch"]
            assert person(bare, "rev-parse", f"{second['commit']}^") == person(bare, "rev-parse", "main")

            person(bare, "update-ref", "refs/heads/main", second["commit"])
            merged = shop.does(*self.FACT, "-r", url, "--propose")
        assert merged.out.startswith("nothing to change")

    def test_a_path_gets_the_branch_too_and_says_so(self, shop: Desk) -> None:
        done = shop.does(*self.FACT, "--propose")
        assert done.out.startswith("proposed: register: service stock [")
        assert "open a pull request: at the forge, from that branch" in done.out
        [branch] = person(Path("registry"), "branch", "--list", "signet/*", "--format=%(refname:short)").splitlines()
        assert branch in done.out

    def test_other_facts_have_other_branches(self, shop: Desk) -> None:
        for name in ("a", "b"):
            shop.does("register-service", "-n", name, "--propose")
            shop.does("publish", "-n", name, "-v", "1..lock", "-p", shop.spec("s.json", "/x"), "--propose")
        branches = person(Path("registry"), "branch", "--list", "signet/*").splitlines()
        assert len(branches) == 4


def test_a_transport_that_is_none_is_wrong_use(shop: Desk) -> None:
    refused = shop.signet("status", "--transport", "pigeon")
    assert refused.code == 2
    assert "auto, git, dulwich" in refused.err


def test_a_first_copy_is_asked_for_once_and_every_later_question_anew(shop: Desk) -> None:
    with served(Path("registry")) as url, relaying(url) as relay:
        shop.does("status", "-r", relay.url)
        first = relay.passed.count("POST git-upload-pack")
        head = shop.does("register-env", "-e", "test", "--json").answer["commit"]
        assert shop.does(*LATEST, "-r", relay.url).answer["commit"] == head
        shop.does("status", "-r", relay.url)
        again = relay.passed.count("POST git-upload-pack")
        shop.does("status", "-r", relay.url)
        assert relay.passed.count("POST git-upload-pack") > again
    assert first <= 3, "the default branch, the branch, and its objects"
