"""How the registry is reached, by the options that all commands share."""

from __future__ import annotations

from pathlib import Path

from signet.registry.serve import served
from tests.cli.conftest import Desk
from tests.registry.people import person

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
