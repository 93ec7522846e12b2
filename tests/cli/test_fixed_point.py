"""What ``signet test`` makes of a registry settles what ``signet owed`` lists: a fixed point, after any history.

Real registries, random histories; only the provider is made up: it passes or fails as it is drawn.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import event, given
from hypothesis import strategies as st

from signet.cli import evidence
from signet.cli.evidence import Asked, Evidence
from signet.core.guard import decide
from signet.core.live_versions import live_versions
from signet.core.model.decision import Candidate
from signet.core.owed import owed
from signet.errors import SignetError
from signet.live.outcome import Outcome, Problem, Row
from signet.registry import record
from tests.domain import Team, spec_bytes
from tests.fuzz import effort

SERVICES = ("cart", "catalog", "item")
VERSIONS = ("1", "2")
PATHS = ("/a", "/b")
SERVICE, VERSION, PATH = st.sampled_from(SERVICES), st.sampled_from(VERSIONS), st.sampled_from(PATHS)
BRANCH = st.sampled_from(["main", "feature"])
PLACE = st.sampled_from(["staging", "production"])
WAITING = {"provider-unverified", "replay-missing", "spec-missing", "comparison-undecided"}
Step = Callable[[Team], object]

STEPS: st.SearchStrategy[Step] = st.one_of(
    st.builds(lambda s, v, p, b: lambda team: team.spec(s, v, p, branch=b), SERVICE, VERSION, PATH, BRANCH),
    st.builds(lambda s, p: lambda team: team.spec(s, None, data=spec_bytes(s, p)), SERVICE, PATH),
    st.builds(lambda c, v, s, p: lambda team: team.contract(c, v, s, p), SERVICE, VERSION, SERVICE, PATH),
    st.builds(lambda s, v, e: lambda team: team.deploy(s, v, e), SERVICE, VERSION, PLACE),
    st.builds(lambda s, v, e: lambda team: record.release(team.repo, s, v, e), SERVICE, VERSION, PLACE),
    st.builds(lambda s, v, ok: lambda team: team.tested(s, v, ok), SERVICE, VERSION, st.booleans()),
    st.builds(
        lambda s, v, c, w, ok: (
            lambda team: record.record_replay(team.repo, s, v, passed=ok, consumer=c, consumer_version=w, contract=None)
        ),
        *(SERVICE, VERSION, SERVICE, VERSION, st.booleans()),
    ),
)


def outcome(kind: str, passed: bool) -> Outcome:
    """What a provider did."""
    problems = () if passed else (Problem("body-misfit", "it is wrong"),)
    return Outcome("replay" if kind == "replay" else "spec-test", kind, "made up 1", (Row("GET /a", problems, 1, 1),))


@effort(20)
@given(st.lists(STEPS, min_size=3, max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_running_what_is_owed_leaves_nothing_blocking(history: list[Step], results: list[bool]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        team = Team.founds(Path(folder) / "registry")
        for step in history:
            try:
                step(team)
            except SignetError:  # a version that is not known yet, another spec for the same version
                continue
        came = iter(results * 20)
        event(f"{sum(one.blocking for one in owed(team.state))} blocking")
        for provider, version in dict.fromkeys(
            (one.provider, one.provider_version) for one in owed(team.state) if one.blocking
        ):
            choice = evidence.chosen(team.state, provider, version, Asked(has_states=True))
            found = Evidence(
                None if choice.spec is None else (choice.spec, outcome("spec", next(came))),
                [(wanted, outcome("replay", next(came))) for wanted in choice.replays],
            )
            tested, replays, notes = evidence.facts(found, provider, branch=None, url="")
            assert notes == []
            record.record_test(team.repo, provider, version, tested=tested, replays=replays)
        state = team.state
        assert [one for one in owed(state) if one.blocking] == []
        for environment in ("production", "staging", None):
            for service, versions in live_versions(state, environment).items():
                for version in versions:
                    reasons = decide(state, [Candidate(service, version)], environment).reasons
                    waiting = [one for one in reasons if one.code in WAITING and one.provider_version is not None]
                    assert waiting == []
