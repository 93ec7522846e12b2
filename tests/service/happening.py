"""A registry to which anything happens: pipelines, edits by hand, broken files, merges, and history that is rewritten.

Everything follows from a seed. Commits are made in the object store and the branch is moved as who may force it can.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pygit2

from signet.errors import SignetError
from signet.registry import git
from tests.domain import spec_bytes
from tests.growth import Shape, grown
from tests.growth.story import pipeline

SHAPE = Shape(5, 8)
SERVICES = [f"service-{number:04}" for number in range(SHAPE.services)]
STRANGE = (
    "README.md",
    "services/README.md",
    "services/service-0001/notes.txt",
    "environments/production/.keep",
    "environments/production/service-0001.yml",
    "environments/production/\udcff.yaml",
    "waivers",
    f"environments/staging/{'long' * 50}.yaml",
)
BROKEN = (
    b"",
    b"\x00\xff",
    b"[",
    b"deployed: {",
    b'{"kind": "version"',
    b"format: 99\n",
    b"- a\n- b\n",
    b"a: &a [*a]\n",
)
MESSAGES = (
    "by hand\n",
    "",
    "publish: x\n\nSignet-Event: publish\nSignet-Service: service-0001\n",
    "n" * 5_000 + "\n\nbody\n",
    "nul \0 and \u202e and \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + "\n\nA: b\nA: c\n",
)


class Happening:
    """The registry at a path. ``steps`` counts what happened, ``forks`` how often history was rewritten."""

    def __init__(self, path: Path, seed: int) -> None:
        self.location = str(path)
        self.repo = grown.found(path)
        self.random = random.Random(seed)
        self.forks = 0
        self._time = 1_700_000_000

    @property
    def head(self) -> str:
        found = git.head(self.repo)
        assert found is not None
        return found

    def happens(self) -> str:
        """One more thing; returns the new head."""
        kinds = (self._pipeline, self._edit, self._break, self._remove, self._merge, self._several, self._odd_tree)
        weights = (30, 20, 12, 12, 8, 6, 1)
        rewriting = (self._back, self._squash, self._amend)
        if self.random.random() < 0.06:
            self.forks += 1
            new = self.random.choice(rewriting)()
        else:
            new = self.random.choices(kinds, weights)[0](self.head)
        self.repo.objects.references.create("refs/heads/main", new, force=True)
        return new

    def _pipeline(self, on: str) -> str:
        """A run publishes, tests and deploys."""
        one = pipeline(SHAPE, self.random.randrange(SHAPE.services), self.random.randrange(SHAPE.versions))
        return self._commit(on, dict(grown._files(one, set())))

    def _edit(self, on: str) -> str:
        edits = {}
        for _ in range(self.random.randint(1, 4)):
            service = self.random.choice(SERVICES)
            placed = f"environments/{self.random.choice(('production', 'staging', 'nowhere'))}/{service}.yaml"
            version = f"1.{self.random.randrange(SHAPE.versions)}.0"
            edits |= self.random.choice(
                (
                    {placed: f"deployed: ['{version}']\n".encode()},
                    {placed: f"desired: '{version}'\nreleased: ['1.0.0']\n".encode()},
                    {f"services/{service}/service.yaml": b"owners: ['@%d']\n" % self.random.randrange(5)},
                    {
                        f"services/{service}/service.yaml": self.random.choice(
                            (b"main_branch: next\n", b"external: true\n")
                        )
                    },
                    {f"services/{service}/openapi.yaml": spec_bytes(service, f"/{self.random.randrange(3)}")},
                    {"signet.yaml": b"format: 1\nname: n%d\n" % self.random.randrange(5)},
                    {self.random.choice(STRANGE): b"%d\n" % self.random.randrange(99)},
                    {"environments/nowhere.yaml": b"production: true\n"},
                )
            )
        return self._commit(on, edits)

    def _break(self, on: str) -> str:
        paths = self.paths(on)
        chosen = self.random.sample(paths, min(len(paths), self.random.randint(1, 2)))
        return self._commit(on, {path: self.random.choice(BROKEN) for path in chosen})

    def _remove(self, on: str) -> str:
        paths = self.paths(on)
        chosen = self.random.choice(paths)
        if self.random.random() < 0.2:  # a whole folder
            folder = chosen.rpartition("/")[0] + "/"
            return self._commit(on, {path: None for path in paths if path.startswith(folder) and path != "signet.yaml"})
        broken = [path for path in paths if self.repo.objects[on].tree[path].size < 20]
        return self._commit(on, {path: None for path in (*broken, chosen) if path != "signet.yaml"})

    def _merge(self, on: str) -> str:
        side = self._older(4)
        for _ in range(self.random.randint(1, 3)):
            side = self._pipeline(side)
        tree = self.repo.objects[self._pipeline(on)].tree.id
        return self._written(tree, [on, side])

    def _several(self, on: str) -> str:
        for _ in range(self.random.randint(2, 8)):
            on = self.random.choice((self._pipeline, self._edit, self._break, self._remove))(on)
        return on

    def _odd_tree(self, on: str) -> str:
        """A root that readers would not agree about: ``signet.yaml`` stands there twice."""
        store = self.repo.objects
        raw = store[store[on].tree.id].read_raw()
        end = raw.index(b"signet.yaml") + len(b"signet.yaml") + 21
        at = raw.rindex(b"100644 ", 0, end)
        return self._written(store.write(pygit2.enums.ObjectType.TREE, raw[:end] + raw[at:end] + raw[end:]), [on])

    def _back(self) -> str:
        return self._older(12)

    def _squash(self) -> str:
        return self._written(self.repo.objects[self.head].tree.id, [self._older(15)])

    def _amend(self) -> str:
        """The newest commits again, with other messages."""
        commits = self._line(self.random.randint(1, 6) + 1)
        on = commits.pop()
        for commit in reversed(commits):
            on = self._written(self.repo.objects[commit].tree.id, [on])
        return on

    def _older(self, most: int) -> str:
        return self.random.choice(self._line(most))

    def _line(self, most: int) -> list[str]:
        found = [self.head]
        while len(found) < most and (parents := self.repo.objects[found[-1]].parent_ids):
            found.append(str(parents[0]))
        return found

    def paths(self, on: str) -> list[str]:
        """All files at a commit."""
        found: list[str] = []

        def walk(tree: Any, prefix: str) -> None:
            for one in tree:
                if one.type_str == "tree":
                    walk(one, f"{prefix}{one.name}/")
                else:
                    found.append(prefix + one.name)

        walk(self.repo.objects[on].tree, "")
        return sorted(set(found))

    def _commit(self, on: str, edits: dict[str, bytes | None]) -> str:
        shadowed = {path for path in edits if any(other.startswith(f"{path}/") for other in edits)}
        try:
            made = git.commit(self.repo, on, {path: edits[path] for path in edits.keys() - shadowed}, "x\n")
        except SignetError:  # on a tree that cannot be read, or below what is a file
            return self._written(self.repo.objects[on].tree.id, [on])
        return self._written(self.repo.objects[made].tree.id, [on])

    def _written(self, tree: Any, parents: list[str]) -> str:
        self._time += self.random.choice((60, 60, 60, 0, -3_600, 10**9))
        when = self._time if self.random.random() < 0.98 else self.random.choice((0, 2**62, 253_402_300_800))
        lines = [f"tree {tree}", *(f"parent {one}" for one in parents)]
        who = self.random.choice(("Ann <ann@example.com>", "Böb \x1b[31m <b@x>", " <>", "N" * 3_000 + " <n@x>"))
        lines += [f"author {who} {when} +0000", f"committer {who} {when} -0330"]
        raw = "\n".join(lines) + "\n\n" + self.random.choice(MESSAGES)
        return str(self.repo.objects.write(pygit2.enums.ObjectType.COMMIT, raw.encode("utf-8", "surrogateescape")))
