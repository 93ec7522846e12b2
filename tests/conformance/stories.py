"""The kinds ``guard`` and ``owed``: stories played into a real registry the public way, then the question.

Every event is recorded by the function that the command calls; the answer is read from the tree at the head. One
story in ten goes through the command line as processes instead. Nothing here knows a case: the files say what
happens.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from signet.core.formats import openapi, pact, text
from signet.core.guard import decide
from signet.core.model.decision import Candidate, Decision
from signet.core.owed import owed
from signet.errors import SignetError
from signet.registry import git, read, record
from tests.conformance.outcome import Outcome

Story = dict[str, Any]
PROCESSES = 10  # one story in ten is told to the command line:
LONG = 40  # the first of each ten that has at most so many events, as each event is a process


def run_guard(directory: Path) -> Outcome:
    """All guard stories of a directory."""
    return run(directory, expected_decision, _asked_decision, _decision_by_command)


def run_owed(directory: Path, by_command: bool = True) -> Outcome:
    """All stories about what is owed; some of them told to the command line, too, unless it is said otherwise."""
    return run(directory, _expected_owed, _asked_owed, _owed_by_command if by_command else None)


def run(
    directory: Path,
    expected: Callable[[Story], Any],
    asked: Callable[[git.Repository, Story], Any],
    by_command: Callable[[Path, Story], Any] | None = None,
    sample: int = 1,
) -> Outcome:
    """Play the stories of a directory (every ``sample``-th), ask each its question, and compare.

    Without ``by_command``, none is told to the command line.
    """
    paths = sorted(directory.glob("*.yaml"))[::sample]
    stories = {path: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) for path in paths}
    tens = [paths[at : at + PROCESSES] for at in range(0, len(paths), PROCESSES)]
    short = [[path for path in ten if len(stories[path]["events"]) <= LONG] for ten in tens]
    by_process = {ten[0] for ten in short if ten and by_command is not None}

    def told(path: Path) -> str | None:
        """The line of a story that fails; "" for a disputed one, None for one that passes."""
        story = stories[path]
        if story.get("disputed"):
            return ""
        with tempfile.TemporaryDirectory() as folder:
            registry = _empty_registry(Path(folder) / "registry.git")
            try:
                if by_command is not None and path in by_process:
                    wrong = _play(story, _Commands(registry, Path(folder), story))
                    got = wrong or by_command(registry, story)
                else:
                    wrong = _play(story, _Functions(registry, story))
                    got = wrong or asked(git.open_repository(str(registry)), story)
            except SignetError as error:
                got = {"error": error.code}
        want = expected(story)
        return None if got == want else f"{path.stem}: expected {want}, got {got}"

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        lines = list(pool.map(told, stories))
    failures = [line for line in lines if line]
    return Outcome(failures, passed=lines.count(None), failed=len(failures), skipped=lines.count(""))


def _empty_registry(path: Path) -> Path:
    """A registry that knows no environment and no service."""
    git.create(path, bare=True)
    repo = git.open_repository(str(path))
    first = git.commit(repo, None, {"signet.yaml": b"format: 1\nname: story\n"}, "init\n")
    assert git.publish(repo, None, first).status == "accepted"
    return path


def _play(story: Story, teller: _Functions | _Commands) -> dict[str, Any] | None:
    """Tell all events; what is wrong with their outcome, or None. A refused event must leave the head where it was."""
    for event in story["events"]:
        before = teller.head()
        code = teller.tell(event)
        if code != event.get("error"):
            return {"event": event, "error": code}
        if code is not None and teller.head() != before:
            return {"event": event, "error": "a refused event changed the registry"}
    return None


# --- documents


def contract_document(consumer: str, provider: str, content: str) -> bytes:
    """Contract content ``c``: one interaction, ``GET /c`` answered with 200."""
    interaction = {
        "description": content,
        "request": {"method": "GET", "path": f"/{content}"},
        "response": {"status": 200},
    }
    return json.dumps(
        {
            "consumer": {"name": consumer},
            "provider": {"name": provider},
            "interactions": [interaction],
            "metadata": {"pactSpecification": {"version": "3.0.0"}},
        }
    ).encode()


def spec_document(story: Story, spec: str) -> bytes:
    """Spec ``s``: the paths of exactly the contents that fit it, and ``s`` in its title."""
    fitting = [content for content, specs in story.get("compatible", {}).items() if specs.get(spec)]
    paths = {f"/{content}": {"get": {"responses": {"200": {"description": "ok"}}}} for content in fitting}
    return json.dumps({"openapi": "3.0.3", "info": {"title": spec, "version": "1"}, "paths": paths}).encode()


# --- the functions that the commands call


class _Functions:
    def __init__(self, registry: Path, story: Story) -> None:
        self.repo = git.open_repository(str(registry))
        self.story = story

    def head(self) -> str | None:
        return git.head(self.repo)

    def tell(self, event: dict[str, Any]) -> str | None:
        """Record one event; the code of its refusal, or None."""
        try:
            self._record(event)
        except SignetError as error:
            return error.code
        return None

    def _spec(self, event: dict[str, Any]) -> record.SpecItem:
        data = spec_document(self.story, event["spec"])
        spec = openapi.spec(text.read(data, "openapi.json"))
        return record.SpecItem(spec, data, event["provider"], event.get("version"), event.get("branch"))

    def _contract(self, event: dict[str, Any]) -> Any:
        data = contract_document(event["consumer"], event.get("provider", ""), event["content"])
        return pact.contract(text.read(data, "pact.json"))

    def _record(self, event: dict[str, Any]) -> None:
        repo, get = self.repo, event.get
        passed = get("result") == "pass"
        match event["event"]:
            case "register-environment":
                record.register_environment(repo, event["environment"])
            case "register-service":
                record.register_service(repo, event["service"], main_branch=get("main_branch"))
            case "register-version":
                record.register_version(repo, event["service"], event["version"], branch=get("branch"))
            case "publish-contract":
                record.publish(repo, [record.ContractItem(self._contract(event), event["version"], get("branch"))])
            case "publish-spec":
                record.publish(repo, [self._spec(event)])
            case "verify-spec":
                service, version = event["provider"], event["version"]
                record.record_spec_test(
                    repo, service, version, passed=passed, spec=self._spec(event), branch=get("branch")
                )
            case "replay":
                record.record_replay(
                    repo,
                    event["provider"],
                    event["version"],
                    passed=passed,
                    consumer=event["consumer"],
                    contract=self._contract(event),
                    branch=get("branch"),
                )
            case "deploy":
                record.deploy(repo, event["service"], event["version"], event["environment"], instance=get("instance"))
            case "undeploy":
                record.undeploy(repo, event["service"], event["environment"], instance=get("instance"))
            case "release":
                record.release(repo, event["service"], event["version"], event["environment"])
            case "end-support":
                record.end_support(repo, event["service"], event["version"], event["environment"])
            case "delete-integration":
                record.delete_integration(repo, event["consumer"], event["provider"])
            case other:
                raise ValueError(f"unknown event {other}")


def _asked_decision(repo: git.Repository, story: Story) -> Any:
    return decision(decided(repo, story).as_json())


def decided(repo: git.Repository, story: Story) -> Decision:
    """What ``decide`` says to the question of a story at the head."""
    ask = story["ask"]
    state = read.state_at(repo, git.head(repo))
    others = [Candidate(one["service"], one["version"]) for one in ask.get("with", [])]
    candidates = [Candidate(ask["service"], ask["version"]), *others]
    return decide(state, candidates, ask.get("environment"), ignore=ignored(ask))


def _asked_owed(repo: git.Repository, story: Story) -> Any:
    ask = story["ask"]
    state = read.state_at(repo, git.head(repo))
    found = owed(state, provider=ask["provider"], consumer=ask["consumer"], consumer_version=ask["version"])
    return _replays([one.as_json() for one in found])


def ignored(ask: Story) -> list[str]:
    """What a question leaves out, as ``--ignore`` has it."""
    named = [one if isinstance(one, dict) else {"service": one} for one in ask.get("ignore", [])]
    return [one["service"] + (f"@{one['version']}" if one.get("version") else "") for one in named]


# --- the command line


class _Commands:
    def __init__(self, registry: Path, folder: Path, story: Story) -> None:
        self.registry = registry
        self.folder = folder
        self.story = story

    def head(self) -> str | None:
        return git.head(git.open_repository(str(self.registry)))

    def tell(self, event: dict[str, Any]) -> str | None:
        """Run one command; the code of its refusal, or None."""
        status, answer = signet(self.registry, *self._arguments(event))
        return None if status == 0 else answer.get("code", f"exit {status}")

    def _file(self, name: str, data: bytes) -> str:
        path = self.folder / name
        path.write_bytes(data)
        return str(path)

    def _arguments(self, event: dict[str, Any]) -> list[str]:
        kind = event["event"]
        result = ["--passed" if event.get("result") == "pass" else "--failed"]
        if kind in ("publish-spec", "verify-spec"):
            spec = self._file("openapi.json", spec_document(self.story, event["spec"]))
        if kind in ("publish-contract", "replay"):
            data = contract_document(event["consumer"], event["provider"], event["content"])
            contract = self._file("pact.json", data)
        rest = _options(event, "version", "branch", "environment", "instance", "main_branch")
        match kind:
            case "register-environment":
                return ["register-env", *rest]
            case "register-service" | "register-version":
                return [kind, "--name", event["service"], *rest]
            case "publish-contract":
                return ["publish", "--path", contract, "--name", event["consumer"], *rest]
            case "publish-spec":
                return ["publish", "--path", spec, "--name", event["provider"], *rest]
            case "verify-spec":
                return ["record-verification", "--name", event["provider"], "--spec", spec, *result, *rest]
            case "replay":
                consumer = ["--consumer", event["consumer"], "--contract", contract]
                return ["record-verification", "--name", event["provider"], *consumer, *result, *rest]
            case "deploy":
                return ["update-deployment", "--name", event["service"], *rest]
            case "undeploy":
                return ["update-deployment", "--delete", "--name", event["service"], *rest]
            case "release":
                return ["update-deployment", "--release", "--name", event["service"], *rest]
            case "end-support":
                return ["update-deployment", "--end-support", "--name", event["service"], *rest]
            case "delete-integration":
                names = ["--consumer", event["consumer"], "--provider", event["provider"]]
                return ["delete-integration", *names, "--yes"]
        raise ValueError(f"unknown event {kind}")


def _options(event: dict[str, Any], *keys: str) -> list[str]:
    return [part for key in keys if event.get(key) for part in (f"--{key.replace('_', '-')}", event[key])]


def signet(registry: Path, *arguments: str) -> tuple[int, Any]:
    """Run the command line as a process: its exit code and its JSON answer."""
    command = [sys.executable, "-m", "signet", *arguments, "--registry", str(registry), "--ignore-config", "--json"]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SIGNET_")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=registry.parent, env=clean)
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        return done.returncode, {"code": f"exit {done.returncode}: {done.stderr.strip()}"}


def _decision_by_command(registry: Path, story: Story) -> Any:
    ask = story["ask"]
    where = ["--target", ask["target"]] if "target" in ask else ["--environment", ask["environment"]]
    together = [part for one in ask.get("with", []) for part in ("--with", f"{one['service']}@{one['version']}")]
    left_out = [part for one in ignored(ask) for part in ("--ignore", one)]
    named = ["--name", ask["service"], "--version", ask["version"]]
    status, answer = signet(registry, "deploy-guard", *named, *where, *together, *left_out)
    if "verdict" not in answer:
        return {"error": answer.get("code")}
    if status != {"yes": 0, "no": 1, "unknown": 4}[answer["verdict"]]:
        return {"error": f"exit {status} for {answer['verdict']}"}
    return decision(answer)


def _owed_by_command(registry: Path, story: Story) -> Any:
    ask = story["ask"]
    consumer = ["--consumer", ask["consumer"], "--consumer-version", ask["version"]]
    _status, answer = signet(registry, "owed", *consumer, "--provider", ask["provider"])
    return _replays(answer["owed"]) if "owed" in answer else {"error": answer.get("code")}


# --- answers in one form


def decision(answer: dict[str, Any]) -> dict[str, Any]:
    """A decision as the stories have it."""
    keys = ("code", "consumer", "consumer_version", "provider", "provider_version")
    reasons = [{key: one[key] for key in keys if one.get(key) is not None} for one in answer["reasons"]]
    return {"verdict": answer["verdict"], "reasons": sorted(reasons, key=str)}


def expected_decision(story: Story) -> dict[str, Any]:
    """The decision that a story expects, or the code of its refusal."""
    expect = story["expect"]
    return {"error": expect["error"]} if "error" in expect else decision(expect)


def _replays(entries: list[dict[str, Any]]) -> list[Any]:
    found = [
        {"provider_version": one["provider_version"], "reasons": sorted(one["reasons"], key=str)}
        for one in entries
        if one.get("kind", "replay") == "replay"
    ]
    return sorted(found, key=str)


def _expected_owed(story: Story) -> list[Any]:
    return _replays(story["expect"]["owed"])
