"""What git's own check refuses, for one object that came from outside: the rules of ``transfer.fsckObjects``.

Each fault has git's name for it. Pure: bytes in; what the object names, or a fault, out. Signatures, ``.gitmodules``
and other files are not looked into: nothing of a mirror is ever checked out.
"""

from __future__ import annotations

import re
from functools import lru_cache

COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
_PERSON = rb"[^<>\n\0]* <[^<>\n\0]*> (?:0|[1-9]\d{0,18}) [+-]\d{4}\n"
_COMMIT = re.compile(
    rb"tree (?P<tree>[0-9a-f]{40})\n(?P<parents>(?:parent [0-9a-f]{40}\n)*)author " + _PERSON + rb"committer " + _PERSON
)
_DIRECTORY, _MODULE = b"40000", b"160000"
_ENTRY = re.compile(rb"(40000|100644|100755|100664|120000|160000) ([^\0/]+)\0(.{20})", re.DOTALL)
_IGNORED_BY_HFS = dict.fromkeys([*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF])
_NO_OBJECT = b"\0" * 20


class Unsound(Exception):
    """An object is refused; the text is git's name of the fault and what it is about."""


Named = tuple[bytes, int]  # the raw id of an object that another one names, and the kind that it must have


def named_by(kind: int, content: bytes) -> list[Named]:
    """What an object names; Unsound for what git refuses."""
    if kind == COMMIT:
        return _commit(content)
    if kind == TREE:
        return _tree(content)
    if kind != BLOB:
        raise Unsound("an object that no branch needs: a tag, or of no kind")
    return []


def parents_of(content: bytes) -> list[bytes]:
    """The raw ids of the parents in a sound commit."""
    found = _COMMIT.match(content)
    return [bytes.fromhex(line[7:47].decode()) for line in found["parents"].splitlines()] if found else []


def _commit(content: bytes) -> list[Named]:
    found = _COMMIT.match(content)
    if found is None:
        raise Unsound("badCommit: a commit without proper tree, parents, author or committer")
    if b"\0" in content:
        raise Unsound("nulInCommit: a commit with a zero byte")
    tree = (bytes.fromhex(found["tree"].decode()), TREE)
    return [tree, *((parent, COMMIT) for parent in parents_of(content))]


def _tree(content: bytes) -> list[Named]:
    """This runs for every directory of every commit: the usual entry takes one match and two look-ups."""
    named: list[Named] = []
    at, previous, names = 0, b"", set[bytes]()
    while at < len(content):
        entry = _ENTRY.match(content, at)
        if entry is None:
            raise _fault(content, at)
        mode, name, one = entry.groups()
        at = entry.end()
        key = name + b"/" if mode == _DIRECTORY else name
        if name in names:
            raise Unsound(f"duplicateEntries: {_shown(name)} twice in one directory")
        if key <= previous:
            raise Unsound(f"treeNotSorted: {_shown(name)} is out of order")
        if one == _NO_OBJECT:
            raise Unsound(f"nullSha1: {_shown(name)} names no object")
        _check_name(name)
        names.add(name)
        previous = key
        if mode != _MODULE:
            named.append((one, TREE if mode == _DIRECTORY else BLOB))
    return named


def _fault(content: bytes, at: int) -> Unsound:
    """Why there is no proper entry at this place of a tree."""
    space, end = content.find(b" ", at), content.find(b"\0", at)
    if not at < space < end or end + 21 > len(content):
        return Unsound("badTree: a directory that ends within an entry")
    mode, name = content[at:space], content[space + 1 : end]
    if not name:
        return Unsound("emptyName: an entry without a name")
    if b"/" in name:
        return Unsound(f"fullPathname: an entry named {_shown(name)}")
    kind = "zeroPaddedFilemode" if mode.startswith(b"0") else "badFilemode"
    return Unsound(f"{kind}: {_shown(name)} has the mode {_shown(mode)}")


@lru_cache(maxsize=65_536)
def _check_name(name: bytes) -> None:
    if name in (b".", b".."):
        raise Unsound(f"{'hasDot' if name == b'.' else 'hasDotdot'}: an entry named '{_shown(name)}'")
    if _is_dotgit(name):
        raise Unsound(f"hasDotgit: an entry named {_shown(name)}")


def _is_dotgit(name: bytes) -> bool:
    """True for what some file system takes for ``.git``: other case, invisible characters, short names, streams."""
    text = name.decode("utf-8", "replace").translate(_IGNORED_BY_HFS)
    parts = (part.partition(":")[0].rstrip(" .").lower() for part in text.split("\\"))
    return any(part in (".git", "git~1") for part in parts)


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "replace")
