"""What the bytes of a tree object list, whole or beside another tree: no repository, no meaning.

A directory that names every service, or every version, is written anew by each commit below it, and differs in one
entry from what it was. So a listing can be made from a known one: what both have at their beginning and at their end is
not looked at again, and costs as much as comparing bytes does.

A tree that readers would not agree about is refused: one with two entries of one name, with names out of git's order,
or with an entry that ``/`` or ``..`` could be mistaken in.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from itertools import accumulate, pairwise
from threading import Lock

from signet.errors import InvalidData

TREE = 0o40000
Part = tuple[bytes, bytes, bytes]
"""Mode, name and id of an entry, as they stand in a tree object."""

MOST_KEPT, MOST_BYTES = 256, 8_000_000
"""So many listings, and so many bytes of trees, are kept at most."""
_PIECE = 1_024
"""Bytes that are compared at once to find where they differ."""
_ENTRY = re.compile(rb"([0-7]{1,6}) ([^\0]+)\0(.{20})", re.DOTALL)


class Listing:
    """The entries of a sound tree object. ``starts`` are the places where they begin in ``content``, and its end;
    ``keys`` are their names as git orders them: with a ``/`` behind that of a directory."""

    __slots__ = ("content", "keys", "starts")

    def __init__(self, content: bytes, starts: list[int], keys: list[bytes]) -> None:
        self.content, self.starts, self.keys = content, starts, keys

    def __len__(self) -> int:
        return len(self.keys)

    def parts(self, first: int = 0, end: int | None = None) -> list[Part]:
        """The entries from one position to another."""
        return _ENTRY.findall(self.content[self.starts[first] : self.starts[len(self) if end is None else end]])

    def named(self, name: bytes) -> Part | None:
        """The entry of a name."""
        if b"/" in name:
            return None
        for key in (name, name + b"/"):
            at = bisect_left(self.keys, key)
            if at < len(self) and self.keys[at] == key:
                return self.parts(at, at + 1)[0]
        return None


class Listings:
    """The listings that were made last, by the ids of their trees: what is new in one difference is old in the next.

    Several handles of one repository may share them, and several threads ask for them.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Listing] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, tree_id: str) -> Listing | None:
        """The listing of a tree, if it is kept."""
        return self._kept.get(tree_id)

    def keep(self, tree_id: str, listing: Listing) -> None:
        """Keep a listing, and let go of the oldest ones where there are too many, or they are too large together."""
        with self._lock:
            if tree_id not in self._kept:
                self._bytes += len(listing.content)
            self._kept[tree_id] = listing
            while len(self._kept) > MOST_KEPT or (self._bytes > MOST_BYTES and len(self._kept) > 1):
                _, gone = self._kept.popitem(last=False)
                self._bytes -= len(gone.content)


def checked(content: bytes, tree_id: str) -> list[Part]:
    """The entries of a tree's bytes; InvalidData, with the id in its message, for a tree that is refused."""
    parts: list[Part] = _ENTRY.findall(content)
    names = [part[1] for part in parts]
    if sum(len(part[0]) for part in parts) + sum(map(len, names)) + 22 * len(parts) != len(content):
        raise InvalidData(f"The directory {tree_id} cannot be read.", remedy="Run 'git fsck' on the registry.")
    keys, known = _keys(parts), set(names)
    if len(known) != len(names) or keys != sorted(keys) or _is_odd(known):
        raise InvalidData(
            f"The directory {tree_id} holds a name twice, a name that is none, or names in a wrong order.",
            remedy="Run 'git fsck' on the registry, and take that commit back.",
        )
    return parts


def listed(content: bytes, tree_id: str) -> Listing:
    """The listing of a tree's bytes, under the same condition."""
    parts = checked(content, tree_id)
    return Listing(content, list(accumulate(map(_length, parts), initial=0)), _keys(parts))


def listed_beside(known: Listing, content: bytes, tree_id: str) -> Listing:
    """The same, from a listing of a tree that it has much in common with."""
    first, tail = _in_common(known, content)
    stop = len(content) - (len(known.content) - known.starts[tail])
    parts = _ENTRY.findall(content[known.starts[first] : stop])
    lengths = [_length(part) for part in parts]
    keys = _keys(parts)
    around = [*known.keys[max(0, first - 1) : first], *keys, *known.keys[tail : tail + 1]]
    is_whole = known.starts[first] + sum(lengths) == stop
    is_rising = all(one < other for one, other in pairwise(around))
    if not is_whole or not is_rising or _is_odd({part[1] for part in parts}):
        return listed(content, tree_id)  # it says what is wrong
    moved = stop - known.starts[tail]
    starts = known.starts[:first]
    starts += accumulate(lengths, initial=known.starts[first])
    starts += [start + moved for start in known.starts[tail + 1 :]]
    found = Listing(content, starts, [*known.keys[:first], *keys, *known.keys[tail:]])
    if any(_is_twice(found.keys, key) for key in keys):
        return listed(content, tree_id)
    return found


def differing(old: Listing, new: Listing) -> tuple[list[Part], list[Part]]:
    """The entries of two listings that are not in both: those of the old one, and those of the new one."""
    first, tail = _in_common(old, new.content)
    moved = len(new.content) - len(old.content)
    end = bisect_left(new.starts, old.starts[tail] + moved)
    while new.starts[end] != old.starts[tail] + moved:  # the end of a longer name can look like an entry
        tail += 1
        end = bisect_left(new.starts, old.starts[tail] + moved)
    left, right = old.parts(first, tail), new.parts(first, end)
    mine, theirs = set(left), set(right)
    return [one for one in left if one not in theirs], [one for one in right if one not in mine]


def _in_common(known: Listing, content: bytes) -> tuple[int, int]:
    """So many first entries are the same in a tree's bytes, and so are those from a position on: where these bytes have
    the end of an entry there, which they need not."""
    old = known.content
    first = bisect_right(known.starts, _equal_first(old, content)) - 1
    begun = known.starts[first]
    behind = _equal_last(old, content, min(len(old), len(content)) - begun)
    return first, max(first, bisect_left(known.starts, len(old) - behind))


def _equal_first(one: bytes, other: bytes) -> int:
    """How many first bytes are the same: halves are compared as memory is, and a last piece as a number."""
    low, high = 0, min(len(one), len(other))
    while high - low > _PIECE:
        middle = (low + high) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle
    apart = int.from_bytes(one[low:high], "big") ^ int.from_bytes(other[low:high], "big")
    return high - (apart.bit_length() + 7) // 8


def _equal_last(one: bytes, other: bytes, most: int) -> int:
    """How many last bytes are the same, of so many."""
    mine, theirs = len(one), len(other)
    low, high = 0, most
    while high - low > _PIECE:
        middle = (low + high) // 2
        if one[mine - middle : mine - low] == other[theirs - middle : theirs - low]:
            low = middle
        else:
            high = middle
    piece, same = one[mine - high : mine - low], other[theirs - high : theirs - low]
    apart = int.from_bytes(piece, "little") ^ int.from_bytes(same, "little")
    return high - (apart.bit_length() + 7) // 8


def _length(part: Part) -> int:
    return len(part[0]) + len(part[1]) + 22


def _keys(parts: list[Part]) -> list[bytes]:
    directories = {mode for mode in {part[0] for part in parts} if int(mode, 8) == TREE}
    if not directories:
        return [part[1] for part in parts]
    return [part[1] + b"/" if part[0] in directories else part[1] for part in parts]


def _is_odd(names: set[bytes]) -> bool:
    return b"." in names or b".." in names or b"/" in b"".join(names)


def _is_twice(keys: list[bytes], key: bytes) -> bool:
    """Is there a directory of a file's name, or a file of a directory's?"""
    other = key[:-1] if key.endswith(b"/") else key + b"/"
    at = bisect_left(keys, other)
    return at < len(keys) and keys[at] == other
