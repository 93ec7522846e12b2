"""GitLab's merge requests (REST API 4), at gitlab.com and elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from signet.forge.choice import Choice
from signet.forge.client import Client, field, listed
from signet.forge.request import AlreadyOpen, Found, Wanted


class GitLab:
    """One project at GitLab."""

    def __init__(self, choice: Choice) -> None:
        headers = {"Authorization": f"Bearer {choice.token}"} if choice.token else {}
        self.client = Client(choice, headers, _said)
        self._project = f"/projects/{quote(choice.path, safe='')}"
        self._id = 0

    def locate(self) -> None:
        """By its number: under an old path, GitLab answers questions with a redirect and refuses everything else."""
        self._id = field(self.client.get(self._project), "id")
        self._project = f"/projects/{self._id}"

    def find(self, wanted: Wanted) -> Found | None:
        """The open request of the branch, which is none of a fork."""
        query = {"state": "opened", "source_branch": wanted.branch, "target_branch": wanted.base}
        for one in listed(self.client.get(f"{self._project}/merge_requests", query)):
            branches = field(one, "source_branch"), field(one, "target_branch")
            if field(one, "source_project_id") == self._id and branches == (wanted.branch, wanted.base):
                return _found(one)
        return None

    def open(self, wanted: Wanted) -> Found:
        """A new request, whose branch goes when it is merged."""
        asked = {
            "source_branch": wanted.branch,
            "target_branch": wanted.base,
            "title": wanted.title,
            "description": wanted.body,
            "remove_source_branch": True,
        }
        answer = self.client.asked("POST", f"{self._project}/merge_requests", body=asked)
        if answer.status == 409:
            words = self.client.words(_said(answer.value))
            raise AlreadyOpen("GitLab", wanted.branch, words)
        return _found(self.client.accepted(answer).value)

    def update(self, found: Found, wanted: Wanted) -> None:
        """Title and description."""
        body = {"title": wanted.title, "description": wanted.body}
        self.client.send("PUT", f"{self._project}/merge_requests/{found.number}", body)

    def label(self, found: Found, labels: Sequence[str]) -> None:
        """Add labels; GitLab makes those that the project does not have."""
        self.client.send("PUT", f"{self._project}/merge_requests/{found.number}", {"add_labels": ",".join(labels)})


def _found(value: Any) -> Found:
    labels = frozenset(str(one) for one in listed(field(value, "labels")))
    number, url = field(value, "iid"), field(value, "web_url")
    return Found(number, url, field(value, "title"), field(value, "description") or "", labels)


def _said(value: Any) -> str:
    """What is wrong: a text, a list of texts, or lists by field; or OAuth's error and its description."""
    if not isinstance(value, dict):
        return ""
    message = value.get("message")
    if isinstance(message, dict):
        message = [
            f"{name}: {', '.join(map(str, texts))}" for name, texts in message.items() if isinstance(texts, list)
        ]
    if isinstance(message, list):
        message = "; ".join(map(str, message))
    parts = (message, value.get("error"), value.get("error_description"))
    return "; ".join(part for part in parts if isinstance(part, str) and part)
