"""History: commits in first-parent order, the commit that a user means, and which paths differ between two commits.

Commits are read as they are: no mail map, no replacements, no trust in dates. Where a shallow mirror ends, the rest is
fetched; a user's own shallow clone, and a shallow mirror offline, refuse with ShallowClone.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from signet.errors import BeforeHistory, InvalidData, RegistryUnreachable, ShallowClone, UsageError
from signet.registry.git import objects, program
from signet.registry.git.repository import Repository, head, refresh

_PERSON = re.compile(r"(.*?) ?<([^<>]*)>?(?: +(-?\d+))?(?: +([+-]\d{1,4})(?!\d))?.*\Z", re.DOTALL)
MAX_ENTRIES = 1_000_000
_TRAILER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*) *: *(.*)\Z")


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One commit. ``time`` is the committer's, in seconds since the epoch as written, ``offset`` in minutes from UTC.

    ``body`` is the message below the subject, with the trailers; a trailer that occurs twice has its last value.
    """

    commit: str
    parents: tuple[str, ...]
    author: str
    email: str
    time: int
    offset: int
    subject: str
    body: str
    trailers: dict[str, str] = field(hash=False)


def log(repository: Repository, commit: str, *, path: str | None = None) -> Iterator[LogEntry]:
    """Commits from ``commit`` back along first parents; with ``path``, those that changed what stands there."""
    here = _Standing(repository, path)
    ends = boundary(repository)
    tree, current = _read(repository, commit)
    while True:
        if path is None:
            yield current  # before a shallow mirror is deepened for the next one
        if current.commit in ends and current.parents:
            _deepen(repository)
            ends = boundary(repository)
        parent_tree, parent = _read(repository, current.parents[0]) if current.parents else (None, None)
        if path is not None and here.differs(tree, parent_tree):
            yield current
        if parent is None or parent_tree is None:
            return
        tree, current = parent_tree, parent


def read_commit(repository: Repository, commit: str) -> LogEntry:
    """One commit by its id."""
    return _read(repository, commit)[1]


def _read(repository: Repository, commit: str) -> tuple[str, LogEntry]:
    """The id of a commit's root directory, and the commit."""
    raw = objects.raw_commit(repository, commit)
    head_part, _, message = raw.decode("utf-8", "replace").partition("\n\n")
    parents: list[str] = []
    people: dict[str, str] = {}
    for line in head_part.split("\n"):
        key, _, value = line.partition(" ")
        if key == "parent":
            parents.append(value)
        elif key in ("author", "committer"):
            people.setdefault(key, value)
    author, email, _, _ = _person(people.get("author", ""))
    _, _, time, offset = _person(people.get("committer", ""))
    subject, _, body = message.strip("\n").partition("\n")
    text = body.strip("\n")
    entry = LogEntry(commit, tuple(parents), author, email, time, offset, subject, text, _trailers(text))
    return objects.tree_named_in(raw, commit), entry


def resolve(repository: Repository, revision: str) -> str:
    """The commit that a user means.

    ``HEAD`` or the branch's name; ``HEAD~3``, so many commits before it in first-parent order; a commit id of at least
    four digits; or an ISO date or date-time (UTC where it has no offset; a date alone is its last second): the last
    commit of the branch that was in place then. For that, a commit's time is its committer date, unless it does not
    fit the order of history: then the time of the commit before it counts (what fits is the longest sequence of
    commits whose dates never go back).
    """
    if revision in ("HEAD", repository.branch):
        found = head(repository)
        if found is None:
            raise UsageError(f"The registry {repository.location} has no commit yet.", "Run: signet init")
        return found
    back = re.fullmatch(r"HEAD~([0-9]{1,9})", revision)
    if back is not None:
        return _steps_back(repository, int(back[1]))
    if re.fullmatch(r"[0-9A-Fa-f]{4,40}", revision):
        return _by_id(repository, revision.lower())
    moment = _moment(revision)
    if moment is None:
        raise UsageError(
            f"'{program.one_line(revision)}' is no commit id, date or HEAD.",
            "Try a commit id, HEAD~3, or 2026-03-03T12:00Z.",
        )
    return _at_time(repository, moment, revision)


def _steps_back(repository: Repository, steps: int) -> str:
    newest = resolve(repository, "HEAD")
    found = next(itertools.islice(log(repository, newest), steps, None), None)
    if found is None:
        raise UsageError(
            f"The history of {repository.location} has no commit {steps} steps back.", "Ask for a later one."
        )
    return found.commit


def changed_paths(
    repository: Repository, old: str | None, new: str, *, inside: Collection[str] | None = None
) -> tuple[str, ...]:
    """The paths of everything but directories that differs between two commits, sorted; equal trees are not entered.

    ``inside`` names the top directories that are looked into (None: all). InvalidData where the differences have no
    end: a few trees that name each other many times stand for more paths than anybody can list.
    """
    before = objects.root_tree(repository, old) if old else None
    return tuple(sorted(_differences(repository, before, objects.root_tree(repository, new), inside)))


def is_ancestor(repository: Repository, old: str, new: str) -> bool:
    """True if ``new`` is ``old`` or descends from it, as far as the repository knows; False for unknown commits."""
    store = repository.objects
    known = old in store and new in store
    return old == new or (known and bool(store.descendant_of(new, old)))


class _Standing:
    """What stands at one path, commit by commit; trees are entered only where they differ from the commit before."""

    def __init__(self, repository: Repository, path: str | None) -> None:
        self._repository = repository
        self._names = path.split("/") if path else []
        self._ids: list[str | None] = []

    def differs(self, tree: str, before: str | None) -> bool:
        """Call it commit by commit, each time with the root directories of the commit and of its parent."""
        now = self._ids if self._ids[:1] == [tree] else self._look(tree, [])
        self._ids = self._look(before, now) if before else [None]
        return now[-1] != self._ids[-1]

    def _look(self, root: str, known: list[str | None]) -> list[str | None]:
        """The ids of the root, each directory on the way, and the path; equal to ``known`` from one equal id on."""
        ids: list[str | None] = [root]
        for name in self._names:
            here = ids[-1]
            if len(known) > len(ids) and known[len(ids) - 1] == here:
                return [*ids, *known[len(ids) :]]
            ids.append(self._below(here, name) if here else None)
        return ids

    def _below(self, tree_id: str, name: str) -> str | None:
        """By libgit2's search, not by ``objects.tree``: history meets each large tree once only."""
        import pygit2

        try:
            found = self._repository.objects[tree_id]
        except (KeyError, pygit2.GitError):
            found = None
        if found is None:
            below = objects.tree(self._repository, tree_id).get(name)
            return below.id if below else None
        return str(found[name].id) if found.type_str == "tree" and name in found else None


def _differences(
    repository: Repository, old: str | None, new: str | None, inside: Collection[str] | None
) -> Iterator[str]:
    waiting = [("", old, new)]
    seen = 0
    while waiting:
        prefix, left_tree, right_tree = waiting.pop()
        entries, size = objects.differing(repository, left_tree, right_tree)
        seen += size
        if seen > MAX_ENTRIES:
            raise InvalidData(f"A commit of {repository.location} changes more than {MAX_ENTRIES:,} entries.")
        for name, left, right in entries:
            if not prefix and inside is not None and name not in inside:
                continue
            if any(side is not None and not side.is_tree for side in (left, right)):
                yield prefix + name
            was, now = (side.id if side is not None and side.is_tree else None for side in (left, right))
            if was != now:
                waiting.append((f"{prefix}{name}/", was, now))


def _by_id(repository: Repository, digits: str) -> str:
    for further in (refresh, _deepen_if_shallow, None):
        found = _expanded(repository, digits)
        if found is not None:
            return found
        if further is not None:
            further(repository)
    raise UsageError(f"The registry {repository.location} has no commit {digits}.", "Run: signet log")


def _expanded(repository: Repository, digits: str) -> str | None:
    store = repository.objects
    try:
        found = store[digits] if len(digits) == 40 else store.get(store.expand_id(digits))
    except KeyError:
        return None
    except ValueError as error:
        raise UsageError(f"More than one object of the registry begins with {digits}.", "Give more digits.") from error
    return str(found.id) if found is not None and found.type_str == "commit" else None


def _moment(text: str) -> int | None:
    if not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == len("2026-03-03"):
        moment += timedelta(days=1, seconds=-1)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _at_time(repository: Repository, moment: int, text: str) -> str:
    newest = head(repository)
    history = list(log(repository, newest))[::-1] if newest else []
    found = bisect_right(_in_place([one.time for one in history]), moment)
    if not found:
        raise BeforeHistory(f"The registry has no commit as old as {text}.", "Run: signet log")
    return history[found - 1].commit


def _in_place(dates: list[int]) -> list[int]:
    """When each commit, oldest first, was in place: dates outside the longest rising sequence are those before them."""
    ends: list[int] = []  # ends[n]: the position that a rising sequence of n + 1 dates ends at, with the smallest date
    previous = [-1] * len(dates)
    values: list[int] = []
    for position, date in enumerate(dates):
        length = bisect_right(values, date)
        previous[position] = ends[length - 1] if length else -1
        ends[length : length + 1], values[length : length + 1] = [position], [date]
    fits = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        fits.add(at)
        at = previous[at]
    placed: list[int] = []
    for position, date in enumerate(dates):
        placed.append(date if position in fits or not placed else placed[-1])
    first = min(fits, default=0)
    return [dates[first]] * first + placed[first:]


def boundary(repository: Repository) -> frozenset[str]:
    """The commits where a shallow repository ends."""
    try:
        return frozenset((repository.common_dir / "shallow").read_text(encoding="ascii").split())
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError) as error:
        raise RegistryUnreachable(
            f"The registry {repository.location} cannot be read.", "Run 'git fsck' there."
        ) from error


def _deepen_if_shallow(repository: Repository) -> None:
    if boundary(repository):
        _deepen(repository)


def _deepen(repository: Repository) -> None:
    from signet.registry.git import mirror

    if repository.kind != "remote":
        raise ShallowClone(
            f"The clone at {repository.location} is shallow: it has no history to ask.",
            f"Run: git -C {repository.location} fetch --unshallow",
        )
    if repository.offline:
        raise ShallowClone(
            f"The cached copy of {repository.location} is shallow: it has no history to ask.",
            "Run this once without --offline.",
        )
    mirror.deepen(repository)


def _person(text: str) -> tuple[str, str, int, int]:
    """Name, address, seconds and offset of an author or committer line, whatever stands there."""
    found = _PERSON.match(text)
    if found is None:
        return text, "", 0, 0
    offset = int(found[4] or "0")
    minutes = (abs(offset) // 100 * 60 + abs(offset) % 100) * (-1 if offset < 0 else 1)
    seconds = int(found[3]) if found[3] and len(found[3]) <= 20 else 0
    return found[1], found[2], seconds, minutes if abs(minutes) < 24 * 60 else 0


def _trailers(body: str) -> dict[str, str]:
    """The ``Key: value`` lines of the last paragraph, if it holds nothing else."""
    found: dict[str, str] = {}
    key = ""
    for line in body.strip("\n").rpartition("\n\n")[2].split("\n"):
        match = _TRAILER.match(line)
        if match:
            key = match[1]
            found[key] = match[2].strip()
        elif line[:1] in (" ", "\t") and key:
            found[key] += " " + line.strip()
        else:
            return {}
    return found
