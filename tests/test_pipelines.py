"""The example pipelines: correct by the rules of their makers, and every command and input in them exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from signet.cli.app import COMMANDS, command

ROOT = Path(__file__).parents[1]
PIPELINES = ROOT / "docs" / "examples" / "pipelines"
GITOPS = ROOT / "docs" / "examples" / "gitops"
WORKFLOWS = sorted([*(PIPELINES / "github").glob("*.yml"), *(GITOPS / "github").glob("*.yml")])
JOBS = sorted(GITOPS.glob("*/*.yaml"))
GITLAB = PIPELINES / "gitlab" / ".gitlab-ci.yml"
REGISTRY = PIPELINES / "gitlab" / "registry.gitlab-ci.yml"
JENKINS = PIPELINES / "jenkins" / "Jenkinsfile"
BIN = Path(sys.executable).parent


@pytest.mark.parametrize(
    "tool",
    [
        ("actionlint", *map(str, WORKFLOWS)),
        ("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS)),
        ("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", str(GITLAB)),
        ("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", str(REGISTRY)),
        ("zizmor", "--offline", "--no-progress", *map(str, WORKFLOWS)),
    ],
    ids=lambda tool: f"{tool[0]} {Path(tool[-1]).name}",
)
def test_linters_find_nothing(tool: tuple[str, ...]) -> None:
    done = subprocess.run([str(BIN / tool[0]), *tool[1:]], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """The steps of all jobs of a workflow."""
    for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
        yield from job["steps"]


def lines() -> Iterator[tuple[Path, str]]:
    """Every line of shell in the pipelines that calls signet."""
    for path in WORKFLOWS:
        for step in steps(path):
            for line in step.get("run", "").splitlines():
                yield path, line
    for path in (GITLAB, REGISTRY):
        for job in yaml.safe_load(path.read_text(encoding="utf-8")).values():
            if isinstance(job, dict):
                yield from ((path, line) for line in job.get("script", ()))
    yield from ((JENKINS, line) for line in re.findall(r"sh '([^']+)'", JENKINS.read_text(encoding="utf-8")))


CALLS = [(path, line) for path, line in lines() if line.startswith("signet ")]


@pytest.mark.parametrize(("path", "line"), CALLS, ids=[f"{path.name}-{line.split()[1]}" for path, line in CALLS])
def test_every_command_and_option_exists(path: Path, line: str) -> None:
    words = shlex.split(line.split(" >")[0])
    assert words[1] in COMMANDS, path
    ours = words[2 : words.index("--")] if "--" in words else words[2:]
    known = {option for one in command(words[1]).params for option in one.opts}
    assert {word.partition("=")[0] for word in ours if word.startswith("-")} <= known, path


def test_all_systems_ask_before_they_deploy_and_record_after() -> None:
    for path in (PIPELINES / "github" / "deployment.yml", GITLAB, JENKINS):
        text = path.read_text(encoding="utf-8")
        assert text.index("deploy-guard") < text.index("./deploy.sh") < text.index("update-deployment"), path


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_use_actions_that_exist_with_inputs_that_they_have(path: Path) -> None:
    used = 0
    for step in steps(path):
        assert "${{" not in step.get("run", ""), "no expression in a script"
        found = re.fullmatch(r"shop/signet/actions/([a-z-]+)@[0-9a-f]{40}", step.get("uses", ""))
        if found:
            inputs = yaml.safe_load((ROOT / "actions" / found[1] / "action.yml").read_text(encoding="utf-8"))["inputs"]
            assert set(step.get("with", {})) <= set(inputs)
            required = {name for name, one in inputs.items() if one.get("required")}
            assert required <= set(step.get("with", {}))
            used += 1
    assert used


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_few_rights_and_cancel_no_recording(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in workflow[True]  # "on", as YAML 1.1 reads it
    assert "concurrency" not in workflow
    for job in workflow["jobs"].values():
        assert "concurrency" not in job, "a job that waits is cancelled by the next one, with what it would record"
        assert "timeout-minutes" in job
        if "pull_request" in workflow[True] and "SIGNET_TOKEN" in str(job):
            assert "fork" in job.get("if", "") or job["if"] == "github.event_name == 'push'"


def manifests(path: Path) -> list[Any]:
    """The documents of a file of manifests."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", JOBS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_a_job_in_a_cluster_is_one_command_with_variables_that_it_reads(path: Path) -> None:
    for one in manifests(path):
        assert {"apiVersion", "kind", "metadata"} <= set(one)
        if one["kind"] != "Job":
            continue
        pod = one["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        name, *options = container["args"]
        assert name in ("deploy-guard", "update-deployment")
        params = command(name).params
        assert {word for word in options if word.startswith("-")} <= {word for each in params for word in each.opts}
        known = {variable for each in params for variable in ([each.envvar] if isinstance(each.envvar, str) else [])}
        assert {each["name"] for each in container["env"]} <= known | {"SIGNET_TOKEN", "SIGNET_CACHE"}
        assert all("value" not in each for each in container["env"] if each["name"] == "SIGNET_TOKEN")
        assert container["securityContext"]["runAsNonRoot"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert one["spec"]["activeDeadlineSeconds"]


def test_argo_cd_asks_before_it_applies_and_records_after() -> None:
    hooks = {}
    for name in ("guard", "record"):
        (job,) = manifests(GITOPS / "argocd" / f"{name}.yaml")
        hooks[name] = job["metadata"]["annotations"]["argocd.argoproj.io/hook"]
        assert job["metadata"]["name"], "BeforeHookCreation removes the one of the same name"
    assert hooks == {"guard": "PreSync", "record": "PostSync"}


def test_flux_applies_nothing_before_the_job_has_succeeded() -> None:
    guard, app = manifests(GITOPS / "flux" / "guard.yaml")
    assert guard["spec"]["wait"] is True
    assert app["spec"]["dependsOn"] == [{"name": guard["metadata"]["name"]}]
