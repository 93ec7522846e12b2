"""A pack that arrives from a server, for the transport by dulwich: nothing of it is believed before all is checked.

It is kept in a file of its own until every object in it is sound, every name in it leads to an object that is there,
and the whole fits together; then it appears in the mirror at once, with an index made here. Whatever is wrong with
it, the mirror stays as it is.
"""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Set
from hashlib import sha1
from pathlib import Path
from typing import IO, Any

from dulwich.errors import ApplyDeltaError, ChecksumMismatch
from dulwich.object_format import SHA1
from dulwich.pack import (
    DeltaChainIterator,
    PackData,
    UnpackedObject,
    UnresolvedDeltas,
    unpack_object_at,
    write_pack_index_v2,
)

from signet.registry.git.repository import Repository
from signet.registry.git.transport.limits import LARGEST_OBJECT, Clock
from signet.registry.git.transport.soundness import BLOB, COMMIT, Named, Unsound, named_by

BROKEN = (ApplyDeltaError, ChecksumMismatch, UnresolvedDeltas, zlib.error, AssertionError, ValueError, KeyError)
_DELTAS = (6, 7)
_Indexed = tuple[bytes, int, int]


class Arrival:
    """A pack that comes from a server: written by ``write``, taken over by ``take_over``, gone without it."""

    def __init__(self, repository: Repository, clock: Clock) -> None:
        self._repository, self._clock = repository, clock
        self._folder = repository.git_dir / "objects" / "pack"
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob("tmp_pack_*"):  # by a killed process: only one at a time holds the mirror's lock
            left.unlink(missing_ok=True)
        descriptor, name = tempfile.mkstemp(prefix="tmp_pack_", dir=self._folder)
        self._path, self._file = Path(name), os.fdopen(descriptor, "w+b")

    def __enter__(self) -> Arrival:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def write(self, block: bytes) -> int:
        """Keep what has come."""
        return self._file.write(block)

    def take_over(self, wanted: Set[str], *, boundary: Set[str] = frozenset(), partial: bool = False) -> None:
        """Put the objects into the mirror; Unsound if they, or what they name, are not as they must be.

        All of ``wanted`` must be there then. ``boundary`` are commits whose parents nobody has; in a ``partial``
        mirror, files may be missing.
        """
        self._file.flush()
        entries: list[_Indexed] = []
        found: dict[bytes, int] = {}
        if self._file.tell() > 0:
            try:
                entries, found, named = self._read(frozenset(bytes.fromhex(one) for one in boundary))
            except BROKEN as error:
                raise Unsound(f"badPack: {type(error).__name__} {error}") from None
            self._check_named(found, named, partial)
        store = self._repository.objects
        absent = [one for one in wanted if bytes.fromhex(one) not in found and one not in store]
        if absent:
            raise Unsound(f"the server did not send {absent[0]}")
        if found:
            self._install(entries, partial)

    def _read(self, boundary: Set[bytes]) -> tuple[list[_Indexed], dict[bytes, int], set[Named]]:
        """Every object of the pack, checked: index entries, kinds by id, and what they name."""
        entries: list[_Indexed] = []
        found: dict[bytes, int] = {}
        named: set[Named] = set()
        with PackData(self._path, SHA1, file=self._file) as data:
            data.check()
            for unpacked in _resolved(data, self._clock):
                self._clock.check()
                kind, content = unpacked.obj_type_num or 0, b"".join(unpacked.obj_chunks or [])
                here = bytes(unpacked.sha())
                names = named_by(kind, content)
                at_the_end = kind == COMMIT and here in boundary  # its parents are nowhere; its tree comes first
                named.update(names[:1] if at_the_end else names)
                entries.append((here, unpacked.offset or 0, unpacked.crc32 or 0))
                if here in found:
                    raise Unsound("badPack: one object twice")
                found[here] = kind
        entries.sort()
        return entries, found, named

    def _check_named(self, found: dict[bytes, int], named: Set[Named], partial: bool) -> None:
        """Each name must lead to an object of the right kind: in this pack, or in the mirror since an earlier one."""
        store = self._repository.objects
        for one, kind in named:
            if one in found:
                if found[one] != kind:
                    raise Unsound(f"badTree: {one.hex()} is not of the kind that its entry says")
            elif not (partial and kind == BLOB) and one.hex() not in store:
                raise Unsound(f"missing object {one.hex()}")

    def _install(self, entries: list[_Indexed], partial: bool) -> None:
        """The pack first, then the index: by that, readers find it. One name is always the same bytes."""
        self._file.seek(-20, os.SEEK_END)
        checksum = self._file.read(20)
        name = self._folder / f"pack-{checksum.hex()}"
        if name.with_suffix(".idx").is_file():
            return
        os.fsync(self._file.fileno())
        if partial:
            _written(name.with_suffix(".promisor"), lambda file: None)
        self._path.chmod(0o444)
        self._path.rename(name.with_suffix(".pack"))
        _written(name.with_suffix(".idx"), lambda file: write_pack_index_v2(file, entries, checksum))


class _Chains(DeltaChainIterator[UnpackedObject]):
    _compute_crc32 = True

    def _result(self, unpacked: UnpackedObject) -> UnpackedObject:
        return unpacked


def _resolved(data: PackData, clock: Clock) -> Iterator[UnpackedObject]:
    """The objects of a pack, deltas applied; none may be larger than allowed, and no base may be outside."""
    chains, contents, at = _Chains(None, sha1, object_format=SHA1), data._buffer(), 12
    chains.set_pack_data(data)
    for _ in range(len(data)):
        clock.check()
        _check_size(_number(contents[at : at + 12], 4))
        unpacked, at = _unpacked(contents, at)
        if unpacked.pack_type_num in _DELTAS:
            delta = b"".join(unpacked.decomp_chunks)[:24]
            _check_size(_number(delta[_length(delta) :], 7))
        unpacked.decomp_chunks.clear()
        chains.record(unpacked)
    if at != len(contents) - 20:
        raise Unsound("badPack: something follows the last object")
    yield from chains


def _unpacked(contents: Any, at: int) -> tuple[UnpackedObject, int]:
    """The object at a place, and where the next one is. The error of zlib must be gone before the file is closed."""
    try:
        return unpack_object_at(contents, at, sha1)
    except BROKEN as error:
        fault = f"badPack: {error}"
    raise Unsound(fault)


def _check_size(size: int) -> None:
    if size > LARGEST_OBJECT:
        raise Unsound(f"an object of {size >> 20} MB; {LARGEST_OBJECT >> 20} are allowed")


def _number(head: bytes, first_bits: int) -> int:
    """A number of variable length, least bits first, as a pack's headers and deltas have it."""
    number, shift = 0, 0
    for byte in head[:12]:
        bits = first_bits if shift == 0 else 7
        number |= (byte & ((1 << bits) - 1)) << shift
        shift += bits
        if byte < 0x80:
            break
    return number


def _length(delta: bytes) -> int:
    """How many bytes the first number of a delta takes."""
    return next((at + 1 for at, byte in enumerate(delta[:12]) if byte < 0x80), 12)


def _written(path: Path, write: Callable[[IO[bytes]], Any]) -> None:
    """A file that is there whole or not at all."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix="tmp_idx_", delete=False) as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o444)
    Path(file.name).rename(path)
