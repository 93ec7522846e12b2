"""How a remote is talked to: by the git program, or in pure Python where there is none. Both answer alike.

Everything that knows which of the two it is, is in this package; ``mirror`` and ``publishing`` see a ``Transport``. A
transport puts objects into the mirror and reports commits: it decides nothing about history and moves no branch of
the mirror.

    by_program  git fetch, git push           by_dulwich  the same conversation by the library dulwich
    trouble     what a remote's words mean     web, ssh    dulwich's connections, within limits
    arriving    what a server sends, checked   soundness   what git's own check refuses
    leaving     what a server gets             conversation  what is said with a server by dulwich
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from signet.errors import UsageError
from signet.registry.git import program

if TYPE_CHECKING:
    from signet.registry.git.repository import Repository

REMOTE = "signet-mirror"  # the mirror's only remote: a name that nobody has configured for other remotes
CHOICES = ("auto", "git", "dulwich")
OLDEST_GIT = (2, 38)


@dataclass(frozen=True, slots=True)
class Push:
    """What became of a push: "accepted", "moved" (the branch is elsewhere: decide again) or "refused", and why.

    ``remedy`` belongs to a refusal. ``said`` is what the server told the pusher, line by line and clean: a forge's
    reasons, or its "create a pull request" address. A transport itself may also answer "unclear".
    """

    status: str
    reason: str = ""
    remedy: str = field(default="", compare=False)
    said: tuple[str, ...] = field(default=(), compare=False)


class Transport(Protocol):
    """The conversation with the remote of a mirror.

    Whatever fails raises a SignetError: RegistryUnreachable for a remote that gives no answer, InvalidData for objects
    that are not sound; nothing of those is in the mirror then.
    """

    name: str

    def default_branch(self, repository: Repository) -> str:
        """The branch that the remote's HEAD names; "" for an empty remote."""

    def branch_at(self, repository: Repository, ref: str) -> str | None:
        """The commit that a reference of the remote points to now; None if it has no such reference."""

    def fetch(self, repository: Repository, *, first: bool, partial: bool, timeout: float) -> str | None:
        """Bring what the remote's branch points to into the mirror; its commit, or None if there is no such branch.

        ``first`` is for a new mirror: with ``partial`` it gets the newest commit only, and no blobs.
        """

    def fetch_objects(self, repository: Repository, ids: Sequence[str]) -> None:
        """Bring these objects into a partial mirror."""

    def unshallow(self, repository: Repository, *, timeout: float) -> None:
        """Bring the history that a shallow mirror lacks."""

    def push(self, repository: Repository, ref: str, old: str | None, new: str) -> Push:
        """Move a reference of the remote from ``old`` (None: it does not exist) to ``new``, or not at all."""

    def gather(self, repository: Repository, *, timeout: float) -> None:
        """Put the mirror's many packs together, without losing an object that somebody may still need."""


def checked(name: str) -> str:
    """The name of a transport; UsageError for what is none."""
    if name not in CHOICES:
        raise UsageError(f"'{program.one_line(name)}' is no transport.", f"Choose one of: {', '.join(CHOICES)}.")
    return name


def choose(name: str) -> Transport:
    """The transport of this name; "auto" is the git program where there is one that is new enough, else dulwich."""
    checked(name)
    found = program.path()
    if name == "git" and not found:
        raise UsageError("The git program was not found.", "Install git 2.38 or newer, or use the transport dulwich.")
    if name == "git" or (name == "auto" and found and _new_enough(found)):
        from signet.registry.git.transport.by_program import ByProgram

        return ByProgram()
    from signet.registry.git.transport.by_dulwich import ByDulwich

    return ByDulwich()


_ages: dict[str, bool] = {}


def _new_enough(found: str) -> bool:
    """Asked once in a process for each git that is found."""
    key = str(Path(found).resolve())
    if key not in _ages:
        _ages[key] = program.version() >= OLDEST_GIT
    return _ages[key]
