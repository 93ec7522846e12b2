"""What is owed as a CI matrix: plain texts, blocking first, never more jobs than a system takes."""

from __future__ import annotations

from signet.core.matrix import MOST, matrix
from signet.core.owed import owed
from tests.core.memory import MemoryState


def artifacts(state: MemoryState, service: str, version: str, **places: str) -> None:
    state.manifests[service, version] = state.manifests[service, version]._replace(artifacts=places)


def shop() -> MemoryState:
    state = MemoryState()
    state.version("catalog", "1", spec="s")
    state.version("cart", "1", catalog="c")
    state.version("cart", "2", catalog="c")
    state.deploy("production", "catalog", "1")
    state.deploy("production", "cart", "1", "2")
    artifacts(state, "catalog", "1", image="shop/catalog:1", other="x")
    artifacts(state, "cart", "2", tests="tests/contract")
    return state


def test_a_row_says_what_to_run() -> None:
    state = shop()
    state.fits["c", "s"] = "compatible"
    made = matrix(state, owed(state))
    assert [row["kind"] for row in made.rows] == ["spec", "replay"]
    assert made.rows[1] == {
        "kind": "replay",
        "provider": "catalog",
        "provider_version": "1",
        "consumer": "cart",
        "consumer_version": "2",
        "consumer_versions": "1 2",
        "contract": "c",
        "spec": "",
        "blocking": "false",
        "provider_image": "shop/catalog:1",
        "provider_source": "",
        "provider_tests": "",
        "consumer_image": "",
        "consumer_source": "",
        "consumer_tests": "tests/contract",
    }
    assert made.rows[0]["spec"] == "s"
    assert {type(value) for row in made.rows for value in row.values()} == {str}
    assert all(row.keys() == made.rows[0].keys() for row in made.rows)
    assert (made.cut, made.refused) == (0, ())


def test_what_no_command_would_take_is_left_out() -> None:
    state = shop()
    state.fits["c", "s"] = "compatible"
    artifacts(state, "cart", "2", tests="--collect-only", image="a\nb", source="fine")
    made = matrix(state, owed(state))
    assert (made.rows[1]["consumer_tests"], made.rows[1]["consumer_image"]) == ("", "")
    assert made.rows[1]["consumer_source"] == "fine"
    assert len(made.refused) == 2 and "the artifact tests of cart 2" in " ".join(made.refused)


def test_never_more_jobs_than_a_system_takes_and_the_blocking_ones_first() -> None:
    state = MemoryState()
    for number in range(MOST):
        state.version(f"p{number:03}", "1", spec=f"s{number}")
        state.version(f"c{number:03}", "1", **{f"p{number:03}": f"k{number}"})
        state.deploy("production", f"p{number:03}", "1")
        state.deploy("production", f"c{number:03}", "1")
        state.fits[f"k{number}", f"s{number}"] = "compatible"
    made = matrix(state, owed(state))
    assert (len(made.rows), made.cut) == (MOST, MOST)
    assert {row["blocking"] for row in made.rows} == {"true"}
