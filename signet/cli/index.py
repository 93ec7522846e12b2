"""``--index URL``: what the index service answers at a commit that the clone knows; None sends the asker to the clone.

The rule (docs/decisions/0017-the-clone-says-which-commit.md): the clone is brought up to date as always and says which
commit is meant; the service is asked at exactly that commit, and only says what follows from it. Whatever else it
answers, or that it does not, is a note on stderr, once, and the clone answers. It is asked by https, or on this
machine; the token goes nowhere else, and follows no redirect.
"""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from signet.cli import options, render
from signet.cli.config import variable
from signet.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx
    import typer

    from signet.core.model.decision import Candidate, Decision

LARGEST = 20 << 20
PAGE, PAGES = 500, 200
"""Entries of a page, and pages of a list, at most."""
CONNECTING, ANSWERING = 3.0, 10.0
"""Seconds; whoever waits longer is quicker with the clone."""
TOKEN = "SIGNET_INDEX_TOKEN"  # noqa: S105 - the name of a variable


class Index:
    """The index service at an address. ``may_have_token``: who runs the command named the address, and no file did."""

    def __init__(self, address: str, *, may_have_token: bool) -> None:
        self.base = _checked(address)
        self._token = (variable(TOKEN) or "") if may_have_token else ""
        self._is_given_up = False

    def decided(
        self, commit: str, candidates: Sequence[Candidate], environment: str | None, ignore: Sequence[str]
    ) -> Decision | None:
        """The decision at a commit; None where the service does not say it, as a note tells."""
        from signet.core.formats.decision import decision

        first, *others = candidates
        question: dict[str, Any] = {"service": first.service, "version": first.version, "at": commit}
        question |= {"environment": environment} if environment is not None else {"target": "main-branch"}
        question |= {"with": [f"{one.service}@{one.version}" for one in others]} if others else {}
        question |= {"ignore": list(ignore)} if ignore else {}
        told = self._asked("/api/v1/guard", question)
        if told is None:
            return None
        found = decision(told, candidates, environment, commit)
        if found is None:
            self.doubted()
        return found

    def listed(
        self, commit: str, path: str, schema: str, member: str, question: dict[str, str | None]
    ) -> list[Any] | None:
        """All entries of a list at a commit, page by page; None, and a note, where the service does not tell them."""
        asked: dict[str, Any] = {name: value for name, value in question.items() if value is not None}
        asked |= {"at": commit, "limit": PAGE}
        found: list[Any] = []
        for _ in range(PAGES):
            told = self._asked(path, asked)
            if told is None:
                return None
            if not isinstance(told, dict) or (told.get("schema"), told.get("commit")) != (schema, commit):
                break
            entries, following = told.get(member), told.get("next", "")
            if not isinstance(entries, list):
                break
            found += entries
            if following is None:
                return found
            cursor = _cursor(following)
            if not (cursor and entries):
                break
            asked["cursor"] = cursor
        self.doubted()
        return None

    def doubted(self) -> None:
        """Say that the service answered something else than was asked, and ask it no more."""
        self._given_up("it answers something else than was asked")

    def _asked(self, path: str, question: dict[str, Any]) -> Any:
        """The JSON value of an answer; None where there is none."""
        if self._is_given_up:
            return None
        import httpx

        try:
            status, data = self._exchanged(path, question)
            if status == 200:
                return json.loads(data)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError) as error:
            self._given_up(f"it gives no usable answer ({type(error).__name__})")
            return None
        if status in (400, 404, 422):  # what is asked may be wrong: then the clone says so, in its own words
            self._given_up("it does not know that commit, or what is asked of it", is_for_good=False)
        elif status in (401, 403):
            self._given_up(f"it refuses this reader (status {status}); {TOKEN} holds the token")
        else:
            self._given_up(f"it answers with status {status}")
        return None

    def _exchanged(self, path: str, question: dict[str, Any]) -> tuple[int, bytes]:
        """Status and body; ValueError for a body that has no end."""
        import httpx

        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        times = httpx.Timeout(ANSWERING, connect=CONNECTING)
        with (
            httpx.Client(timeout=times, follow_redirects=False, trust_env=not _is_here(self.base)) as client,
            client.stream("GET", self.base + path, params=question, headers=headers) as answer,
        ):
            return answer.status_code, _body(answer)

    def _given_up(self, why: str, *, is_for_good: bool = True) -> None:
        if not self._is_given_up:
            render.note(f"the index at {self.base} is not used: {why}; the clone answers")
        self._is_given_up = is_for_good


def named(ctx: typer.Context, address: str) -> Index:
    """The index service that a command was told of."""
    return Index(address, may_have_token=not options.is_from_a_file(ctx, "index"))


def _cursor(following: object) -> str:
    """Where the next page begins, from the path that leads there; "" where it says no such thing."""
    try:
        return parse_qs(urlsplit(following).query).get("cursor", [""])[-1] if isinstance(following, str) else ""
    except ValueError:
        return ""


def _body(answer: httpx.Response) -> bytes:
    found = bytearray()
    for part in answer.iter_bytes():
        found += part
        if len(found) > LARGEST:
            raise ValueError("too large")
    return bytes(found)


def _checked(address: str) -> str:
    """The address without a slash at its end; UsageError for what a token must not be sent to."""
    remedy = "Write it as https://signet.example.com; plain http is for this machine."
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UsageError("--index is not a URL.", remedy) from None
    plain = parts.scheme in ("http", "https") and host and address.isprintable() and " " not in address
    if not plain or "?" in address or "#" in address:
        raise UsageError("--index is not the address of an index service.", remedy)
    if "@" in parts.netloc:
        raise UsageError("--index holds a user or a password; it would end up in logs.", f"Put a token into {TOKEN}.")
    if parts.scheme == "http" and not _is_here(address):
        raise UsageError("Plain http would show the question and its token to the network.", remedy)
    return address.rstrip("/")


def _is_here(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
