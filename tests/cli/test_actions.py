"""The composite actions: what they are, by the rules of their makers, and what they do, in a runner of our own.

The runner fills in expressions, gives each step its files and variables, and runs its script with bash, as GitHub's
does; the registry behind is a real remote. Steps that use other actions are not run here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from signet.cli.app import COMMANDS, command
from signet.registry.serve import served
from tests.cli.conftest import Desk
from tests.forge.dialects import DIALECTS
from tests.forge.fake import REPOSITORY, TOKEN, running
from tests.registry.test_git_remote import hook

ROOT = Path(__file__).parents[2]
ACTIONS = {path.parent.name: path for path in sorted((ROOT / "actions").glob("*/action.yml"))}
BIN = Path(sys.executable).parent
HOSTILE = 'zzz";echo${IFS}pwned>pwned;#\n::error::pwned\n`touch pwned`$(touch pwned)'


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@dataclass
class Done:
    """What a run of an action came to."""

    code: int
    said: str
    outputs: dict[str, str]
    summary: str


@dataclass
class Runner:
    """Runs the scripts of composite actions in a folder."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def runs(self, action_name: str, /, **inputs: str) -> Done:
        """Run an action with these inputs (underscores for dashes)."""
        action = read(ACTIONS[action_name])
        given = {key.replace("_", "-"): value for key, value in inputs.items()}
        known = action["inputs"]
        assert set(given) <= set(known)
        assert all(given.get(key) for key, one in known.items() if one.get("required"))
        values = {key: given.get(key, one.get("default", "")) for key, one in known.items()}
        steps: dict[str, dict[str, str]] = {}
        said, summary, code = "", "", 0
        for number, step in enumerate(action["runs"]["steps"]):
            files = {each: self.folder / f".{each}-{number}" for each in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
            for file in (*files.values(), self.folder / ".GITHUB_PATH"):
                file.unlink(missing_ok=True)
                file.touch()
            own = {key: self._filled(value, values, steps) for key, value in step.get("env", {}).items()}
            variables = {
                "PATH": f"{BIN}:{os.environ['PATH']}",
                "HOME": str(self.folder),
                "GITHUB_ACTIONS": "true",
                "GITHUB_ACTION_PATH": str(ACTIONS[action_name].parent),
                "GITHUB_PATH": str(self.folder / ".GITHUB_PATH"),
                "RUNNER_TEMP": str(self.folder / "runner-temp"),
                "SIGNET_CACHE": os.environ.get("SIGNET_CACHE", str(self.folder / "cache")),
                **{key: str(file) for key, file in files.items()},
                **self.variables,
                **own,
            }
            (self.folder / "runner-temp").mkdir(exist_ok=True)
            script = self.folder / f".script-{number}.sh"
            script.write_text(step["run"], encoding="utf-8")
            assert step["shell"] == "bash"
            words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
            done = subprocess.run(
                words, cwd=self.folder, env=variables, capture_output=True, text=True, check=False, timeout=300
            )
            said += done.stdout + done.stderr
            code = code or done.returncode
            summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
            steps[step.get("id", "")] = _outputs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))
        outputs = {key: self._filled(one["value"], values, steps) for key, one in action["outputs"].items()}
        return Done(code, said, outputs, summary)

    def _filled(self, text: str, inputs: Mapping[str, str], steps: Mapping[str, Mapping[str, str]]) -> str:
        def value(found: re.Match[str]) -> str:
            for term in found[1].split("||"):
                kind, _, rest = term.strip().partition(".")
                if kind == "inputs":
                    said = inputs[rest]
                elif kind == "env":
                    said = self.variables.get(rest, "")
                else:
                    assert kind == "steps", term
                    step, _, output = rest.partition(".outputs.")
                    said = steps[step].get(output, "")
                if said:
                    return said
            return ""

        return re.sub(r"\$\{\{ (.+?) \}\}", value, str(text))


def _outputs(text: str) -> dict[str, str]:
    assert "<<" not in text
    return dict(line.split("=", 1) for line in text.splitlines())


# --- what they are ---------------------------------------------------------------------------------------------------


def test_there_is_an_action_for_each_step_of_a_pipeline() -> None:
    assert {"setup", "publish", "test", "deploy-guard", "update-deployment", "check", "proxy"} <= set(ACTIONS)


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_one_command_and_no_expression_reaches_a_shell(name: str) -> None:
    action = read(ACTIONS[name])
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert "uses" not in step or re.search(r"@[0-9a-f]{40}\b", step["uses"])
    (step,) = action["runs"]["steps"]
    if name == "setup":
        return
    words = step["run"].split()
    assert words[:2] == ["signet", name]
    assert name in COMMANDS
    known = {variable for one in command(name).params for variable in _variables(one.envvar)}
    for variable in step["env"]:
        assert variable in known | {"SIGNET_JOB", "SIGNET_TOKEN", "TESTS"}, f"{variable} is no option of {name}"


def _variables(named: Any) -> tuple[str, ...]:
    return (named,) if isinstance(named, str) else tuple(named or ())


@pytest.mark.parametrize(
    "tool",
    [
        ("check-jsonschema", "--builtin-schema", "vendor.github-actions", *map(str, ACTIONS.values())),
        ("zizmor", "--offline", "--no-progress", "--persona", "pedantic", str(ROOT / "actions")),
    ],
    ids=lambda tool: tool[0],
)
def test_linters_find_nothing(tool: tuple[str, ...]) -> None:
    done = subprocess.run([str(BIN / tool[0]), *tool[1:]], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


# --- what they do ----------------------------------------------------------------------------------------------------


@pytest.fixture
def runner(shop: Desk) -> Iterator[Runner]:
    """A job in a checkout, with a registry behind a real remote: the one of the shop."""
    with served(shop.folder / "registry") as url:
        yield Runner(shop.folder, {"SIGNET_REGISTRY": url, "GIT_TERMINAL_PROMPT": "0"})


def test_publish_guard_and_deploy_as_a_pipeline_does(runner: Runner) -> None:
    published = runner.runs("publish", path="cart-catalog.json", version="9.0.0", branch="main")
    assert published.outputs == {"answer": "yes", "exit-code": "0"}, published.said
    assert published.summary.startswith("### signet publish: yes (exit code 0)\n\n```text\n")
    assert "\npublish: cart 9.0.0 (contract with catalog)" in published.summary
    asked = runner.runs("deploy-guard", name="cart", version="9.0.0", environment="production")
    assert asked.outputs["answer"] in ("yes", "undecided"), asked.said
    recorded = runner.runs("update-deployment", name="cart", version="9.0.0", environment="staging")
    assert recorded.code == 0, recorded.said
    again = runner.runs("publish", path="cart-catalog.json", version="9.0.0", branch="main")
    assert again.code == 0
    assert "nothing to change" in again.said


@pytest.mark.parametrize(
    ("action", "inputs", "title"),
    [
        ("publish", {"path": "cart-catalog.json", "version": "9.2.0", "branch": "main"}, "publish: cart 9.2.0"),
        pytest.param(
            "update-deployment",
            {"name": "cart", "version": "2.1.0", "environment": "staging", "instance": "eu"},
            "deploy: cart 2.1.0 to staging",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_pull_request_in_the_place_of_a_commit(shop: Desk, action: str, inputs: dict[str, str], title: str) -> None:
    """At a forge the registry stays as it is; without a token nothing is pushed at all."""
    folder = shop.folder / "forge"
    (folder / REPOSITORY).parent.mkdir(parents=True)
    (shop.folder / "registry").rename(folder / f"{REPOSITORY}.git")
    forge = DIALECTS["github"](folder)
    refs = ["git", "-C", str(forge.bare), "for-each-ref", "--format=%(objectname) %(refname)"]
    before = subprocess.run(refs, capture_output=True, text=True, check=True).stdout
    with running(forge) as url:
        runner = Runner(shop.folder, {"SIGNET_REGISTRY": url, "SIGNET_FORGE": "github", "GIT_TERMINAL_PROMPT": "0"})
        refused = runner.runs(action, **inputs, pull_request="true")
        assert refused.outputs["answer"] == "wrong-use" and "There is no token" in refused.summary
        assert subprocess.run(refs, capture_output=True, text=True, check=True).stdout == before
        for status in ("opened", "unchanged"):
            done = runner.runs(action, **inputs, pull_request="true", token=TOKEN)
            assert (done.code, done.outputs["answer"]) == (0, "yes"), done.said
            assert f"pull request {status}: {forge.url}/{REPOSITORY}/" in done.summary
            assert TOKEN not in done.said + done.summary
    (pull,) = forge.pulls
    assert pull.title.startswith(title)
    assert before in subprocess.run(refs, capture_output=True, text=True, check=True).stdout, "main did not move"


def test_no_and_unknown_fail_the_step_and_say_which(runner: Runner) -> None:
    wants_more = (runner.folder / "cart-catalog.json").read_text().replace("/items", "/no-such-path")
    (runner.folder / "more.json").write_text(wants_more)
    assert runner.runs("publish", path="more.json", version="9.1.0", branch="topic").code == 0
    no = runner.runs("deploy-guard", name="cart", version="9.1.0", environment="production")
    assert (no.code, no.outputs) == (1, {"answer": "no", "exit-code": "1"}), no.said
    assert "::error title=signet deploy-guard%3A no::" in no.said
    assert "contract-incompatible" in no.summary


def test_what_is_not_tested_is_unknown(runner: Runner) -> None:
    assert runner.runs("update-deployment", name="cart", version="2.1.0", environment="production").code == 0
    assert runner.runs("publish", path="catalog.json", name="catalog", version="7.0.0", branch="topic").code == 0
    unknown = runner.runs("deploy-guard", name="catalog", version="7.0.0", environment="production")
    assert (unknown.code, unknown.outputs["answer"]) == (4, "undecided"), unknown.said


def test_a_refused_push_has_its_own_answer(runner: Runner) -> None:
    hook(runner.folder / "registry", "pre-receive", "echo 'not you' >&2; exit 1")
    refused = runner.runs("update-deployment", name="cart", version="2.1.0", environment="staging", instance="eu")
    assert (refused.code, refused.outputs["answer"]) == (5, "push-refused"), refused.said
    refused = runner.runs("publish", path="cart-catalog.json", version="9.3.0", branch="main")
    assert (refused.code, refused.outputs["answer"]) == (5, "push-refused"), refused.said


def test_an_input_goes_before_the_variable_of_the_job(runner: Runner) -> None:
    asked = {"name": "cart", "version": "2.1.0", "environment": "production"}
    for action, inputs in (("deploy-guard", asked), ("check", {"base": "main~1", "revision": "main"})):
        gone = runner.runs(action, **inputs, registry="http://127.0.0.1:9/x")
        assert (gone.code, gone.outputs["answer"]) == (4, "undecided")
        assert "127.0.0.1:9" in gone.said


@pytest.mark.parametrize("name", [one for one in ACTIONS if one not in ("setup", "proxy")])
def test_hostile_inputs_stay_text(runner: Runner, name: str) -> None:
    inputs = {key.replace("-", "_"): HOSTILE for key in read(ACTIONS[name])["inputs"] if key != "registry"}
    done = runner.runs(name, **inputs)
    assert done.code != 0
    assert not list(runner.folder.rglob("pwned"))
    assert re.fullmatch(r"[a-z-]+", done.outputs["answer"])
    assert [line for line in done.said.splitlines() if line.startswith("::")] == [
        line for line in done.said.splitlines() if line.startswith("::error title=signet")
    ]


def test_a_change_of_the_registry_is_checked_with_a_page(runner: Runner) -> None:
    """The agreed spec loses what cart, in production, reads: the page says so, and the step fails."""
    assert runner.runs("publish", path="catalog.json", name="catalog", version="7.0.0", branch="main").code == 0
    assert runner.runs("update-deployment", name="cart", version="2.1.0", environment="production").code == 0
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", "checkout"]
    subprocess.run(["git", "clone", "-q", "registry", "checkout"], cwd=runner.folder, check=True)
    spec = runner.folder / "checkout" / "services" / "catalog" / "openapi.yaml"
    given = yaml.safe_load((runner.folder / "catalog.json").read_text())
    for number, paths in enumerate([given["paths"], {"/other": {"get": {"responses": {"200": {"description": ""}}}}}]):
        spec.write_text(json.dumps({**given, "paths": paths}))
        for words in (["switch", "-qc", f"topic-{number}"], ["add", "-A"], ["commit", "-qm", f"no. {number}"]):
            subprocess.run([*git, *words], cwd=runner.folder, check=True)
    base = {"registry": "checkout", "base": "topic-0"}
    same = runner.runs("check", **base, revision="topic-0")
    assert (same.code, same.outputs["answer"]) == (0, "yes"), same.said
    red = runner.runs("check", **base, revision="topic-1")
    assert (red.code, red.outputs["answer"]) == (1, "no"), red.said
    assert "production" in red.summary
    assert "cart 2.1.0" in red.summary.replace("\\", "")
    assert "```text" not in red.summary, "the page itself"


class Provider(BaseHTTPRequestHandler):
    """Answers everything with one item."""

    def do_GET(self) -> None:
        body = b'{"price": 7}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def test_a_recording_of_a_job(runner: Runner) -> None:
    """The tests get the proxy's URL; what they ask is recorded if they pass, and their failure is the step's."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        target = f"http://127.0.0.1:{provider.server_port}"
        inputs = {"target": target, "name": "cart", "provider_name": "catalog", "variable": "CATALOG\nOTHER"}
        fetch = "import os, urllib.request as u; u.urlopen(os.environ['OTHER'] + '/items')"
        script = f'test "$CATALOG" = "$OTHER"\npython -c "{fetch}"'
        done = runner.runs("proxy", **inputs, command=script)
        assert (done.code, done.outputs["answer"]) == (0, "yes"), done.said
        contract = json.loads((runner.folder / "pacts" / "cart-catalog.json").read_text())
        assert [one["description"] for one in contract["interactions"]] == ["GET /items answers 200"]
        failed = runner.runs("proxy", **inputs, path="other.json", command=f"{script}\nexit 7")
        provider.shutdown()
    assert (failed.code, failed.outputs["exit-code"]) == (7, "7")
    assert not (runner.folder / "other.json").exists()


@pytest.mark.slow
def test_a_provider_passes_fails_is_not_there_or_may_not_be_recorded(runner: Runner) -> None:
    """All four answers of the action that tests; what passed or failed is in the registry, the rest is not."""
    for version, kind in {"1.0.0": "integer", "2.0.0": "string"}.items():
        schema = {"type": "object", "required": ["price"], "properties": {"price": {"type": kind}}}
        answer = {"description": "an item", "content": {"application/json": {"schema": schema}}}
        paths = {"/items": {"get": {"responses": {"200": answer}}}}
        document = {"openapi": "3.0.3", "info": {"title": "stock", "version": "1"}, "paths": paths}
        (runner.folder / "stock.json").write_text(json.dumps(document))
        assert runner.runs("publish", path="stock.json", name="stock", version=version, branch="main").code == 0
    runner.variables |= {"SIGNET_PHASE": "coverage", "SIGNET_EXAMPLES": "2"}
    refs = ["git", "-C", str(runner.folder / "registry"), "rev-parse", "HEAD"]
    heads = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as provider:
        threading.Thread(target=provider.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{provider.server_port}"
        told = [("1.0.0", url, "yes"), ("2.0.0", url, "no"), ("1.0.0", "http://127.0.0.1:9", "undecided")]
        for version, place, expected in told:
            done = runner.runs("test", name="stock", version=version, provider_url=place, seed="1", junit="report.xml")
            assert done.outputs["answer"] == expected, done.said
            heads.append(subprocess.run(refs, capture_output=True, text=True, check=True).stdout)
        hook(runner.folder / "registry", "pre-receive", "echo 'not you' >&2; exit 1")
        refused = runner.runs("test", name="stock", version="2.0.0", provider_url=url, seed="2")
        provider.shutdown()
    assert (refused.code, refused.outputs["answer"]) == (5, "push-refused"), refused.said
    assert heads[0] != heads[1] == heads[2]
    assert "<testsuites" in (runner.folder / "report.xml").read_text()


@pytest.mark.slow
def test_setup_installs_the_command_for_later_steps(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    done = runner.runs("setup")
    assert done.code == 0, done.said
    (place,) = (tmp_path / ".GITHUB_PATH").read_text().split()
    shown = subprocess.run([f"{place}/signet", "--version"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert shown.stdout.strip() == f"signet {done.outputs['version']}"
    assert subprocess.run([f"{place}/signet", "init", "registry"], cwd=tmp_path, check=False).returncode == 0
    assert shutil.which("signet", path=place)


LOCKS = {name: ROOT / "actions" / "setup" / name for name in ("locked.txt", "locked-extras.txt")}


def locked(path: Path) -> dict[str, tuple[str, list[str]]]:
    """By package, its version and its hashes."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    assert "://" not in text and "--index" not in text and "--find" not in text, "whoever installs says from where"
    found = {}
    for line in text.splitlines():
        said = re.fullmatch(r"([a-z0-9-]+)==([0-9a-z.]+)(?: ; [^#]+?)?((?: +--hash=sha256:[0-9a-f]{64})+) *", line)
        assert said, line
        found[said[1]] = (said[2], re.findall(r"[0-9a-f]{64}", said[3]))
    return found


def test_what_setup_installs_is_held_against_hashes() -> None:
    """T61: all that pyproject.toml asks for, in a version that it takes, and the same in both files."""
    core, extras = (locked(path) for path in LOCKS.values())
    assert {name: core[name] for name in core} == {name: extras[name] for name in core}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    optional = project["project"]["optional-dependencies"]
    asked = {
        "locked.txt": project["project"]["dependencies"] + project["build-system"]["requires"],
        "locked-extras.txt": [one for name in ("test", "pact", "mock", "proxy") for one in optional[name]],
    }
    for name, texts in asked.items():
        known = locked(LOCKS[name])
        for wanted in map(Requirement, texts):
            if not wanted.name.startswith("signet"):
                assert wanted.specifier.contains(known[canonicalize_name(wanted.name)][0]), wanted


@pytest.mark.slow
def test_setup_installs_nothing_that_is_not_what_was_chosen(tmp_path: Path) -> None:
    action = tmp_path / "actions" / "setup"
    shutil.copytree(ROOT / "actions" / "setup", action)
    (action / "locked.txt").write_text(f"idna=={locked(LOCKS['locked.txt'])['idna'][0]} --hash=sha256:{'0' * 64}\n")
    paths = {name: tmp_path / name for name in ("GITHUB_PATH", "GITHUB_OUTPUT")}
    variables = {"GITHUB_ACTION_PATH": action, "RUNNER_TEMP": tmp_path, **paths}
    done = subprocess.run(
        ["bash", str(action / "install.sh")],
        env={**os.environ, **{name: str(path) for name, path in variables.items()}},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode != 0 and "DO NOT MATCH THE HASHES" in done.stderr, done.stderr
    assert not any(path.exists() for path in paths.values()), "later steps have no signet"


@pytest.mark.parametrize(("key", "value"), [("version", "1; touch pwned"), ("extras", "test]; touch pwned; [")])
def test_setup_refuses_what_is_no_version(tmp_path: Path, key: str, value: str) -> None:
    done = Runner(tmp_path).runs("setup", **{key: value})
    assert done.code == 2
    assert not list(tmp_path.rglob("pwned"))
