"""The wheel alone, in a new environment with a new home: it brings all that the commands need."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests import tutorial

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sources."""
    folder = tmp_path_factory.mktemp("dist")
    _run([sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT], ROOT, dict(os.environ))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a new environment in which nothing but the wheel, without extras, is installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet", wheel]
    _run(pip, folder, dict(os.environ))
    return folder / "bin"


def test_the_wheel_holds_template_and_shop_and_no_leftovers(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        f"{place}/{path.relative_to(ROOT / source).as_posix()}"
        for source, place in (
            ("registry-template", "signet/registry/template"),
            ("docs/examples/shop", "signet/cli/demo/shop"),
        )
        for path in (ROOT / source).rglob("*")
        if path.is_file() and not {"__pycache__", "run"} & set(path.relative_to(ROOT).parts)
    }
    assert expected <= names
    assert not [
        name for name in names if "__pycache__" in name or "/shop/run/" in name or name.startswith(("tests/", "docs/"))
    ]


def test_the_wheel_alone_shows_its_help(installed: Path, tmp_path: Path) -> None:
    helped = _signet(installed, tmp_path, "--help")
    assert "deploy-guard" in helped
    assert "demo" in helped


def test_the_wheel_alone_runs_the_demo(installed: Path, tmp_path: Path) -> None:
    told = _signet(installed, tmp_path, "demo")
    assert "pact-python is not installed here" in told
    assert "contract-incompatible" in told
    assert "What you saw:" in told
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("document", tutorial.TUTORIALS, ids=lambda path: path.name)
def test_the_wheel_alone_plays_the_tutorials(installed: Path, tmp_path: Path, document: Path) -> None:
    told = tutorial.steps(document.read_text(encoding="utf-8"))
    printed = tutorial.play(told, tmp_path, installed / "signet")
    for step, output in zip(told, printed, strict=True):
        assert tutorial.normal(output) == tutorial.normal(step.output), f"$ {step.command}"


def _signet(programs: Path, folder: Path, *arguments: str) -> str:
    home = folder / "home"
    home.mkdir()
    variables = {"HOME": str(home), "PATH": f"{programs}{os.pathsep}{os.defpath}", "LC_ALL": "C.UTF-8"}
    return _run([programs / "signet", *arguments], folder, variables)


def _run(command: list[str | Path], folder: Path, variables: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
