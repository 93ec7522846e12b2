"""GitHub's pull requests (REST API 2022-11-28), at github.com, ghe.com and GitHub Enterprise Server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from signet.forge.choice import Choice
from signet.forge.client import Client, field, listed
from signet.forge.request import AlreadyOpen, Found, Wanted

VERSION = "2022-11-28"


class GitHub:
    """One repository at GitHub."""

    def __init__(self, choice: Choice) -> None:
        headers = {"X-GitHub-Api-Version": VERSION}
        if choice.token:
            headers["Authorization"] = f"Bearer {choice.token}"
        self.client = Client(choice, headers, _said)
        self._repository = f"/repos/{quote(choice.path)}"
        self._owner, self._id = "", 0

    def locate(self) -> None:
        """Its name may be another one by now; the owner's is needed to look for a branch."""
        about = self.client.get(self._repository)
        name, self._id = str(field(about, "full_name")), field(about, "id")
        self._repository, self._owner = f"/repos/{quote(name)}", name.partition("/")[0]

    def find(self, wanted: Wanted) -> Found | None:
        """The open request of the branch; forks of the same owner are left out."""
        query = {"state": "open", "head": f"{self._owner}:{wanted.branch}", "base": wanted.base}
        for one in listed(self.client.get(f"{self._repository}/pulls", query)):
            ends = field(one, "head", "ref"), field(one, "base", "ref")
            gone = one["head"].get("repo") is None  # the fork of a request may be deleted
            if not gone and field(one, "head", "repo", "id") == self._id and ends == (wanted.branch, wanted.base):
                return _found(one)
        return None

    def open(self, wanted: Wanted) -> Found:
        """A new request."""
        asked = {"title": wanted.title, "body": wanted.body, "head": wanted.branch, "base": wanted.base}
        answer = self.client.asked("POST", f"{self._repository}/pulls", body=asked)
        if answer.status == 422 and "already exists" in (words := self.client.words(_said(answer.value))):
            raise AlreadyOpen("GitHub", wanted.branch, words)
        return _found(self.client.accepted(answer).value)

    def update(self, found: Found, wanted: Wanted) -> None:
        """Title and body."""
        body = {"title": wanted.title, "body": wanted.body}
        self.client.send("PATCH", f"{self._repository}/pulls/{found.number}", body)

    def label(self, found: Found, labels: Sequence[str]) -> None:
        """Add labels; GitHub makes those that the repository does not have."""
        self.client.send("POST", f"{self._repository}/issues/{found.number}/labels", {"labels": list(labels)})


def _found(value: Any) -> Found:
    labels = {str(field(one, "name")) for one in listed(field(value, "labels"))}
    number, url = field(value, "number"), field(value, "html_url")
    return Found(number, url, field(value, "title"), field(value, "body") or "", frozenset(labels))


def _said(value: Any) -> str:
    """The message, and the reason for each thing that is wrong."""
    if not isinstance(value, dict):
        return ""
    errors = value.get("errors")
    parts = [value.get("message")]
    for one in errors if isinstance(errors, list) else ():
        parts.append(one if isinstance(one, str) else one.get("message") if isinstance(one, dict) else None)
    return "; ".join(part for part in parts if isinstance(part, str) and part)
