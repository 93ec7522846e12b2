"""The places in the write path where a process may die, each with a name, so that tests can make it die exactly there.

Nothing happens at a point unless somebody in this process has said so by ``on_reached``; no variable and no option can.
Each name below says what has happened just before it.
"""

from __future__ import annotations

from collections.abc import Callable

POINTS = {
    "copied": "a new copy of the remote is complete in the cache, beside its place",
    "aside": "a broken copy is moved aside, and the new one is not yet in its place",
    "read": "the newest state is here, and nothing is decided",
    "object": "a blob or a tree is written, and others are not",
    "committed": "the commit object exists, on no branch",
    "noted": "the note of a publication into a work tree is written, and its files are as before",
    "brought": "the work tree's files and index are new, and the branch is not",
    "moving": "the note of a branch's move in a repository on this machine is written",
    "accepted": "the registry's branch has moved, and nobody here has been told",
    "published": "the commit is known to be published, and the command has not heard of it",
    "remembered": "the result of a comparison is written in the cache, beside its place",
    "output": "the command knows that it is recorded, and has printed nothing",
}

on_reached: Callable[[str], None] | None = None


def reached(point: str) -> None:
    """Say that this point is passed."""
    if on_reached is not None:
        on_reached(point)
