"""The transport by the library dulwich: a remote needs no git program on this machine.

dulwich speaks the protocol; connections (``web``, ``ssh``), what is believed of what comes (``packs``) and what a
failure means (``trouble``) are ours. The old commit of a push is the one that we decided on: where the server names
another one, nothing is sent.
"""

from __future__ import annotations

import http.client
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from dulwich.errors import GitProtocolError, HangupException, NotGitRepository, SendPackError
from dulwich.objects import ObjectID
from dulwich.refs import Ref

from signet.errors import UsageError
from signet.registry.git import program
from signet.registry.git.mirror import is_partial
from signet.registry.git.repository import Repository, head
from signet.registry.git.transport import Push, packs, trouble
from signet.registry.git.transport.limits import Clock
from signet.registry.git.transport.packs import Arrival
from signet.registry.git.transport.soundness import Unsound
from signet.registry.git.transport.ssh import Ssh
from signet.registry.git.transport.web import Web
from signet.registry.git.transport.words import Words

_EVERYTHING = 0x7FFFFFFF  # commits: what git asks for to end a shallow history
_HAVES = 64  # commits that we name to a server as known
_SAID = 16_384  # bytes of a server's words to a pusher
_NO_BLOBS = b"blob:none"
_FAILURES = (
    *(OSError, EOFError, http.client.HTTPException, zlib.error),
    *(GitProtocolError, HangupException, NotGitRepository),
    *(AssertionError, ValueError, TypeError, LookupError, AttributeError),  # dulwich on an answer that makes no sense
)

logging.getLogger("dulwich").setLevel(logging.CRITICAL)  # its warnings repeat what a server sent


class ByDulwich:
    """``Transport`` by dulwich."""

    name = "dulwich"

    def default_branch(self, repository: Repository) -> str:
        with _asking(repository) as talk:
            refs, symrefs = talk.refs(b"HEAD")
        named = symrefs.get(b"HEAD", b"") if refs.get(b"HEAD") else b""
        return named.removeprefix(b"refs/heads/").decode("utf-8", "replace") if named.startswith(b"refs/heads/") else ""

    def branch_at(self, repository: Repository, ref: str) -> str | None:
        with _asking(repository) as talk:
            found = talk.refs(ref.encode())[0].get(ref.encode())
        return found.decode() if found else None

    def fetch(self, repository: Repository, *, first: bool, partial: bool, timeout: float) -> str | None:
        with _asking(repository, timeout) as talk:
            depth = 1 if first and partial else None
            return talk.fetch(ref=repository.ref.encode(), depth=depth, may_be_cut=first)

    def fetch_objects(self, repository: Repository, ids: Sequence[str]) -> None:
        with _asking(repository) as talk:
            talk.fetch(ids=ids)

    def unshallow(self, repository: Repository, *, timeout: float) -> None:
        with _asking(repository, timeout) as talk:
            talk.fetch(ref=repository.ref.encode(), depth=_EVERYTHING)

    def push(self, repository: Repository, ref: str, old: str | None, new: str) -> Push:
        said = _Said()
        try:
            with _talking(repository, repository.timeout) as talk:
                status = talk.push(ref.encode(), old, new, said)
        except _Moved:
            return Push("moved", said=said.lines)
        except SendPackError as error:
            reason = str(error.args[0], "utf-8", "replace") if error.args else "unpack failed"
            status = reason.replace("unpack ", "unpacker error: ", 1)
        except Words as failed:
            return Push(*trouble.for_a_push(failed.words, _line(failed.words)), said.lines)
        if status is None:
            return Push("accepted", said=said.lines)
        if trouble.is_race(status):
            return Push("moved", said=said.lines)
        reason = program.one_line(f"{status}: {'; '.join(said.lines)}" if said.lines else status)
        return Push("refused", reason, trouble.refused(reason).remedy, said.lines)

    def gather(self, repository: Repository, *, timeout: float) -> None:
        import pygit2

        with suppress(pygit2.GitError, OSError):  # it only saves room: the next fetch tries again
            packs.gathered(repository, partial=is_partial(repository))


class _Moved(Exception):
    """The server's branch is not where we decided from: nothing was sent."""


class _Said:
    """What a server tells the pusher while it works."""

    def __init__(self) -> None:
        self._heard = b""

    def __call__(self, block: bytes) -> None:
        self._heard = (self._heard + block)[:_SAID]

    @property
    def lines(self) -> tuple[str, ...]:
        lines = self._heard.decode("utf-8", "replace").replace("\r", "\n").split("\n")
        return tuple(clean for clean in map(program.one_line, lines) if clean)


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


class _Talk:
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
            held = () if depth == _EVERYTHING else repository.objects
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
                raise _Moved
            there.update(one.decode() for one in refs.values() if one)
            return {Ref(ref): ObjectID(new.encode())}

        def packed(have: object, want: object, **_: object) -> tuple[int, Iterator[Any]]:
            ids = packs.missing_there(repository, new, there, partial=partial)
            return len(ids), packs.outgoing(repository, ids)

        answer = self._client.send_pack(self._path.encode(), change, packed, said)
        if ref not in (answer.ref_status or {}):
            raise Words("the server gave no report on the push")
        return answer.ref_status[ref]  # type: ignore[no-any-return]


@contextmanager
def _asking(repository: Repository, seconds: float | None = None) -> Iterator[_Talk]:
    """A conversation whose failures are ours: what is not sound, and what cannot be reached."""
    try:
        with _talking(repository, seconds or repository.timeout) as talk:
            yield talk
    except Unsound as fault:
        raise trouble.unsound(repository.location, str(fault)) from None
    except Words as failed:
        raise trouble.unreachable(repository.location, failed.words, _line(failed.words)) from None


@contextmanager
def _talking(repository: Repository, seconds: float) -> Iterator[_Talk]:
    """A conversation whose failures are ``Words``."""
    clock = Clock(seconds, min(seconds, repository.timeout))
    client, path = _client(repository, clock)
    try:
        with clock.breaking(client.break_off):
            yield _Talk(repository, client, path, clock)
    except SendPackError:
        raise  # a verdict
    except _FAILURES as error:
        clock.check()
        raise Words("\n".join(filter(None, (client.heard, _words_of(error))))) from None
    finally:
        client.break_off()


def _client(repository: Repository, clock: Clock) -> tuple[Any, str]:
    if repository.url.startswith(("http://", "https://")):
        return Web(repository.url, clock), ""
    if repository.url.startswith("file://"):
        raise UsageError(
            "The transport dulwich does not open file:// addresses.",
            "Name the path itself, without file://; or install git.",
        )
    client = Ssh(repository.url, clock)
    return client, client.path


def _words_of(error: Exception) -> str:
    if isinstance(error, http.client.RemoteDisconnected):
        return "the connection was closed without an answer"
    if isinstance(error, http.client.IncompleteRead):
        return "the answer is incomplete"
    if isinstance(error, HangupException):
        return "the connection was closed: the other side hung up"
    if isinstance(error, GitProtocolError):
        words = str(error)
        if "does not match length prefix" in words:
            return "the answer is incomplete"
        return f"protocol error: {words}" if "pkt" in words.lower() else words
    if isinstance(error, OSError):
        return str(error)
    return f"protocol error: {type(error).__name__}"


def _line(words: str) -> str:
    return program.Answer(1, b"", words).line


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
