"""The registry that is attacked: a small true one, made by the command line, and what an attacker does to a copy of it.

Trees and commits are written as raw objects, so that they can be what no git program would make.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any

from tests.attack_program import Program
from tests.attack_rows import content
from tests.domain import pact_bytes, spec_bytes

STORY = """
init ../registry.git --bare --registry-name shop
publish -n catalog -v 1.0.0 -b main -p catalog.json
publish -n catalog -p catalog.json
record-verification -n catalog -v 1.0.0 --passed
publish -v 2.1.0 -b main cart.json
register-version -n web -v 1 -b main
update-deployment -n catalog -v 1.0.0 -e production
update-deployment -n cart -v 2.1.0 -e production
update-deployment -n catalog -v 1.0.0 -e staging
"""
"""catalog 1.0.0 and its consumer cart 2.1.0 are live in production; web 1 has neither spec nor contract."""

MODES = {"file": b"100644", "executable": b"100755", "link": b"120000", "submodule": b"160000", "folder": b"40000"}
Tree = dict[bytes, "tuple[bytes, str] | Tree"]


@dataclass
class Base:
    """The true registry: where it is, its files, and the names that rows may use."""

    folder: Path
    files: dict[str, bytes]
    names: dict[str, str]
    listed: bytes

    @property
    def registry(self) -> Path:
        return self.folder / "registry.git"

    @property
    def desk(self) -> Path:
        return self.folder / "desk"


def found(program: Program, folder: Path, environment: Mapping[str, str]) -> Base:
    """Make the true registry in an empty folder."""
    desk = folder / "desk"
    desk.mkdir(parents=True)
    (desk / "catalog.json").write_bytes(spec_bytes("catalog", "/items", "/prices"))
    (desk / "cart.json").write_bytes(pact_bytes("cart", "catalog", "/items"))
    for line in STORY.strip().splitlines():
        ran = program.run(line.split(), desk, {**environment, "SIGNET_REGISTRY": "../registry.git"})
        assert ran.code == 0, (line, ran)
    return standing_in(folder / "registry.git", folder)


def standing_in(registry: Path, folder: Path) -> Base:
    """What a registry holds."""
    listed = _git(registry, "ls-tree", "-r", "-t", "-z", "main")
    paths = [line.partition(b"\t")[2].decode() for line in listed.split(b"\0") if b" blob " in line]
    files = {path: _git(registry, "cat-file", "blob", f"main:{path}") for path in paths}
    files |= {path.name: path.read_bytes() for path in (folder / "desk").iterdir()}
    names = {"spec": json.loads(files["services/catalog/versions/1.0.0.json"])["spec"]}
    names["contract"] = json.loads(files["services/cart/versions/2.1.0.json"])["contracts"]["catalog"]
    names |= {f"{key}16": value[:16] for key, value in list(names.items())}
    names["commit"] = _git(registry, "rev-parse", "main").decode().strip()
    return Base(folder, files, names, listed)


@dataclass
class Forger:
    """Writes raw objects into a bare repository, and moves its branch."""

    registry: Path
    of: Mapping[str, bytes]
    listed: bytes = b""
    _root: Tree = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.listed.split(b"\0"):
            if not line:
                continue
            about, _, path = line.partition(b"\t")
            mode, kind, name = about.split()
            if kind != b"tree":
                self._at(path)[path.rpartition(b"/")[2]] = (mode.lstrip(b"0"), name.decode())

    def put(self, path: str, value: Any) -> None:
        """An ordinary file; None removes what stands there."""
        place = path.encode("utf-8", "surrogateescape")
        name = place.rpartition(b"/")[2]
        if value is None:
            del self._at(place)[name]
        else:
            self._at(place)[name] = (MODES["file"], self.object("blob", content(value, self.of)))

    def odd(self, entries: list[Mapping[str, Any]]) -> str:
        """The root tree, with entries as they are given: any mode, any name, in any place, also twice."""
        return self._tree(self._root, b"", entries)

    def commit(self, tree: str, about: Mapping[str, Any], parent: str) -> str:
        """A commit with the raw lines that are given."""
        person, date = about.get("author", "Eve <eve@example.org>"), about.get("date", "1700000000 +0000")
        lines = [f"tree {tree}", f"parent {parent}", f"author {person} {about.get('author-date', date)}"]
        lines += [f"committer {about.get('committer', person)} {date}", *about.get("headers", [])]
        raw = "\n".join(lines).encode("utf-8", "surrogateescape") + b"\n\n"
        return self.object("commit", raw + content(about.get("message", "x\n"), self.of))

    def object(self, kind: str, data: bytes) -> str:
        """A loose object, whatever is in it."""
        raw = f"{kind} {len(data)}".encode() + b"\0" + data
        name = sha1(raw, usedforsecurity=False).hexdigest()
        path = self.registry / "objects" / name[:2] / name[2:]
        path.parent.mkdir(exist_ok=True)
        if not path.exists():
            path.write_bytes(zlib.compress(raw, 1))
        return name

    def move(self, commit: str) -> None:
        """Let the branch point to any object."""
        (self.registry / "refs" / "heads").mkdir(parents=True, exist_ok=True)
        (self.registry / "refs" / "heads" / "main").write_text(f"{commit}\n")

    def _at(self, path: bytes) -> Tree:
        here = self._root
        for part in path.split(b"/")[:-1]:
            below = here.setdefault(part, {})
            assert isinstance(below, dict), path
            here = below
        return here

    def _tree(self, tree: Tree, path: bytes, odd: list[Mapping[str, Any]]) -> str:
        entries: list[tuple[bytes, bytes, str]] = []
        for name, value in tree.items():
            if isinstance(value, dict):
                entries.append((MODES["folder"], name, self._tree(value, path + name + b"/", odd)))
            else:
                entries.append((value[0], name, value[1]))
        here = [one for one in odd if one.get("in", "").encode() == path.rstrip(b"/")]
        for one in here:
            if one.get("instead"):
                entries = [entry for entry in entries if entry[1] != self._name(one)]
            entries.append((self._mode(one), self._name(one), self._named(one)))
        if not any(one.get("unsorted") for one in here):
            entries.sort(key=lambda entry: entry[1] + (b"/" if entry[0] == MODES["folder"] else b""))
        raw = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(known) for mode, name, known in entries)
        return self.object("tree", raw)

    def _mode(self, one: Mapping[str, Any]) -> bytes:
        return MODES.get(one["mode"], one["mode"].encode())

    def _name(self, one: Mapping[str, Any]) -> bytes:
        return content(one["name"], self.of)

    def _named(self, one: Mapping[str, Any]) -> str:
        """The object that an entry names: given by id, made of ``files``, or of ``content``."""
        if one.get("id"):
            return str(one["id"])
        if one.get("files"):
            forger = Forger(self.registry, self.of)
            for path, value in one["files"].items():
                forger.put(path, value)
            return forger.odd([])
        return self.object("blob", content(one.get("content") or "", self.of))


def copied(base: Base, folder: Path) -> Path:
    """A copy of the true registry, and the files of the desk beside it."""
    shutil.copytree(base.desk, folder / "desk")
    shutil.copytree(base.registry, folder / "registry.git", copy_function=_linked)
    return folder / "registry.git"


def _linked(source: str, target: str) -> None:
    """Objects never change: a second name is a copy."""
    os.link(source, target) if "/objects/" in source else shutil.copy2(source, target)


def served_as(kind: str, registry: Path) -> str:
    """What a command names to reach the registry: the bare repository, a clone of it, or a file URL."""
    if kind == "bare":
        return "../registry.git"
    if kind == "remote":
        return f"file://{registry}"
    clone = registry.parent / "clone"
    if kind == "shallow":
        command = ["git", "clone", "-q", "--depth=1", f"file://{registry}", str(clone)]
        subprocess.run(command, check=True, capture_output=True, env=_clean())
        return "../clone"
    for command, must in ((["clone", "-q", "--no-checkout", str(registry), str(clone)], True), (["checkout"], False)):
        at = clone if clone.exists() else registry.parent
        subprocess.run(["git", *command], cwd=at, check=must, capture_output=True, env=_clean())
    return "../clone"


def standing(folder: Path) -> dict[str, str]:
    """What is in a folder, byte for byte, but for git's objects: those may be more after a refusal."""
    kept = {}
    for root, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if one != "objects"]
        for name in (*names, *(one for one in folders if Path(root, one).is_symlink())):
            path = Path(root, name)
            kept[str(path.relative_to(folder))] = f"-> {path.readlink()}" if path.is_symlink() else sha1_of(path)
    return kept


def sha1_of(path: Path) -> str:
    return sha1(path.read_bytes(), usedforsecurity=False).hexdigest() if path.is_file() else "special"


def tree_of(repository: Path, revision: str = "refs/heads/main") -> str:
    """The id of the tree at a revision."""
    return _git(repository, "rev-parse", f"{revision}^{{tree}}").decode().strip()


def _git(repository: Path, *arguments: str) -> bytes:
    named = repository / ".git" if (repository / ".git").exists() else repository
    return subprocess.run(
        ["git", f"--git-dir={named}", *arguments], check=True, capture_output=True, env=_clean()
    ).stdout


def _clean() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
