"""The README of a new registry keeps its word: a newcomer types it, with a real remote, and it prints what it says.

``python -m tests.test_registry_readme`` writes the outputs into the template anew.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import pytest

from signet.registry import git, record
from signet.registry.serve import served
from tests import tutorial

README = Path(__file__).parents[1] / "registry-template" / "README.md"
ADDRESS = "https://git.example.com/shop/registry.git"
SIGNET = Path(sys.executable).parent / "signet"


def typed(folder: Path, *, with_readme: bool = False, in_a_copy: bool = True) -> list[tuple[tutorial.Step, str]]:
    """Each step of the README that ``signet init`` wrote into a remote, and what it printed."""
    bare = folder / "registry.git"
    git.create(bare, bare=True)
    if with_readme:
        repo = git.open_repository(str(bare))
        git.publish(repo, None, git.commit(repo, None, {"README.md": b"# registry\n"}, "Initial commit\n"))
    with served(bare) as url:
        receipt = record.initialise(url, name="shop")
        path = "SIGNET.md" if with_readme else "README.md"
        assert path in receipt.paths
        repo = git.open_repository(str(bare))
        entry = git.entry(repo, receipt.commit, path)
        assert entry is not None
        told = tutorial.steps(git.blob(repo, entry.id, 1_000_000).decode())
        assert ADDRESS in told[0].command
        told = [step for step in told if in_a_copy or "copy.git" not in step.command]
        real = [tutorial.Step(step.command.replace(ADDRESS, url), step.output) for step in told]
        return list(zip(told, tutorial.play(real, folder, SIGNET), strict=True))


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"in_a_copy": False}, id="the remote itself"),
        pytest.param({}, id="a copy of a remote", marks=pytest.mark.slow),
        pytest.param({"with_readme": True}, id="the forge made a README", marks=pytest.mark.slow),
    ],
)
def test_first_publish_check_and_guard_from_the_readme_alone(tmp_path: Path, how: dict[str, bool]) -> None:
    ran = typed(tmp_path, **how)
    commands = " ".join(step.command for step, _ in ran)
    assert all(f"signet {word}" in commands for word in ("publish", "check", "deploy-guard", "update-deployment"))
    for step, output in ran:
        assert as_said(output) == as_said(step.output), f"$ {step.command}"


def as_said(output: str) -> str:
    """An output without ids, and without how many files the registry happens to hold."""
    return re.sub(r"\b\d+ files", "FILES", tutorial.normal(output))


def main() -> None:
    """Write what the commands print below them."""
    with tempfile.TemporaryDirectory() as name:
        ran = typed(Path(name))
    README.write_text(tutorial.with_outputs(README.read_text(encoding="utf-8"), [output for _, output in ran]), "utf-8")


if __name__ == "__main__":
    main()
