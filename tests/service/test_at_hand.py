"""A state that keeps what was worked out from it decides as one that was opened anew, also where files are broken."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from signet.core.guard import MOST_KEPT, decide
from signet.core.model.decision import Candidate, Decision
from signet.errors import SignetError
from signet.registry import git, read
from signet.registry.at_hand import AtHand, NotAtHand
from tests.domain import Team
from tests.service import asking

Question = tuple[tuple[Candidate, ...], str | None, tuple[str, ...]]


def questions(team: Team, seed: int, many: int) -> list[Question]:
    """Candidates of one or several services, known and unknown, anywhere, with and without what is left out."""
    draw = random.Random(seed)
    state = team.state
    versions = [Candidate(one, version) for one in sorted(state.services()) for version in sorted(state.versions(one))]
    versions.append(Candidate("nobody", "1"))
    places = [None, "production", "staging", "nowhere"]
    left_out = ["catalog", "catalog@1", "mail", "never"]
    found = []
    for _ in range(many):
        chosen = tuple(draw.sample(versions, draw.choice([1, 1, 2, 3])))
        found.append((chosen, draw.choice(places), tuple(draw.sample(left_out, draw.choice([0, 0, 1, 3])))))
    return found


def told(state: read.RegistryState, question: Question) -> object:
    """The decision with its evidence, or the refusal."""
    candidates, environment, ignore = question
    try:
        found = decide(state, candidates, environment, ignore=ignore)
    except SignetError as error:
        return str(error)
    return (found.as_json(), [reason.evidence for reason in found.reasons])


def opened(team: Team, commit: str) -> read.RegistryState:
    return read.state_at(git.open_repository(team.location), commit)


BROKEN = {
    "nothing": {},
    "a live manifest": {"services/cart/versions/1.json": b"{"},
    "a live version that nobody knows": {"environments/production/cart.yaml": b'deployed: ["7"]\n'},
    "a placement": {"environments/staging/catalog.yaml": b"deployed: {\n"},
    "a result": {"services/catalog/verifications/1/spec.json": b"{}"},
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_state_that_was_asked_often_decides_as_a_new_one(tmp_path: Path, broken: str) -> None:
    team = asking.shop(tmp_path / "registry")
    commit = team.head
    if BROKEN[broken]:
        commit = git.commit(team.repo, team.head, BROKEN[broken], "broken\n")
        assert git.publish(team.repo, team.head, commit).status == "accepted"
    asked = opened(team, commit)
    answers = set()
    for question in questions(team, 8, 60):
        expected = told(opened(team, commit), question)
        assert told(asked, question) == expected, question
        assert told(asked, question) == expected, question
        answers.add(str(expected))
    assert len(answers) > 10


def test_what_is_at_hand_is_answered_and_what_is_not_is_left_to_others(tmp_path: Path) -> None:
    team = asking.shop(tmp_path / "registry")
    state = team.state
    question = [Candidate("cart", "2")]
    with pytest.raises(NotAtHand):
        decide(AtHand(state), question, "production")
    expected = decide(state, question, "production")
    found: Decision = decide(AtHand(state), question, "production")
    assert found == expected
    assert found.as_text("c") == expected.as_text("c")
    state.derived.clear()
    assert decide(AtHand(state), question, "production") == expected, "files and comparisons are at hand still"


def test_what_is_kept_has_an_end(tmp_path: Path) -> None:
    team = asking.shop(tmp_path / "registry")
    state = team.state
    state.derived.update({("filler", number): None for number in range(MOST_KEPT)})
    expected = decide(team.state, [Candidate("cart", "2")], "production")
    assert decide(state, [Candidate("cart", "2")], "production") == expected
    assert len(state.derived) < 100
