"""The shop and the demo: its documents are what the running services and pact-python write, and its story is true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from signet.cli.demo import stage, story
from signet.core.formats import openapi, pact, text
from signet.errors import SignetError, UsageError

SHOP = Path(__file__).parents[1] / "docs" / "examples" / "shop"
KEPT = SHOP / "documents"


def digest(path: Path) -> str:
    """The canonical digest of a document: what it means, not how it is written."""
    document = text.read(path.read_bytes(), path.name)
    return (openapi.spec(document) if path.name.endswith(".openapi.json") else pact.contract(document)).digest


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents that the running services and the consumers' tests write now."""
    folder = tmp_path_factory.mktemp("documents")
    subprocess.run([sys.executable, SHOP / "regenerate.py", folder], check=True, capture_output=True)
    return folder


@pytest.mark.slow
def test_the_kept_documents_are_what_services_and_consumer_tests_write(written: Path) -> None:
    names = {path.name for path in KEPT.iterdir()}
    assert {path.name for path in written.iterdir()} == names
    assert {name: digest(KEPT / name) for name in names} == {name: digest(written / name) for name in names}


def test_each_version_of_the_catalog_promises_something_else() -> None:
    assert len({digest(path) for path in KEPT.glob("catalog-*.openapi.json")}) == 3


def test_the_stage_runs_what_it_shows_and_hides_the_users_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("SIGNET_NAME", "GIT_DIR", "GITHUB_SHA", "HTTP_PROXY", "CI"):
        monkeypatch.setenv(name, "of the user")
    place = stage.Stage(tmp_path)
    printed = place.run("WHO=cart python -c 'import os; print(os.environ[\"WHO\"], sorted(os.environ.values()))'")
    assert printed.startswith("cart ")
    assert "of the user" not in printed
    assert os.environ["HOME"] not in re.findall(r"'([^']*)'", printed)
    assert "$ WHO=cart python -c" in capsys.readouterr().out


def test_a_step_that_ends_otherwise_than_expected_stops_the_demo(tmp_path: Path) -> None:
    place = stage.Stage(tmp_path)
    with pytest.raises(SignetError, match="exit code 3, and 0 was expected"):
        place.run("python -c 'raise SystemExit(3)'")
    with pytest.raises(SignetError, match="exit code 0, and 1 was expected"):
        place.run("python -c 'pass'", expected=1)


def test_without_pact_python_the_kept_contracts_are_used_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(story, "can_write_contracts", lambda: False)
    with stage.stage() as place:
        story.write_contracts(place)
        found = {path.name: digest(path) for path in (place.folder / "pacts").iterdir()}
    expected = ("accounting-cart", "cart-catalog", "cart-inventory", "catalog-item", "inventory-item")
    assert found == {f"{name}.json": digest(KEPT / f"{name}.json") for name in expected}
    assert "pact-python is not installed" in capsys.readouterr().out


def test_keep_refuses_a_folder_that_is_there(tmp_path: Path) -> None:
    from signet.cli.demo import demo

    with pytest.raises(UsageError, match="exists already"):
        demo(keep=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_demo_tells_its_whole_story_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home, temporary, kept = tmp_path / "home", tmp_path / "tmp", tmp_path / "kept"
    home.mkdir()
    temporary.mkdir()
    passed_on = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    asked = [sys.executable, "-m", "signet", "demo", "--keep", str(kept)]
    environment = {**passed_on, "HOME": str(home), "TMPDIR": str(temporary)}
    done = subprocess.run(
        asked, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=550
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(home.iterdir()) == list(temporary.iterdir()) == []
    told = done.stdout
    assert told.count("(exit code 1)") == 4
    assert told.count("(exit code 4)") == 1
    assert "contract-incompatible" in told
    assert "deploy: catalog 2.1.0 to production" in told
    assert "deploy: catalog 2.0.0" not in told
    subjects = _git(kept, "log", "--format=%s").splitlines()
    assert subjects[0] == "deploy: catalog 2.1.0 to production"
    assert [line for line in subjects if line in told] == subjects
    assert _git(kept, "status", "--porcelain") == _git(kept, "remote") == ""


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, text=True, check=True).stdout
