"""No byte of control gets out of any command, whichever way it came in; and every answer is one of the listed ones.

Each command of the table has an invocation here that works (a new command fails until it has one). Into it come hostile
texts: as the value of an option, by its variable, by ``.signetrc.yaml``, in files, and out of the registry.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from signet.cli import app, boundary
from signet.registry import documents, git, layout
from tests.cli.conftest import Desk, Outcome, desk, everything_in, shelf, shop  # noqa: F401 - fixtures
from tests.cli.test_render import is_harmless
from tests.domain import pact_bytes
from tests.fuzz import effort, strategies
from tests.fuzz.strategies import any_text, hostile_text, wild_text

BASES: dict[str, list[str]] = {
    "init": ["init", "new", "--registry-name", "x"],
    "publish": ["publish", "-n", "cart", "-v", "9", "-b", "main", "-p", "cart-catalog.json"],
    "compare": ["compare", "--spec", "catalog.json", "--contract", "cart-catalog.json"],
    "changes": ["changes", "catalog.json", "catalog@1.0.0", "--fail-on", "none"],
    "record-verification": [
        "record-verification",
        "-n",
        "catalog",
        "-v",
        "1.0.0",
        "--passed",
        "--tool",
        "x",
        "--url",
        "u",
    ],
    "test": ["test", "-n", "catalog", "-v", "1.0.0", "--start", "false {port}", "--only", "replays"],
    "run": [
        *("run", "--consumer", "cart", "--consumer-version", "2.1.0", "--provider", "catalog", "-e", "production"),
        *("--start", "false {port} {version}", "--tests", "true {url}", "--dry-run"),
    ],
    "proxy": [
        *("proxy", "--target", "http://127.0.0.1:9", "-n", "cart", "--provider-name", "catalog"),
        *("--path", "recorded.json", "true"),
    ],
    "mock": [
        *("mock", "catalog=cart-catalog.json", "--latency", "1ms", "--fault", "503:0.1"),
        *("--record", "recorded.json", "--name", "cart"),
    ],
    "start-provider": ["start-provider", "--start", "false {port}", "--url-file", "provider.url"],
    "stop-provider": ["stop-provider", "--url-file", "provider.url"],
    "register-env": ["register-env", "-e", "qa", "--display-name", "x"],
    "register-service": ["register-service", "-n", "new", "--main-branch", "trunk", "--owner", "me", "--alias", "a"],
    "register-version": ["register-version", "-n", "cart", "-v", "8", "-b", "b", "--artifact", "image=x"],
    "update-deployment": ["update-deployment", "-n", "cart", "-v", "2.1.0", "-e", "staging", "--instance", "eu"],
    "record-deployment": ["record-deployment", "-n", "cart", "-v", "2.1.0", "-e", "staging"],
    "promote": ["promote", "catalog", "--from", "production", "--to", "staging"],
    "record-undeployment": ["record-undeployment", "-n", "catalog", "-e", "production"],
    "record-release": ["record-release", "-n", "cart", "-v", "2.1.0", "-e", "production"],
    "record-support-ended": ["record-support-ended", "-n", "cart", "-v", "2.1.0", "-e", "production"],
    "delete-integration": ["delete-integration", "--consumer", "cart", "--provider", "catalog", "--yes"],
    "deploy-guard": ["deploy-guard", "-n", "cart", "-v", "2.1.0", "-e", "production", "--explain"],
    "can-i-deploy": [
        *("can-i-deploy", "-n", "cart", "-v", "2.1.0", "--target", "main-branch"),
        *("--index", "http://127.0.0.1:9"),
    ],
    "owed": ["owed"],
    "impact": ["impact", "catalog.json", "-n", "catalog"],
    "usage": ["usage", "catalog", "GET /items"],
    "check": ["check", "--base", "HEAD~1"],
    "propose-fixtures": ["propose-fixtures", "-n", "catalog", "cart-catalog.json"],
    "fixtures": ["fixtures", "-n", "catalog"],
    "status": ["status"],
    "log": ["log"],
    "events": ["events"],
    "serve": ["serve", "--hook", "github"],
    "deliveries": ["deliveries", "--folder", "service"],
    "doctor": ["doctor"],
    "demo": ["demo", "--keep", "."],
}
"""For each command, one invocation; all but those of ``OTHERWISE`` end with 0."""
OTHERWISE = {"demo": 2, "deliveries": 2, "mock": 3, "proxy": 4, "serve": 2, "start-provider": 4, "test": 4}
"""The demo takes half a minute, a mock, a service or a provider that is healthy would go on running, nothing is there
to record: these end at once."""

UNSETTABLE = ("--wait", "--keep", "--start", "--resolve-command")
"""Options whose values would be waited for, removed or run."""

LISTED = set(boundary.EXIT_CODES) - {boundary.BUG, boundary.INTERRUPTED}


def strict(text: str) -> Any:
    """JSON as a strict reader takes it: no NaN, no key twice, no half of a surrogate pair."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    def never(word: str) -> Any:
        raise AssertionError(word)

    value = json.loads(text, object_pairs_hook=once, parse_constant=never)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def harmless(outcome: Outcome, command: list[str]) -> None:
    """Nothing for a terminal or a runner, and a code that is listed."""
    for line in (*outcome.out.split("\n"), *outcome.err.split("\n")):
        assert is_harmless(line), (command, line)
    assert outcome.code in LISTED, (command, outcome)
    if "--json" in command and outcome.out:
        assert strict(outcome.out)["schema"].startswith("signet.")
        assert outcome.code == 0 or "--help" in command or outcome.out


@pytest.fixture
def fresh(shop: Desk) -> Desk:  # noqa: F811
    """The shop, with a copy of its registry to begin each example with."""
    shutil.copytree(shop.folder / "registry", shop.folder / "kept")
    return shop


def _held(text: str) -> str:
    """As a variable holds it: no NUL, UTF-8."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def restored(desk: Desk) -> Path:  # noqa: F811
    """The registry as it was."""
    registry = desk.folder / "registry"
    shutil.rmtree(registry, ignore_errors=True)
    shutil.copytree(desk.folder / "kept", registry)
    shutil.rmtree(desk.folder / "new", ignore_errors=True)
    (desk.folder / ".signetrc.yaml").unlink(missing_ok=True)
    return registry


def ran(desk: Desk, command: list[str]) -> Outcome:  # noqa: F811
    """Run it; a refusal leaves the registry byte for byte as it was."""
    registry = desk.folder / "registry"
    before = everything_in(registry)
    outcome = desk.signet(*command)
    harmless(outcome, command)
    if outcome.code:
        assert everything_in(registry) == before, command
    return outcome


def test_every_command_has_an_invocation() -> None:
    assert set(BASES) == set(app.COMMANDS)


@pytest.mark.parametrize("name", BASES)
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_the_invocations_work(fresh: Desk, name: str, more: list[str]) -> None:
    if more and name == "demo":
        return
    outcome = ran(fresh, [*BASES[name], *more])
    assert outcome.code == OTHERWISE.get(name, 0), outcome
    assert bool(outcome.out) == (name not in OTHERWISE or bool(more))


def settable(name: str) -> list[tuple[str, str | None]]:
    """Long name and variable of every option of a command that takes a value."""
    found = []
    for param in app.command(name).params:
        long = next((one for one in param.opts if one.startswith("--")), None)
        if long and not param.is_flag and long not in UNSETTABLE:
            found.append((long, param.envvar if isinstance(param.envvar, str) else None))
    return found


texts = st.one_of(
    wild_text,
    hostile_text.map("".join),
    st.sampled_from(
        ["x" * 5000, "a/" * 3000, "nan", "inf", "-1", "9" * 400, "~x", "", " ", "auto", "@", "cart@", "=", "a=\udcff"]
    ),
)


@effort(35)
@given(
    st.sampled_from(sorted(set(BASES) - {"demo"})).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(settable(name)))
    ),
    texts,
    st.sampled_from(["option", "variable", "file"]),
    st.booleans(),
)
@example(("record-verification", ("--tool", None)), "\udcff", "option", True)
@example(("record-verification", ("--spec", None)), "x" * 5000, "option", False)
@example(("record-verification", ("--spec", None)), "a\udcff", "option", True)
@example(("register-version", ("--artifact", None)), "image=\udcff", "option", True)
@example(("register-service", ("--owner", None)), "\udcff", "option", True)
@example(("register-env", ("--display-name", None)), "\ud800", "option", True)
@example(("publish", ("--path", None)), "x" * 5000, "option", False)
@example(("compare", ("--spec", None)), "x" * 5000, "option", True)
@example(("init", ("--registry", None)), "~nobody/x", "option", True)
@example(("doctor", ("--registry", None)), "x" * 5000, "option", True)
@example(("update-deployment", ("--timeout", None)), "nan", "option", True)
def test_whatever_an_option_is_given(
    fresh: Desk, option: tuple[str, tuple[str, str | None]], text: str, way: str, as_json: bool
) -> None:
    restored(fresh)
    name, (long, variable) = option
    command = [*BASES[name], *(["--json"] if as_json else [])]
    with pytest.MonkeyPatch.context() as patch:
        if way == "option":
            command.append(f"{long}={text}".replace("\0", ""))
        elif way == "variable" and variable:
            patch.setenv(variable, _held(text))
        elif way == "file":
            section = {app.ALIASES.get(name, name): {long[2:]: text.encode("utf-8", "replace").decode()}}
            (fresh.folder / ".signetrc.yaml").write_text(yaml.safe_dump(section, allow_unicode=True), encoding="utf-8")
        ran(fresh, command)


VARIABLES = (
    "GITHUB_HEAD_REF",
    "CI_COMMIT_BRANCH",
    "CI_JOB_URL",
    "BUILD_URL",
    "GIT_AUTHOR_NAME",
    "GIT_COMMITTER_EMAIL",
    "SOURCE_DATE_EPOCH",
    "SIGNET_CACHE",
    "SIGNET_PROFILE",
    "SIGNET_TOKEN",
    "NO_COLOR",
    "SIGNET_JSON",
    "HOME",
)


@effort(18)
@given(st.sampled_from(sorted(set(BASES) - {"demo", "init"})), st.sampled_from(VARIABLES), texts)
@example("register-version", "SOURCE_DATE_EPOCH", "999999999999")
def test_whatever_the_environment_says(fresh: Desk, name: str, variable: str, text: str) -> None:
    restored(fresh)
    clean = _held(text)
    if variable in ("SIGNET_CACHE", "HOME") and clean.startswith("/"):
        return
    registry = fresh.folder / "registry"
    before = everything_in(registry)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable, clean)
        outcome = fresh.signet(*BASES[name])
    harmless(outcome, BASES[name])
    assert not outcome.code or everything_in(registry) == before


@effort(18)
@given(
    strategies.documents(b"publish: {name: cart, path: [x]}\nprofiles: {production: {deploy-guard: {wait: 0}}}\n"),
    st.sampled_from(["status", "publish", "deploy-guard", "doctor"]),
    st.booleans(),
)
def test_whatever_the_configuration_says(fresh: Desk, data: bytes, name: str, as_json: bool) -> None:
    restored(fresh)
    if b"wait" in data:
        data = data.replace(b"wait", b"name")
    (fresh.folder / ".signetrc.yaml").write_bytes(data)
    ran(fresh, [*BASES[name], *(["--json"] if as_json else [])])


SPEC = strategies.shop("catalog-1.0.0.openapi.json")[0]
PACT = pact_bytes("cart", "catalog", "/items", "/prices")
FILES = {
    "publish": ["publish", "-n", "cart", "-v", "9", "-b", "x", "-p", "wicked.json"],
    "publish spec": ["publish", "-n", "catalog", "-v", "9", "-b", "x", "-p", "wicked.json"],
    "compare": ["compare", "--spec", "catalog.json", "--contract", "wicked.json"],
    "compare spec": ["compare", "--spec", "wicked.json", "--contract", "cart-catalog.json"],
    "test": ["record-verification", "-n", "catalog", "-v", "9", "--passed", "--spec", "wicked.json"],
    "replay": ["record-verification", "-n", "catalog", "-v", "9", "--failed", "--contract", "wicked.json"],
}


@effort(25)
@given(st.sampled_from(sorted(FILES)), strategies.documents(SPEC) | strategies.documents(PACT), st.booleans())
@example("publish spec", b'{"openapi":"3.0.3","info":{},"paths":{"/a":{"$ref":"a%00b.json"}}}', False)
@example("compare spec", b'{"openapi":"3.0.3","info":{},"paths":{"/a":{"$ref":"' + b"x" * 5000 + b'"}}}', False)
def test_whatever_stands_in_a_file(fresh: Desk, which: str, data: bytes, as_json: bool) -> None:
    restored(fresh)
    (fresh.folder / "wicked.json").write_bytes(data)
    ran(fresh, [*FILES[which], *(["--json"] if as_json else [])])


READING = ("deploy-guard", "can-i-deploy", "owed", "status", "log", "doctor")
GUARDED = ["update-deployment", "-n", "cart", "-v", "2.1.0", "-e", "staging", "--guard"]


@effort(6)
@given(any_text, any_text)
@example("\x1b[2K\u202e\x9b::", "::error::x")
def test_whatever_the_registry_holds(fresh: Desk, one: str, other: str) -> None:
    restored(fresh)
    repo = git.open_repository("registry")
    wicked = f"{one}\n::error::{other}"
    manifest = json.loads(documents.to_json(documents.ManifestFile(service="cart", version="2.1.0")))
    stored = git.entries(repo, git.head(repo) or "", "services/cart/contracts/catalog")[0].name
    contract = json.loads(_read(repo, f"services/cart/contracts/catalog/{stored}"))
    manifest |= {
        "branches": [wicked],
        "build_url": wicked,
        "commit": one,
        "artifacts": {one: other},
        "contracts": {"catalog": contract["digest"]},
    }
    spec_test = json.loads(_read(repo, layout.path("spec-test", "catalog", "1.0.0"))) | {"tool": wicked, "url": one}
    edits = {
        layout.path("manifest", "cart", "2.1.0"): json.dumps(manifest).encode(),
        layout.path("spec-test", "catalog", "1.0.0"): json.dumps(spec_test).encode(),
        layout.path("environment", "production"): yaml.safe_dump({"display_name": wicked}).encode(),
        layout.path("service", "cart"): yaml.safe_dump(
            {"owners": [one], "aliases": [wicked], "repository": one}
        ).encode(),
        layout.path("environment", "odd"): f"{json.dumps(wicked)}: {json.dumps(one)}\n".encode(),
    }
    head = git.head(repo)
    new = git.commit(repo, head, edits, f"{wicked}\n\n{one}\n\nSignet-Event: {other}\n".replace("\0", ""))
    raw = repo.objects.odb.read(new)[1].replace(
        b"author ", b"author " + wicked.replace("\n", "\r").encode() + b" \x1b[1A", 1
    )
    said = str(repo.objects.odb.write(1, raw))
    assert git.publish(repo, head, said).status == "accepted"
    commands = [BASES[name] for name in READING] + [
        GUARDED,
        ["compare", "--spec", "catalog@1.0.0", "--contract", "cart@2.1.0"],
    ]
    for command in commands:
        for more in ([], ["--json"]):
            ran(fresh, [*command, *more])


def _read(repo: git.Repository, path: str) -> bytes:
    found = git.entry(repo, git.head(repo) or "", path)
    assert found is not None
    return git.blob(repo, found.id, 1_000_000)
