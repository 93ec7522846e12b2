"""A listing made from another tree's is the one made alone, whatever the bytes; and what differs is what git says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signet.errors import InvalidData
from signet.registry.git import trees

ID = "0" * 40
FILE, FOLDER = b"100644", b"40000"


@pytest.fixture(autouse=True, scope="module", params=[4, trees._PIECE])
def piece(request: pytest.FixtureRequest) -> Iterator[None]:
    """Small trees are compared in pieces as large ones are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trees, "_PIECE", request.param)
        yield


modes = st.sampled_from([FILE, FOLDER, b"040000", b"100755", b"120000"])
entry_names = st.sampled_from([b"a", b"b", b"ab", b"a-b", b"a.b", b"a0", b"x100644 a", b"z"]) | st.binary(
    min_size=1, max_size=3
).filter(lambda name: b"\0" not in name and b"/" not in name)
# Ids that hold what looks like the beginning or the end of an entry.
ids = st.sampled_from([b"\x01" * 20, b"100644 a\0" + b"1" * 11, b"\0" * 20, b"0100644 b\0" + b"7" * 10])
contents = st.dictionaries(entry_names, st.tuples(modes, ids), max_size=12)


def written(entries: dict[bytes, tuple[bytes, bytes]]) -> bytes:
    """A tree object with these entries, in git's order."""

    def place(name: bytes) -> bytes:
        return name + b"/" if int(entries[name][0], 8) == trees.TREE else name

    return b"".join(entries[name][0] + b" " + name + b"\0" + entries[name][1] for name in sorted(entries, key=place))


def said(listing: trees.Listing) -> tuple[object, ...]:
    return listing.content, listing.starts, listing.keys, listing.parts()


def alone(content: bytes) -> trees.Listing | None:
    try:
        return trees.listed(content, ID)
    except InvalidData:
        return None


@given(contents, st.binary(max_size=60) | contents.map(written), st.data())
@example({b"a": (FILE, b"1" * 20)}, b"100644 q100644 a\0" + b"1" * 20, None)
def test_a_listing_beside_another_is_the_one_alone(
    known: dict[bytes, tuple[bytes, bytes]], content: bytes, data: st.DataObject | None
) -> None:
    old = alone(written(known))
    if old is None:
        return
    if data is not None and data.draw(st.booleans()):  # the same bytes, but for a piece of them
        at = data.draw(st.integers(0, len(old.content)))
        content = old.content[:at] + content + old.content[at + data.draw(st.integers(0, 30)) :]
    expected = alone(content)
    if expected is None:
        with pytest.raises(InvalidData, match=ID):
            trees.listed_beside(old, content, ID)
    else:
        assert said(trees.listed_beside(old, content, ID)) == said(expected)


@given(contents, contents)
@example({b"a": (FILE, b"1" * 20)}, {b"q100644 a": (FILE, b"1" * 20)})
def test_what_differs_is_what_is_not_in_both(
    old: dict[bytes, tuple[bytes, bytes]], new: dict[bytes, tuple[bytes, bytes]]
) -> None:
    one, other = alone(written(old)), alone(written(new))
    if one is None or other is None:
        return
    gone, come = trees.differing(one, other)
    left, right = set(one.parts()), set(other.parts())
    assert (len(gone), len(come)) == (len(left - right), len(right - left))
    assert (set(gone), set(come)) == (left - right, right - left)


@given(contents)
def test_a_name_is_found_as_it_is_listed(entries: dict[bytes, tuple[bytes, bytes]]) -> None:
    listing = alone(written(entries))
    if listing is None:
        return
    assert {name: (mode, id_) for mode, name, id_ in listing.parts()} == entries
    for name, (mode, id_) in entries.items():
        assert listing.named(name) == (mode, name, id_)
    for name in (b"nobody", b"", b"a/", b"a/b"):
        assert listing.named(name) is None or name in entries


def test_a_file_beside_a_directory_of_its_name_is_refused() -> None:
    first = {b"a": (FILE, b"1" * 20), b"a-b": (FILE, b"2" * 20), b"b": (FILE, b"3" * 20)}
    old = trees.listed(written(first), ID)
    twice = old.content[: old.starts[2]] + b"40000 a\0" + b"4" * 20 + old.content[old.starts[2] :]
    assert twice.count(b" a\0") == 2
    with pytest.raises(InvalidData, match="a name twice"):
        trees.listed(twice, ID)
    with pytest.raises(InvalidData, match="a name twice"):
        trees.listed_beside(old, twice, ID)


def test_an_entry_that_changes_in_a_large_directory_is_all_that_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"service-{number:04}".encode() for number in range(3_000)]
    before = {name: (FOLDER, b"%020d" % (number // 7)) for number, name in enumerate(names)}
    after = before | {names[1234]: (FOLDER, b"%020d" % 9_999)}
    parsed: list[int] = []

    class Counted:
        @staticmethod
        def findall(content: bytes) -> list[trees.Part]:
            found: list[trees.Part] = entry.findall(content)
            parsed.append(len(found))
            return found

    entry = trees._ENTRY
    old = trees.listed(written(before), ID)
    monkeypatch.setattr(trees, "_ENTRY", Counted)
    new = trees.listed_beside(old, written(after), ID)
    gone, come = trees.differing(old, new)
    assert [part[1] for part in gone] == [part[1] for part in come] == [names[1234]]
    assert parsed and max(parsed) == 1
    assert all(one < other for one, other in pairwise(new.starts))


def test_only_so_many_listings_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trees, "MOST_KEPT", 3)
    kept = trees.Listings()
    listing = trees.listed(written({b"a": (FILE, b"1" * 20)}), ID)
    for number in range(5):
        kept.keep(str(number), listing)
    assert [kept.get(str(number)) is not None for number in range(5)] == [False, False, True, True, True]
    monkeypatch.setattr(trees, "MOST_BYTES", len(listing.content))
    kept.keep("5", listing)
    assert kept.get("4") is None and kept.get("5") is listing
