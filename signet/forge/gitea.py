"""Gitea's and Forgejo's pull requests (API 1), at codeberg.org and elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from signet.forge.choice import Choice
from signet.forge.client import Client, field, listed
from signet.forge.request import AlreadyOpen, Found, Wanted

PAGE = 50
"""The most that Gitea gives at once, unless it is set up otherwise."""
MOST_PAGES = 40
COLOUR = "#0e8a16"


class Gitea:
    """One repository at Gitea or Forgejo."""

    def __init__(self, choice: Choice) -> None:
        headers = {"Authorization": f"token {choice.token}"} if choice.token else {}
        self.client = Client(choice, headers, _said)
        self._repository = f"/repos/{quote(choice.path)}"
        self._id = 0

    def locate(self) -> None:
        """Its name may be another one by now."""
        about = self.client.get(self._repository)
        self._repository, self._id = f"/repos/{quote(str(field(about, 'full_name')))}", field(about, "id")

    def find(self, wanted: Wanted) -> Found | None:
        """The open request of the branch, which is none of a fork. Older servers can only list them all."""
        for one in self._all("/pulls", {"state": "open", "sort": "recentupdate"}):
            ends = field(one, "head", "ref"), field(one, "base", "ref")
            if field(one, "head", "repo_id") == self._id and ends == (wanted.branch, wanted.base):
                return _found(one)
        return None

    def open(self, wanted: Wanted) -> Found:
        """A new request."""
        asked = {"title": wanted.title, "body": wanted.body, "head": wanted.branch, "base": wanted.base}
        answer = self.client.asked("POST", f"{self._repository}/pulls", body=asked)
        if answer.status == 409:
            words = self.client.words(_said(answer.value))
            raise AlreadyOpen("Gitea", wanted.branch, words)
        return _found(self.client.accepted(answer).value)

    def update(self, found: Found, wanted: Wanted) -> None:
        """Title and body."""
        body = {"title": wanted.title, "body": wanted.body}
        self.client.send("PATCH", f"{self._repository}/pulls/{found.number}", body)

    def label(self, found: Found, labels: Sequence[str]) -> None:
        """Add labels by their numbers; those that the repository does not have are made."""
        known = {str(field(one, "name")): field(one, "id") for one in self._all("/labels", {})}
        for name in labels:
            if name not in known:
                made = self.client.send("POST", f"{self._repository}/labels", {"name": name, "color": COLOUR})
                known[name] = field(made, "id")
        path = f"{self._repository}/issues/{found.number}/labels"
        self.client.send("POST", path, {"labels": [known[name] for name in labels]})

    def _all(self, path: str, query: dict[str, str | int]) -> Iterator[Any]:
        for page in range(1, MOST_PAGES + 1):
            rows = listed(self.client.get(self._repository + path, {**query, "page": page, "limit": PAGE}))
            yield from rows
            if not rows:
                return


def _found(value: Any) -> Found:
    labels = {str(field(one, "name")) for one in listed(field(value, "labels") or [])}
    number, url = field(value, "number"), field(value, "html_url")
    return Found(number, url, field(value, "title"), field(value, "body") or "", frozenset(labels))


def _said(value: Any) -> str:
    message = value.get("message") if isinstance(value, dict) else None
    return message if isinstance(message, str) else ""
