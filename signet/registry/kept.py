"""Values that are kept in the cache by what they were made of, each in a file of its own; any of them may be gone.

It knows nothing of comparisons. What cannot be believed (another user's, a link, cut off, of another key, not what its
checksum says) counts as not there; what cannot be written is not kept. Neither is an error: whoever asks makes the
value again. That somebody with the same user id lies is not ruled out, here as little as for a mirror.

An entry is a line with the sha256 of the rest, and the key with the value as canonical JSON. It is written beside its
place and renamed, so that processes need no lock and a reader sees all of it or nothing. Entries are spread over 256
folders by the hash of the key; a folder keeps its newest ``MOST`` entries, in at most ``BYTES`` beside small ones.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from signet.core.formats.canonical import dump_read
from signet.registry.faults import reached

MOST = 128
SMALL = 4096
BYTES = MOST * SMALL
LARGEST = BYTES
"""An entry with more bytes is not kept; nor would one be read."""

_READING = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # no link; a pipe does not wait
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


class Kept:
    """The values in one folder of the cache. A value is JSON without decimal numbers, and not null."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._is_safe = False
        self._gave_up = False

    def value(self, key: Sequence[str]) -> Any:
        """What is kept for a key; None where there is nothing that can be believed."""
        return _value(_content(self._path(key)), key) if self._safe() else None

    def keep(self, key: Sequence[str], value: Any) -> None:
        """Keep a value, if that can be done; after a first failure this process does not try again."""
        if self._gave_up:
            return
        try:
            data = _entry(key, value)
        except UnicodeEncodeError:
            return
        if len(data) > LARGEST:
            return
        try:
            if not self._is_safe:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._safe():
                path = self._path(key)
                _write(path, data)
                _prune(path.parent, has_room=len(data) <= SMALL)
        except OSError:
            self._gave_up = True

    def size(self) -> tuple[int, int]:
        """How many entries there are, and how many bytes they have."""
        count, size = 0, 0
        for path in self.folder.glob("*/*") if self._safe() else ():
            with suppress(OSError):
                count, size = count + 1, size + path.lstat().st_size
        return count, size

    def _safe(self) -> bool:
        """Is the folder a real one, of this user, in which nobody else may write?"""
        if not self._is_safe:
            with suppress(OSError):
                about = self.folder.lstat()
                self._is_safe = stat.S_ISDIR(about.st_mode) and not _may_be_anothers(about)
        return self._is_safe

    def _path(self, key: Sequence[str]) -> Path:
        name = sha256(dump_read(list(key)).encode()).hexdigest()
        return self.folder / name[:2] / name[2:]


def _may_be_anothers(about: os.stat_result) -> bool:
    return hasattr(os, "geteuid") and (about.st_uid != os.geteuid() or bool(about.st_mode & 0o022))


def _content(path: Path) -> bytes:
    """The bytes of a regular file of this user; none where it is anything else."""
    try:
        descriptor = os.open(path, _READING)
    except OSError:
        return b""
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or _may_be_anothers(about) or about.st_size > LARGEST:
            return b""
        return os.read(descriptor, about.st_size)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _entry(key: Sequence[str], value: Any) -> bytes:
    told = dump_read({"key": list(key), "value": value}).encode()
    return sha256(told).hexdigest().encode() + b"\n" + told


def _value(data: bytes, key: Sequence[str]) -> Any:
    checksum, _, told = data.partition(b"\n")
    if not told or sha256(told).hexdigest().encode() != checksum:
        return None
    try:
        entry = json.loads(told)
    except (ValueError, RecursionError):
        return None
    is_entry = isinstance(entry, dict) and entry.keys() == {"key", "value"} and entry["key"] == list(key)
    return entry["value"] if is_entry else None


def _write(path: Path, data: bytes) -> None:
    """The file holds nothing, the old bytes or the new ones, whenever this process dies."""
    beside = path.with_name(f".{os.getpid()}-{os.urandom(6).hex()}")
    try:
        with open(_new(beside), "wb") as file:
            file.write(data)
        reached("remembered")
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _new(path: Path) -> int:
    try:
        return os.open(path, _WRITING, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        return os.open(path, _WRITING, 0o600)


def _prune(folder: Path, *, has_room: bool) -> None:
    """Remove the oldest entries beyond what a folder may keep, and with them what killed writers left.

    ``has_room``: what was written is small, so that only the number counts.
    """
    with os.scandir(folder) as entries:
        if has_room and sum(1 for _ in entries) <= MOST:
            return
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                about = entry.stat(follow_symlinks=False)
                found.append((about.st_mtime_ns, entry.name, about.st_size))
    size = sum(one[2] for one in found)
    if len(found) <= MOST and size <= BYTES:
        return
    left = len(found)
    for _, name, own in sorted(found):
        if left <= MOST and size <= BYTES:
            break
        with suppress(OSError):
            (folder / name).unlink()
        left, size = left - 1, size - own
