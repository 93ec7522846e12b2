"""A record that is not what it was is found, or says what it said; and no file makes the check end otherwise.

One byte of any file, or one value of a machine's record, is replaced in a commit; what was published must stay as it
is, but for what no rule reads in a result (the tool, its address, its details).
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.whatif import whatif
from signet.errors import InvalidData
from signet.registry import documents, git, layout, record
from signet.registry.check import Checked, check, published
from signet.registry.check.growth import LASTING
from tests.domain import Team
from tests.fuzz import effort

FREE = ("tool", "url", "details")
MODELS: dict[str, type[documents.Record]] = {
    "spec": documents.SpecFile,
    "contract": documents.ContractFile,
    "manifest": documents.ManifestFile,
    "head": documents.HeadFile,
    "spec-test": documents.SpecTestFile,
    "replay": documents.ReplayFile,
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Every kind of record, once or twice."""
    team = Team.founds(tmp_path_factory.mktemp("world") / "registry.git")
    team.spec("catalog", None, "/items")
    team.spec("catalog", "1.0", "/items", branch="main")
    team.tested("catalog", "1.0")
    team.contract("cart", "2.0", "catalog", "/items")
    record.register_version(team.repo, "cart", "2.0", branch="main", artifacts={"image": "x"})
    record.record_replay(team.repo, "catalog", "1.0", passed=True, consumer="cart", consumer_version="2.0", tool="t")
    record.register_service(team.repo, "cart", owners=["me"], main_branch="main")
    for service, version in (("catalog", "1.0"), ("cart", "2.0")):
        team.deploy(service, version)
    return team


def files(team: Team) -> dict[str, bytes]:
    found = {}
    for path in git.changed_paths(team.repo, None, team.head):
        if layout.identity(path) is not None:
            data = team.state.bytes_at(path)
            assert data is not None
            found[path] = data
    return found


def checked(team: Team, path: str, data: bytes) -> Checked:
    """The check of a commit with that file, which ends in findings or in none; and what merging it does."""
    repo = team.repo
    found = check(repo, team.head, git.commit(repo, team.head, {path: data}, "x"))
    if not found.faults:
        whatif(found.before, found.after, published(found))
    check(repo, None, found.revision)
    return found


def says(path: str, data: bytes) -> Any:
    """What a lasting record says, as its readers take it, but for what no rule reads; None for a broken one."""
    try:
        record_ = documents.parse(MODELS[(layout.identity(path) or ("",))[0]], data, path)
    except InvalidData:
        return None
    return {key: one for key, one in record_.written().items() if key not in FREE}


def holds(team: Team, path: str, data: bytes) -> None:
    before = files(team)[path]
    found = checked(team, path, data)
    if data != before and (layout.identity(path) or ("",))[0] in LASTING:
        told = [one for one in found.findings if one.path == path]
        assert told or says(path, data) == says(path, before), (path, data)
    if (layout.identity(path) or ("",))[0] in ("spec", "contract") and data != before:
        assert found.faults


@effort(40)
@given(st.data())
def test_a_byte_that_is_another_one_is_found_or_harmless(world: Team, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(files(world))))
    before = files(world)[path]
    at = data.draw(st.integers(0, len(before) - 1))
    byte = data.draw(st.integers(0, 255) | st.sampled_from([ord(one) for one in '0a1"{}[],: \n']))
    change = data.draw(st.sampled_from(["replace", "insert", "delete"]))
    new = {"replace": bytes([byte]), "insert": bytes([byte]) + before[at : at + 1], "delete": b""}[change]
    holds(world, path, before[:at] + new + before[at + 1 :])


values = st.none() | st.booleans() | st.integers(-1, 3) | st.text(max_size=8) | st.just([]) | st.just({})


@effort(40)
@given(st.data())
def test_a_value_that_is_another_one_is_found_or_harmless(world: Team, data: st.DataObject) -> None:
    records = {path: one for path, one in files(world).items() if path.endswith(".json")}
    path = data.draw(st.sampled_from(sorted(records)))
    value = json.loads(records[path])
    here = value
    while True:
        key = data.draw(st.sampled_from(sorted(here)) if isinstance(here, dict) else st.integers(0, len(here) - 1))
        if not isinstance(here[key], (dict, list)) or not here[key] or data.draw(st.integers(0, 3)) == 0:
            break
        here = here[key]
    if data.draw(st.booleans()):
        here[key] = data.draw(values)
    elif isinstance(here, dict):
        del here[key]
    else:
        here.pop(key)
    holds(world, path, (json.dumps(value, indent=2, sort_keys=True) + "\n").encode())
