"""One conversation with a remote, as dulwich speaks it: what is asked for, what is named as known, what is sent.

Failures come out as dulwich and the connection raise them; ``by_dulwich`` puts them into words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from dulwich.objects import ObjectID
from dulwich.refs import Ref

from signet.registry.git.mirror import is_partial
from signet.registry.git.repository import Repository, head
from signet.registry.git.transport.arriving import Arrival
from signet.registry.git.transport.leaving import missing_there, outgoing
from signet.registry.git.transport.limits import Clock
from signet.registry.git.transport.soundness import Unsound
from signet.registry.git.transport.words import Words

EVERYTHING = 0x7FFFFFFF  # commits: what git asks for to end a shallow history
_HAVES = 64  # commits that we name to a server as known
_NO_BLOBS = b"blob:none"


class Moved(Exception):
    """The server's branch is not where we decided from: nothing was sent."""


class _Haves:
    """The commits that the mirror has, for the server: the newest ones, then ever fewer; and where history ends."""

    def __init__(self, repository: Repository, *, none: bool = False) -> None:
        self.shallow = {ObjectID(one.encode()) for one in _boundary(repository)}
        start = None if none else head(repository)
        self._commits = _spaced(repository, start) if start else iter(())

    def __next__(self) -> ObjectID | None:
        return next(self._commits, None)

    def ack(self, commit: ObjectID) -> None:
        """The server has this one too."""

    def nak(self) -> None:
        """The server has none of these."""


class Talk:
    """One conversation with a remote, on a connection of its own."""

    def __init__(self, repository: Repository, client: Any, path: str, clock: Clock) -> None:
        self._repository, self._client, self._path, self._clock = repository, client, path, clock

    def refs(self, name: bytes) -> tuple[dict[bytes, bytes | None], dict[bytes, bytes]]:
        """What references that begin with a name point to; and what the symbolic ones among them name."""
        answer = self._client.get_refs(self._path.encode(), ref_prefix=[name])
        return answer.refs, answer.symrefs

    def fetch(
        self, *, ref: bytes = b"", ids: Sequence[str] = (), depth: int | None = None, may_be_cut: bool = False
    ) -> str | None:
        """Bring a reference's commit with its history, or objects, into the mirror; the commit, if there is one."""
        repository, partial = self._repository, is_partial(self._repository)
        wanted = list(ids)

        def wants(refs: dict[Any, Any], depth: int | None = None) -> list[ObjectID]:
            if ref and ref in refs:
                wanted.append(refs[ref].decode())
                if len(wanted[-1]) != 40:
                    raise Words("mismatched algorithms: the server names objects by SHA-256")
            held = () if depth == EVERYTHING else repository.objects
            return [ObjectID(one.encode()) for one in wanted if one not in held]

        with Arrival(repository, self._clock) as arrival:
            got = self._client.fetch_pack(
                self._path.encode(),
                wants,
                _Haves(repository, none=bool(ids)),
                arrival.write,
                lambda _: None,
                depth=depth,
                ref_prefix=[ref or b"HEAD"],
                filter_spec=_NO_BLOBS if partial else None,
            )
            before = _boundary(repository)
            cut = {one.decode() for one in got.new_shallow or ()}
            if cut and depth is None and not may_be_cut:
                raise Unsound("the server's history ends early all at once")
            boundary = (before | cut) - {one.decode() for one in got.new_unshallow or ()}
            arrival.take_over(frozenset(wanted), boundary=boundary, partial=partial)
        if boundary != before:
            _set_boundary(repository, boundary)
        return wanted[-1] if ref and wanted else None

    def push(self, ref: bytes, old: str | None, new: str, said: Callable[[bytes], None]) -> str | None:
        """Ask the server to move a reference; None, or its reason not to."""
        repository, partial = self._repository, is_partial(self._repository)
        there = _boundary(repository) | {one for one in (old, head(repository)) if one}

        def change(refs: dict[Any, Any]) -> dict[Ref, ObjectID]:
            advertised = refs.get(Ref(ref))
            if (advertised.decode() if advertised else None) != old:
                raise Moved
            there.update(one.decode() for one in refs.values() if one)
            return {Ref(ref): ObjectID(new.encode())}

        def packed(have: object, want: object, **_: object) -> tuple[int, Iterator[Any]]:
            ids = missing_there(repository, new, there, partial=partial)
            return len(ids), outgoing(repository, ids)

        answer = self._client.send_pack(self._path.encode(), change, packed, said)
        if ref not in (answer.ref_status or {}):
            raise Words("the server gave no report on the push")
        return answer.ref_status[ref]  # type: ignore[no-any-return]


def _boundary(repository: Repository) -> set[str]:
    with suppress(FileNotFoundError):
        return set((repository.git_dir / "shallow").read_text(encoding="ascii").split())
    return set()


def _set_boundary(repository: Repository, commits: set[str]) -> None:
    path = repository.git_dir / "shallow"
    if not commits:
        path.unlink(missing_ok=True)
        return
    lock = path.with_suffix(".lock")
    lock.write_text("".join(f"{one}\n" for one in sorted(commits)), encoding="ascii")
    lock.rename(path)


def _spaced(repository: Repository, start: str) -> Iterator[ObjectID]:
    """The newest sixteen commits, then every second, fourth, eighth ... one: history may have been rewritten."""
    import pygit2

    wanted, step, named = 0, 1, 0
    with suppress(pygit2.GitError, KeyError):
        for position, commit in enumerate(repository.objects.walk(start)):
            if position < wanted:
                continue
            yield ObjectID(str(commit.id).encode())
            named += 1
            step = step if named < 16 else step * 2
            wanted = position + step
            if named == _HAVES:
                return
