"""The house itself: which rooms there are, what may import what, and what the repository promises to newcomers."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from signet import __version__
from signet.registry import template

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {
    *("pyproject.toml", "signet", "registry-template", "actions", "tests", "docs"),
    *("Makefile", "README.md", "LICENSE"),
}
NO_NAMES = {"utils", "util", "common", "misc", "base", "helpers", "helper", "manager", "handlers"}


def kept_files() -> list[Path]:
    """Every file of the repository that git keeps or would keep."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    asked = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(asked, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def modules() -> list[Path]:
    return sorted(path for path in (ROOT / "signet").rglob("*.py"))


def test_the_import_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken." in done.stdout


def test_the_import_contracts_can_break(tmp_path: Path) -> None:
    """One import of the file system in the core is enough."""
    shutil.copytree(ROOT / "signet", tmp_path / "signet", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "signet" / "core" / "impure.py").write_text("import pathlib\n")
    (tmp_path / "signet" / "leftovers.py").write_text("")
    program = Path(sys.executable).with_name("lint-imports")
    asked = [program, "--no-logo", "--no-cache"]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "signet.core.impure -> pathlib" in done.stdout
    assert "leftovers" in done.stdout


def test_the_top_level_is_fixed() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in kept_files()}
    assert {name for name in names if not name.startswith(".")} == TOP_LEVEL


def test_no_module_is_a_drawer_for_leftovers() -> None:
    named = [path for path in modules() if {path.stem, path.parent.name} & NO_NAMES]
    assert named == []


def test_every_module_says_what_it_is() -> None:
    said = {path: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for path in modules()}
    assert len(said) > 400
    assert [path for path, text in said.items() if not text.strip()] == []


def test_no_file_names_a_machine_or_a_package_index() -> None:
    forbidden = re.compile("|".join(["/wor" + "k/", "pypi" + r"\.org", "python" + "hosted" + r"\.org", "/root" + "/"]))
    found = []
    for path in kept_files():
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in forbidden.finditer(text)]
    assert found == []


def test_every_decision_is_in_their_list_by_its_title() -> None:
    folder = ROOT / "docs" / "decisions"
    notes = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    titles = [path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ") for path in notes]
    listed = re.findall(r"^- \[(.*)\]\((.*)\)$", (folder / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for _, name in listed] == [path.name for path in notes]
    for (said, _), title in zip(listed, titles, strict=True):
        assert title.startswith(said), title


def test_every_target_of_the_makefile_is_in_its_help() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())  # type: ignore[index]
    helped = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert set(re.findall(r"^  make (\S+)", helped, re.MULTILINE)) == phony
    assert {"help", "demo", "test", "check"} <= phony


def test_the_workflow_runs_what_ci_runs_and_pins_its_actions() -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    steps = workflow["jobs"]["run"]["steps"]
    assert [step["run"] for step in steps if "run" in step] == ["bash .ci/run"]
    uses = [step["uses"] for step in steps if "uses" in step]
    assert uses
    assert [one for one in uses if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", one)] == []


def test_a_new_registry_begins_with_the_template_and_its_name() -> None:
    files = template.files('the "big" shop', "trunk")
    assert set(files) == {
        ".gitattributes",
        ".github/pull_request_template.md",
        ".github/workflows/check.yml",
        ".github/workflows/comment.yml",
        ".github/workflows/owed.yml",
        "README.md",
        "environments/production.yaml",
        "environments/staging.yaml",
        "signet.yaml",
    }
    assert yaml.safe_load(files["signet.yaml"]) == {"format": 1, "name": 'the "big" shop'}
    assert files["README.md"].startswith(b'# the "big" shop')
    assert not [path for path, content in files.items() if re.search(rb"@[A-Z]+@", content)]
    assert yaml.safe_load(files[".github/workflows/check.yml"])[True]["push"] == {"branches": ["trunk"]}
    assert f'"signet-registry=={__version__}"'.encode() in files[".github/workflows/check.yml"]
    assert not [path for path, content in files.items() if b"\r" in content or not content.endswith(b"\n")]
    assert yaml.safe_load(files["environments/production.yaml"])["production"] is True
    assert yaml.safe_load(files["environments/staging.yaml"])["production"] is False
