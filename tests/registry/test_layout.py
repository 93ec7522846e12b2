"""Path <-> identity: both ways, for every kind, and nothing else has an identity."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.model import names
from signet.registry import layout

DIGEST = "0123456789abcdef" * 4
NAMES = st.from_regex(names.SERVICE, fullmatch=True).filter(lambda text: names.fault_of("service", text) is None)
VERSIONS = st.from_regex(names.VERSION, fullmatch=True).filter(lambda text: names.fault_of("version", text) is None)
DIGESTS = st.text("0123456789abcdef", min_size=64, max_size=64)
IDENTITIES = st.one_of(
    st.just(("registry",)),
    st.tuples(st.just("environment"), NAMES),
    st.tuples(st.just("placement"), NAMES, NAMES),
    st.tuples(st.just("service"), NAMES),
    st.tuples(st.just("agreed-spec"), NAMES),
    st.tuples(st.just("spec"), NAMES, DIGESTS),
    st.tuples(st.just("contract"), NAMES, NAMES, DIGESTS),
    st.tuples(st.just("manifest"), NAMES, VERSIONS),
    st.tuples(st.just("spec-test"), NAMES, VERSIONS),
    st.tuples(st.just("replay"), NAMES, VERSIONS, NAMES, DIGESTS),
)


@given(IDENTITIES)
def test_there_and_back(identity: tuple[str, ...]) -> None:
    short = tuple(layout.short(part) if len(part) == 64 and index > 1 else part for index, part in enumerate(identity))
    assert layout.identity(layout.path(*identity)) == short


@given(NAMES, st.text(min_size=1, max_size=300), NAMES)
def test_a_fixture_is_found_by_its_operation(service: str, operation: str, name: str) -> None:
    try:
        path = layout.path("fixture", service, operation, name)
    except UnicodeEncodeError:
        return
    assert layout.identity(path) == ("fixture", service, layout.segment(operation), name)


@given(st.text(min_size=1, max_size=300))
def test_a_branch_is_one_portable_segment(branch: str) -> None:
    try:
        segment = layout.segment(branch)
    except UnicodeEncodeError:
        return
    assert len(segment.encode()) <= layout.SEGMENT_BYTES
    assert "/" not in segment and not segment.startswith(".")
    assert layout.identity(f"services/cart/branches/{segment}.json") == ("head", "cart", segment)


def test_long_branches_that_begin_alike_stay_apart() -> None:
    long = "feature/" + "x" * 200
    assert layout.segment(long) != layout.segment(long + "y")


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "services/cart",
        "services/cart/comparisons/catalog.json",
        "services/cart/versions/1.0.0.yaml",
        "services/cart/specs/not-a-digest.json",
        "services/cart/verifications/1/catalog.json",
        "services/../versions/1.json",
        "services/.git/service.yaml",
        "services/CON/service.yaml",
        "environments/production/cart.yml",
        "environments/a\nb.yaml",
        "environments/production.yaml/cart.yaml/x",
        f"services/cart/contracts/catalog/{DIGEST}.json",
    ],
)
def test_other_paths_have_no_identity(path: str) -> None:
    assert layout.identity(path) is None


def test_an_unknown_kind_has_no_path() -> None:
    with pytest.raises(LookupError):
        layout.path("comparison", "cart", "catalog")
