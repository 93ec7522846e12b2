"""The check of a new registry, run step by step in a checkout: for a pull request, in the merge queue, and on push.

The workflow that is run is always that of the base: as a workflow that the forge requires is, which no pull request can
edit (safety: T60). The runner is our own: it fills in expressions, and gives each step its variables and files.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from signet.registry import git, layout
from tests.domain import Team

BIN = Path(sys.executable).parent
WORKFLOW = ".github/workflows/check.yml"
HOSTILE = 'zzz";echo${IFS}pwned>pwned;#`touch pwned`$(touch pwned)'


@dataclass(frozen=True)
class Ran:
    """What a run of the job left."""

    codes: dict[str, int]
    said: str
    summary: str
    comment: dict[str, Any] | None


def value_of(expression: str, event: Mapping[str, Any], sha: str) -> str:
    """An expression of alternatives, as GitHub fills it in: the first that is not empty."""
    inner = re.fullmatch(r"\$\{\{(.+)\}\}", expression, re.DOTALL)
    if inner is None:
        return expression
    for term in inner[1].split("||"):
        words = term.strip().strip("()").split(" && ")
        found: Any = ""
        for word in words:
            is_not = word.startswith("!")
            found = sha if word == "github.sha" else event
            assert word == "''" or word.lstrip("!").startswith(("github.event.", "github.sha")), word
            for key in word.removeprefix("!").removeprefix("github.event.").split(".") if found is event else ():
                found = found.get(key, "") if isinstance(found, Mapping) and word != "''" else ""
            found = not found if is_not else found
            if not found:
                break
        if found:
            return str(found)
    return ""


def runs(workflow: Any, checkout: Path, name: str, event: Mapping[str, Any], sha: str) -> Ran:
    """The steps of the job that are no actions, but for the one that installs signet."""
    job = workflow["jobs"]["check"]
    subprocess.run(["git", "-C", str(checkout), "checkout", "-q", "--detach", sha], check=True)
    codes: dict[str, int] = {}
    said = ""
    summary = checkout.parent / "summary.md"
    summary.write_text("")
    (checkout / "comment.json").unlink(missing_ok=True)
    for step in job["steps"]:
        condition = step.get("if", "success()")
        wanted = {
            "success()": not any(codes.values()),
            "failure()": any(codes.values()),
            "always() && github.event_name == 'pull_request'": name == "pull_request",
        }[condition]
        if "run" not in step or "pip install" in step["run"] or not wanted:
            continue
        given = {**job["env"], **step.get("env", {})}
        variables = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(checkout.parent),
            "SIGNET_CACHE": str(checkout.parent / "cache"),
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": name,
            "GITHUB_HEAD_REF": HOSTILE if name == "pull_request" else "",
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_OUTPUT": str(checkout.parent / "output"),
            **{key: value_of(value, event, sha) for key, value in given.items()},
        }
        shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
        program = [sys.executable, "-c"] if step.get("shell") == "python" else shell
        done = subprocess.run(
            [*program, step["run"]], cwd=checkout, env=variables, capture_output=True, text=True, check=False
        )
        codes[step["run"].splitlines()[0]] = done.returncode
        said += done.stdout + done.stderr
    file = checkout / "comment.json"
    return Ran(codes, said, summary.read_text(), json.loads(file.read_text()) if file.exists() else None)


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """catalog and cart are live in production."""
    team = Team.founds(tmp_path_factory.mktemp("registry") / "registry.git")
    team.spec("catalog", None, "/items", "/prices")
    team.spec("catalog", "1.0.0", "/items", "/prices", branch="main")
    team.tested("catalog", "1.0.0")
    team.deploy("catalog", "1.0.0")
    team.contract("cart", "2.1.0", "catalog", "/items")
    team.deploy("cart", "2.1.0")
    return team


@pytest.fixture
def checkout(team: Team, tmp_path: Path) -> Path:
    """A clone with everything, as the checkout action leaves it."""
    place = tmp_path / "job" / "registry"
    place.parent.mkdir()
    subprocess.run(["git", "clone", "--quiet", team.location, str(place)], check=True, capture_output=True)
    return place


def committed(checkout: Path, files: Mapping[str, bytes], message: str = "a change") -> str:
    """A commit on what is checked out, which is on no branch."""
    for path, data in files.items():
        (checkout / path).parent.mkdir(parents=True, exist_ok=True)
        (checkout / path).write_bytes(data)
    run = ["git", "-C", str(checkout), "-c", "user.name=ann", "-c", "user.email=ann@shop.example"]
    subprocess.run([*run, "checkout", "-q", "--detach"], check=True)
    subprocess.run([*run, "add", "-A"], check=True)
    subprocess.run([*run, "commit", "-qm", message], check=True)
    done = subprocess.run([*run, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def events(base: str, head: str) -> dict[str, dict[str, Any]]:
    """What GitHub says of the same change in a pull request, in the merge queue and on push."""
    return {
        "pull_request": {"pull_request": {"number": 12, "base": {"sha": base}, "head": {"sha": head}}},
        "merge_group": {"merge_group": {"base_sha": base, "head_sha": head}},
        "push": {"before": base, "after": head, "created": False},
    }


def forged(team: Team, checkout: Path) -> dict[str, bytes]:
    """A contract with other content under its old name, and a check that checks nothing any more."""
    manifest = team.state.manifest("cart", "2.1.0")
    assert manifest is not None
    path = layout.path("contract", "cart", "catalog", manifest.contracts["catalog"])
    contract = (checkout / path).read_text()
    harmless = (checkout / WORKFLOW).read_text().replace("signet check", "true")
    return {path: contract.replace("/items", "/prices").encode(), WORKFLOW: harmless.encode()}


def test_a_request_that_edits_its_check_and_forges_a_record_is_red_everywhere(team: Team, checkout: Path) -> None:
    workflow = yaml.safe_load((checkout / WORKFLOW).read_text(encoding="utf-8"))
    head = committed(checkout, forged(team, checkout), message=f"{HOSTILE}\n\n::error::pwned\n@shop/all")
    for name, event in events(team.head, head).items():
        ran = runs(workflow, checkout, name, event, head)
        assert ran.codes["signet check --format markdown"] == 1, (name, ran.said)
        assert "digest" in ran.summary
        assert ran.codes["signet check --format github"] == 1
        assert re.search(r"^::error file=services/cart/contracts/catalog/", ran.said, re.MULTILINE)
        assert "::error::pwned" not in ran.said
        assert (ran.comment is not None) == (name == "pull_request")
        if ran.comment is not None:
            assert (ran.comment["number"], ran.comment["exit-code"]) == (12, 1)
            assert "services/cart/contracts/catalog/" in ran.comment["page"]
    assert not list(checkout.parent.rglob("pwned"))


@pytest.mark.slow
def test_what_is_allowed_is_green_everywhere(team: Team, checkout: Path) -> None:
    workflow = yaml.safe_load((checkout / WORKFLOW).read_text(encoding="utf-8"))
    head = committed(checkout, {"services/cart/service.yaml": b"main_branch: main\n"})
    for name, event in events(team.head, head).items():
        ran = runs(workflow, checkout, name, event, head)
        assert set(ran.codes.values()) == {0}, (name, ran.said)
        assert len(ran.codes) == (2 if name == "pull_request" else 1)
        assert ran.summary.startswith("### signet check: yes (exit code 0)\n\n")
    new = runs(workflow, checkout, "push", {"before": "0" * 40, "created": True}, head)
    assert set(new.codes.values()) == {0}
    assert "whole tree" in new.summary


def test_a_new_registry_passes_its_own_check(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "registry.git")
    done = subprocess.run(
        [str(BIN / "signet"), "check", "--registry", team.location, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["findings"] == []
    assert git.head(team.repo) == team.head
