"""A pull request for a branch: found, opened, or brought up to date; and what every forge has to be able to do.

The recipe:
1. Ask for the repository: a renamed or moved one answers with where it is now.
2. Look for the open request of the branch. There is one: bring its title and body up to date.
3. There is none: open it. Where the forge says that there is one, or the answer got lost, look again.
4. Add the labels that are missing. That fails for itself: the request is there, and a note says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from signet.errors import ForgeRefused, ForgeUnreachable, SignetError
from signet.forge.choice import Choice
from signet.forge.client import Client


@dataclass(frozen=True, slots=True)
class Wanted:
    """The request that is wanted: from ``branch`` onto ``base``; ``body`` is Markdown."""

    branch: str
    base: str
    title: str
    body: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """An open request: its number, the address of its page, and what it says now.

    It comes from an answer, so it is checked: ForgeUnreachable for what is none of that.
    """

    number: int
    url: str
    title: str
    body: str
    labels: frozenset[str]

    def __post_init__(self) -> None:
        texts = (self.url, self.title, self.body)
        if type(self.number) is not int or not all(isinstance(text, str) for text in texts):
            raise ForgeUnreachable(
                "The forge's answer is no pull request.", "Is it the forge that was named? See --forge and --forge-url."
            )
        if not (self.url.startswith(("https://", "http://")) and self.url.isascii() and self.url.isprintable()):
            object.__setattr__(self, "url", "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it: ``status`` is "opened", "updated" or "unchanged"; ``notes`` tell what did not go."""

    number: int
    url: str
    status: str
    notes: tuple[str, ...] = ()


class AlreadyOpen(ForgeRefused):
    """There is an open request for the branch, although none was found before; ``words`` are those of the forge."""

    def __init__(self, name: str, branch: str, words: str) -> None:
        super().__init__(
            f"{name} has an open request for {branch} already, and does not list it ({words}).",
            "Run the command again in a minute, or look for the request at the forge.",
        )


class Forge(Protocol):
    """One forge, logged in, at one repository. Every method may raise ForgeRefused and ForgeUnreachable."""

    client: Client

    def locate(self) -> None:
        """Learn where the repository is now (step 1)."""

    def find(self, wanted: Wanted) -> Found | None:
        """The open request from that branch onto that base, of this repository and of no fork."""

    def open(self, wanted: Wanted) -> Found:
        """A new request. AlreadyOpen where there is one."""

    def update(self, found: Found, wanted: Wanted) -> None:
        """Give an open request this title and this body."""

    def label(self, found: Found, labels: Sequence[str]) -> None:
        """Add labels; those that are there stay."""


def request(forge: Forge, wanted: Wanted) -> Outcome:
    """Open the request that is wanted, or bring the one of its branch up to date."""
    with forge.client:
        forge.locate()  # 1.
        found = forge.find(wanted)  # 2.
        status = "unchanged"
        if found is None:
            found, status = _opened(forge, wanted)  # 3.
        if (found.title, _text(found.body)) != (wanted.title, _text(wanted.body)):
            forge.update(found, wanted)
            status = "opened" if status == "opened" else "updated"
        notes = _labelled(forge, found, [label for label in wanted.labels if label not in found.labels])  # 4.
        return Outcome(found.number, found.url, status, notes)


def _opened(forge: Forge, wanted: Wanted) -> tuple[Found, str]:
    try:
        return forge.open(wanted), "opened"
    except (AlreadyOpen, ForgeUnreachable) as error:
        if (found := _looked_again(forge, wanted)) is None:
            raise error
        return found, "unchanged" if isinstance(error, AlreadyOpen) else "opened"


def _looked_again(forge: Forge, wanted: Wanted) -> Found | None:
    try:
        return forge.find(wanted)
    except ForgeUnreachable:
        return None


def _labelled(forge: Forge, found: Found, missing: Sequence[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    try:
        forge.label(found, missing)
    except SignetError as error:
        return (f"the request has no label {', '.join(missing)}: {error.message}",)
    return ()


def _text(body: str) -> str:
    """A body as it is compared: forges may change how its lines end."""
    return body.replace("\r\n", "\n").rstrip()


def at(choice: Choice) -> Forge:
    """The client for a forge."""
    from signet.forge import bitbucket, gitea, github, gitlab

    kinds: dict[str, Callable[[Choice], Forge]] = {
        "github": github.GitHub,
        "gitlab": gitlab.GitLab,
        "gitea": gitea.Gitea,
        "bitbucket": bitbucket.Bitbucket,
    }
    return kinds[choice.kind](choice)
