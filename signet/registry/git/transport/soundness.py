"""What git's own check refuses, for one object that came from outside: the rules of ``transfer.fsckObjects``.

Each fault has git's name for it. Pure: bytes in; what the object names, or a fault, out. Signatures, ``.gitmodules``
and other files are not looked into: nothing of a mirror is ever checked out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
_PERSON = rb"[^<>\n\0]* <[^<>\n\0]*> (?:0|[1-9]\d{0,18}) [+-]\d{4}\n"
_COMMIT = re.compile(
    rb"tree (?P<tree>[0-9a-f]{40})\n(?P<parents>(?:parent [0-9a-f]{40}\n)*)author " + _PERSON + rb"committer " + _PERSON
)
_DIRECTORY, _LINK, _MODULE = b"40000", b"120000", b"160000"
_MODES = {_DIRECTORY, _LINK, _MODULE, b"100644", b"100755", b"100664"}
_IGNORED_BY_HFS = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])
_NO_OBJECT = b"\0" * 20


class Unsound(Exception):
    """An object is refused; the text is git's name of the fault and what it is about."""


class Named(NamedTuple):
    """One object that another one names; ``kind`` is the one that it must have."""

    id: bytes
    kind: int


def named_by(kind: int, content: bytes) -> Iterator[Named]:
    """What an object names, checked on the way; Unsound for what git refuses. Ids are raw."""
    if kind == COMMIT:
        yield from _commit(content)
    elif kind == TREE:
        yield from _tree(content)
    elif kind != BLOB:
        raise Unsound("an object that no branch needs: a tag, or of no kind")


def parents_of(content: bytes) -> list[bytes]:
    """The raw ids of the parents in a sound commit."""
    found = _COMMIT.match(content)
    return [bytes.fromhex(line[7:47].decode()) for line in found["parents"].splitlines()] if found else []


def _commit(content: bytes) -> Iterator[Named]:
    found = _COMMIT.match(content)
    if found is None:
        raise Unsound("badCommit: a commit without proper tree, parents, author or committer")
    if b"\0" in content:
        raise Unsound("nulInCommit: a commit with a zero byte")
    yield Named(bytes.fromhex(found["tree"].decode()), TREE)
    for parent in parents_of(content):
        yield Named(parent, COMMIT)


def _tree(content: bytes) -> Iterator[Named]:
    at, previous, files = 0, b"", set[bytes]()
    while at < len(content):
        space, end = content.find(b" ", at), content.find(b"\0", at)
        if not at < space < end or end + 21 > len(content):
            raise Unsound("badTree: a directory that ends within an entry")
        mode, name, named = content[at:space], content[space + 1 : end], content[end + 1 : end + 21]
        at = end + 21
        _check_entry(mode, name, named)
        key = name + b"/" if mode == _DIRECTORY else name
        if name in files:
            raise Unsound(f"duplicateEntries: {_shown(name)} twice in one directory")
        if key <= previous:
            raise Unsound(f"treeNotSorted: {_shown(name)} is out of order")
        files.add(name)
        previous = key
        if mode != _MODULE:
            yield Named(named, TREE if mode == _DIRECTORY else BLOB)


def _check_entry(mode: bytes, name: bytes, named: bytes) -> None:
    if mode not in _MODES:
        fault = "zeroPaddedFilemode" if mode.startswith(b"0") else "badFilemode"
        raise Unsound(f"{fault}: {_shown(name)} has the mode {_shown(mode)}")
    if name in (b"", b".", b".."):
        fault = {b"": "emptyName", b".": "hasDot", b"..": "hasDotdot"}[name]
        raise Unsound(f"{fault}: an entry named '{_shown(name)}'")
    if b"/" in name:
        raise Unsound(f"fullPathname: an entry named {_shown(name)}")
    if _is_dotgit(name):
        raise Unsound(f"hasDotgit: an entry named {_shown(name)}")
    if named == _NO_OBJECT:
        raise Unsound(f"nullSha1: {_shown(name)} names no object")


def _is_dotgit(name: bytes) -> bool:
    """True for what some file system takes for ``.git``: other case, invisible characters, short names, streams."""
    text = name.decode("utf-8", "replace").translate(_IGNORED_BY_HFS)
    parts = (part.partition(":")[0].rstrip(" .").lower() for part in text.split("\\"))
    return any(part in (".git", "git~1") for part in parts)


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "replace")
