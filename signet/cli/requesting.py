"""The pull request for what a command proposes: at which forge, with which words, and what is said where none opens.

Titles and bodies are made here, out of data that is escaped for Markdown (safety.md T44): no mention, no reference, no
command of a forge comes of a name or a message. The commit is on its branch by then, and stays there whatever happens.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from signet.errors import ForgeRefused, ForgeUnreachable, UsageError

if TYPE_CHECKING:
    from signet.forge.choice import Choice
    from signet.registry.landing import Receipt, Requested

LONGEST_TITLE = 200
LONGEST_BODY = 30_000
"""Characters: the smallest limit of a forge is 32 KiB."""
MOST_LISTED = 50
_ROWS = ("Service", "Version", "Environment", "Source", "Run")


@dataclass(frozen=True, slots=True)
class Requests:
    """Opens pull requests at the forge of the registry, by the options of a command."""

    kind: str = ""
    url: str = ""
    allow_http: bool = False

    def prepare(self, remote: str) -> None:
        """UsageError for options that cannot be meant, and for a forge without a token, before anything is written."""
        from signet.forge.choice import checked

        checked(self.kind)
        choice = self._choice(remote)
        if choice is not None and not choice.token:
            raise UsageError(
                f"There is no token for {choice.name}, so no pull request can be opened.",
                "Set SIGNET_TOKEN; or pass --propose in the place of --pull-request, which only pushes the branch.",
                code="forge-token-missing",
            )

    def request(self, remote: str, base: str, receipt: Receipt) -> Requested:
        """The request of a proposal, opened or brought up to date; without a forge, where a person can open it."""
        from signet.forge import request
        from signet.forge.choice import by_hand
        from signet.forge.place import place
        from signet.registry.record import Requested

        assert receipt.proposal is not None  # noqa: S101 - only proposals have one
        branch, choice, at = receipt.proposal.branch, self._choice(remote), place(remote)
        if choice is None:
            why = "nothing tells which forge the registry is at (--forge)" if at else "the registry is a path"
            return Requested(by_hand=at.page if at else "", notes=(f"no pull request is opened: {why}",))
        page = by_hand(choice.page, choice.kind, branch, base)
        labels = ("signet", f"signet:{receipt.event}")
        wanted = request.Wanted(branch, base, title(receipt.subject), body(receipt), labels)
        try:
            outcome = request.request(request.at(choice), wanted)
        except (ForgeRefused, ForgeUnreachable) as error:
            error.proposal = {"branch": branch, "address": page, "commit": receipt.commit}
            error.remedy = f"{error.remedy} The commit waits on the branch {branch}; by hand: {page}".strip()
            raise
        return Requested(outcome.url or page, outcome.status, page, outcome.notes)

    def _choice(self, remote: str) -> Choice | None:
        from signet.forge.choice import choose
        from signet.forge.place import place

        at = place(remote)
        if at is None:
            return None
        return choose(at, os.environ, kind=self.kind, url=self.url, allow_http=self.allow_http)


def title(subject: str) -> str:
    """A subject as a title: one line, in which nothing is a mention or a reference to a forge."""
    from signet.cli import render

    shown = render.masked(render.visible(subject))
    shown = shown if len(shown) <= LONGEST_TITLE else shown[: LONGEST_TITLE - 3] + "..."
    return re.sub(r"([@#!&~%$])", "\\1\u200b", shown)


def body(receipt: Receipt) -> str:
    """What the request does, for a reviewer: who says what, which files change, and why Deploy Guard lets it pass."""
    lines: list[str] = []
    size = 0
    for line in _lines(receipt):
        size += len(line) + 1
        if size > LONGEST_BODY:
            lines += ["", "More is not shown: the limit of the size is reached."]
            break
        lines.append(line)
    return "\n".join(lines)


def _lines(receipt: Receipt) -> Iterator[str]:
    from signet.cli.formats.markdown import escaped

    yield from (
        "Signet proposes a change of the registry. Merging it records this:",
        "",
        f"**{escaped(receipt.subject)}**",
    )
    rows = [(key.lower(), receipt.trailers.get(f"Signet-{key}", "")) for key in _ROWS]
    yield from ("", "| | |", "|---|---|")
    for name, value in [("event", receipt.event), *rows]:
        if value:
            yield f"| {name} | {_linked(value) if name == 'run' else escaped(value)} |"
    yield from _decided(receipt.decision)
    yield from _listing("Files", receipt.paths)
    yield from _listing("Notes", receipt.notes)
    yield from ("", "The same command again brings this request up to date; commits of others on its branch get lost.")


def _decided(decision: Any) -> Iterator[str]:
    if decision is None:
        return
    where = f" for {decision.environment}" if decision.environment else ""
    yield from _listing(f"Deploy Guard says {decision.verdict}{where}", [one.sentence() for one in decision.reasons])


def _listing(heading: str, texts: tuple[str, ...] | list[str]) -> Iterator[str]:
    from signet.cli.formats.markdown import escaped

    if not texts:
        return
    yield from ("", f"{escaped(heading)}:", "")
    yield from (f"- {escaped(text)}" for text in texts[:MOST_LISTED])
    if len(texts) > MOST_LISTED:
        yield f"- and {len(texts) - MOST_LISTED} more"


def _linked(url: str) -> str:
    """The address of a CI run, which is known to be a web address, as a link; all else as a text."""
    from signet.cli.addresses import web_address
    from signet.cli.formats.markdown import escaped

    if not web_address(url):
        return escaped(url)
    return f"[{escaped(url)}](<{quote(url, safe=':/%?&=+,;~.-_')}>)"
