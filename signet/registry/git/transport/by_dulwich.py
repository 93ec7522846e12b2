"""The transport by the library dulwich: a remote needs no git program on this machine.

dulwich speaks the protocol; connections (``web``, ``ssh``), what is believed of what comes (``arriving``) and what a
failure means (``trouble``) are ours. The old commit of a push is the one that we decided on: where the server names
another one, nothing is sent.
"""

from __future__ import annotations

import http.client
import logging
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from dulwich.errors import GitProtocolError, HangupException, NotGitRepository, SendPackError

from signet.errors import UsageError
from signet.registry.git import program
from signet.registry.git.mirror import is_partial
from signet.registry.git.repository import Repository
from signet.registry.git.transport import Push, trouble
from signet.registry.git.transport.conversation import EVERYTHING, Moved, Talk
from signet.registry.git.transport.leaving import gathered
from signet.registry.git.transport.limits import Clock
from signet.registry.git.transport.soundness import Unsound
from signet.registry.git.transport.ssh import Ssh
from signet.registry.git.transport.web import Web
from signet.registry.git.transport.words import Words

_SAID = 16_384  # bytes of a server's words to a pusher
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
            talk.fetch(ref=repository.ref.encode(), depth=EVERYTHING)

    def push(self, repository: Repository, ref: str, old: str | None, new: str) -> Push:
        said = _Said()
        try:
            with _talking(repository, repository.timeout) as talk:
                status = talk.push(ref.encode(), old, new, said)
        except Moved:
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
            gathered(repository, partial=is_partial(repository))


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


@contextmanager
def _asking(repository: Repository, seconds: float | None = None) -> Iterator[Talk]:
    """A conversation whose failures are ours: what is not sound, and what cannot be reached."""
    try:
        with _talking(repository, seconds or repository.timeout) as talk:
            yield talk
    except Unsound as fault:
        raise trouble.unsound(repository.location, str(fault)) from None
    except Words as failed:
        raise trouble.unreachable(repository.location, failed.words, _line(failed.words)) from None


@contextmanager
def _talking(repository: Repository, seconds: float) -> Iterator[Talk]:
    """A conversation whose failures are ``Words``."""
    clock = Clock(seconds, min(seconds, repository.timeout))
    client, path = _client(repository, clock)
    try:
        with clock.breaking(client.break_off):
            yield Talk(repository, client, path, clock)
    except SendPackError:
        raise  # a verdict
    except _FAILURES as error:
        clock.check()
        raise Words("\n".join(filter(None, (client.heard, _words_of(error))))) from None
    finally:
        client.close()


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
