"""What is run for trials, and what the results say of a contract at a provider version."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.attempts import Attempt, Tried, attempts, verdicts
from signet.core.trials import Trial
from signet.errors import InvalidData, UsageError


def trial(consumer: str = "cart 1", provider: str = "catalog 1", contract: str = "c", **artifacts: str) -> Trial:
    return Trial(*consumer.split(), *provider.split(), contract, artifacts, artifacts)


def test_places_are_of_the_side_that_a_command_is_of() -> None:
    one = Trial("cart", "1", "catalog", "2", "c", {"image": "of-cart", "tests": "t"}, {"image": "of-catalog"})
    (found,) = attempts([one], ["a", "{image}", "{version}", "{port}"], ["b", "{image}", "{tests}{version}", "{url}"])
    assert found.start == ("a", "of-catalog", "2", "{port}")
    assert found.tests == ("b", "of-cart", "t1", "{url}")
    assert found.missing == ""


def test_equal_runs_are_one_and_others_are_not() -> None:
    two = [trial("cart 1", tests="t"), trial("cart 2", tests="t"), trial("cart 3", tests="u")]
    found = attempts(two, None, ["x", "{tests}"])
    assert [one.versions for one in found] == [("1", "2"), ("3",)]
    assert [one.title for one in found] == ["cart 1, 2 with catalog 1", "cart 3 with catalog 1"]


def test_what_is_not_named_is_missing_and_no_evidence_for_two() -> None:
    found = attempts([trial("cart 1"), trial("web 1", contract="w")], None, ["x", "{tests}", "{source}"])
    assert [one.missing for one in found] == [
        "cart 1 has no artifact source and no tests",
        "web 1 has no artifact source and no tests",
    ]


@pytest.mark.parametrize(
    "trials",
    [
        [trial("cart 1"), trial("web 1")],
        [trial("cart 1"), trial("cart 2", contract="d")],
        [trial(provider="catalog 1"), trial(provider="catalog 2")],
    ],
)
def test_one_program_is_no_evidence_for_two(trials: list[Trial]) -> None:
    with pytest.raises(UsageError, match="The same"):
        attempts(trials, ["a"], ["x"])
    both = ["{consumer}", "{consumer_version}", "{provider_version}"]
    assert len(attempts(trials, both, both)) == 2


def test_every_artifact_that_is_refused_is_told_at_once() -> None:
    with pytest.raises(InvalidData) as caught:
        attempts([trial("cart 1", tests="-x"), trial("web 1", tests="a\nb", image="-y")], None, ["x", "{tests}"])
    assert [(one.file, one.pointer) for one in caught.value.faults] == [
        ("cart 1", "/artifacts/tests"),
        ("web 1", "/artifacts/tests"),
    ]


RESULTS = (True, False, None)


@pytest.mark.parametrize(("first", "second"), list(product(RESULTS, RESULTS)))
def test_all_versions_of_a_contract_decide(first: bool | None, second: bool | None) -> None:
    tried = [
        Tried(Attempt(trial(f"cart {version}"), None, ("x",), (str(version),)), passed, None if passed is None else 1)
        for version, passed in ((1, first), (2, second))
    ]
    found = verdicts(tried)
    if False in (first, second):
        assert [one.passed for one in found] == [False]
        assert len(found[0].consumer_versions) == [first, second].count(False)
    elif None in (first, second):
        assert found == ()
    else:
        assert [(one.passed, one.consumer_versions) for one in found] == [(True, ("1", "2"))]


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["1", "2"]), st.sampled_from(RESULTS))))
def test_a_fact_is_stated_once_and_never_passed_against_a_failure(rows: list[tuple[str, str, bool | None]]) -> None:
    tried = [
        Tried(Attempt(trial(f"cart {at}", f"catalog {version}", contract), None, (), (str(at),)), passed)
        for at, (contract, version, passed) in enumerate(rows)
    ]
    found = verdicts(tried)
    keys = [(one.contract, one.provider_version) for one in found]
    assert len(set(keys)) == len(keys)
    for one in found:
        results = {passed for contract, version, passed in rows if (contract, version) == keys[found.index(one)]}
        assert one.passed == (results == {True})
        assert one.passed or False in results
