"""A refusal changes nothing: not the registry, byte for byte, and not the working directory (safety.md T35, T36)."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Desk, everything_in

REFUSALS: list[tuple[int, str]] = [
    (2, "publish -v 3 nowhere.json"),
    (2, "publish -v ../3 cart-catalog.json"),
    (2, "publish -v 3 -b --upload-pack=touch${IFS}x cart-catalog.json"),
    (2, "publish -n -x -v 3 cart-catalog.json"),
    (2, "publish -n CART -v 3 cart-catalog.json"),
    (2, "publish -v 3 catalog.json"),
    (3, "publish -v 2.1.0 other.json"),
    (3, "publish -n catalog -v 1.0.0 other-spec.json"),
    (3, "publish -v 3 cart-catalog.json broken.json"),
    (2, "register-env -e .git"),
    (2, "register-env -e Production"),
    (2, "register-service -n catalog --main-branch=--output=x"),
    (2, "register-service -n con"),
    (2, "register-version -n cart -v 3 --artifact image"),
    (2, "record-verification -n catalog -v 9"),
    (2, "record-verification -n nobody -v 9 --passed"),
    (3, "record-verification -n catalog -v 1.0.0 --passed --spec broken.json"),
    (2, "record-verification -n catalog -v 1.0.0 --passed --consumer cart --consumer-version 9"),
    (2, "update-deployment -n cart -v 9 -e production"),
    (2, "update-deployment -n cart -v 2.1.0 -e nowhere"),
    (2, "update-deployment -n cart -v 2.1.0 -e production --instance a/b"),
    (1, "update-deployment -n cart -v 2.1.0 -e staging --guard"),
    (2, "update-deployment -n cart -v 2.1.0 -e staging --delete --release"),
    (2, "record-release -n cart -v 9 -e production"),
    (2, "delete-integration --consumer cart --provider catalog"),
    (2, "deploy-guard -n cart -v 2.1.0 -e producton"),
    (2, "deploy-guard -n cart -v 2.1.0 -e production --at=--output=x"),
    (2, "status --at=--upload-pack=x"),
    (2, "status --registry=--upload-pack=x"),
    (2, "impact catalog@"),
    (2, "changes catalog@ catalog@1.0.0"),
    (2, "mock catalog@"),
    (2, "log --at HEAD;touch"),
    (2, "init ."),
]


@pytest.mark.parametrize(("code", "command"), REFUSALS, ids=[command for _, command in REFUSALS])
def test_a_refusal_changes_nothing(shop: Desk, code: int, command: str) -> None:
    shop.pact("other.json", "/prices")
    shop.spec("other-spec.json", "/prices")
    (shop.folder / "broken.json").write_text('{"interactions": 1}')
    before = everything_in(shop.folder / "registry")
    files = {path.name for path in shop.folder.iterdir()}
    outcome = shop.signet(*command.split())
    assert outcome.code == code, outcome
    assert outcome.out == ""
    assert outcome.err.startswith("signet: ")
    assert everything_in(shop.folder / "registry") == before
    assert {path.name for path in shop.folder.iterdir()} == files


def test_a_transport_that_runs_programs_is_refused(desk: Desk) -> None:
    outcome = desk.signet("status", "--registry", "ext::sh -c touch% ran")
    assert outcome.code == 2
    assert list(desk.folder.iterdir()) == []


def test_questions_change_nothing(shop: Desk) -> None:
    before = everything_in(shop.folder / "registry")
    for command in ("status", "owed", "log", "doctor", "deploy-guard -n cart -v 2.1.0 -e production --explain"):
        shop.does(*command.split())
    shop.does("compare", "--spec", "catalog@1.0.0", "--contract", "cart@2.1.0")
    assert everything_in(shop.folder / "registry") == before
