"""Bitbucket Cloud's pull requests (API 2.0). They have no labels. Bitbucket Data Center has another API."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from signet.forge.choice import Choice
from signet.forge.client import Client, field, listed
from signet.forge.request import Found, Wanted


class Bitbucket:
    """One repository at Bitbucket Cloud."""

    def __init__(self, choice: Choice) -> None:
        headers = {"Authorization": f"Bearer {choice.token}"} if choice.token else {}
        self.client = Client(choice, headers, _said)
        self._repository = f"/repositories/{quote(choice.path)}"
        self._name = choice.path

    def locate(self) -> None:
        """Its name may be another one by now."""
        self._name = str(field(self.client.get(self._repository), "full_name"))
        self._repository = f"/repositories/{quote(self._name)}"

    def find(self, wanted: Wanted) -> Found | None:
        """The open request of the branch, which is none of a fork."""
        asked = f'state = "OPEN" AND source.branch.name = {json.dumps(wanted.branch, ensure_ascii=False)}'
        for one in listed(field(self.client.get(f"{self._repository}/pullrequests", {"q": asked}), "values")):
            source, ends = field(one, "source"), _ends(one)
            from_here = isinstance(source.get("repository"), dict) and source["repository"].get("full_name")
            if from_here == self._name and ends == (wanted.branch, wanted.base):
                return _found(one)
        return None

    def open(self, wanted: Wanted) -> Found:
        """A new request, whose branch goes when it is merged; one that is open already is given back as it is then."""
        asked = {
            "type": "pullrequest",
            "title": wanted.title,
            "description": wanted.body,
            "source": {"branch": {"name": wanted.branch}},
            "destination": {"branch": {"name": wanted.base}},
            "close_source_branch": True,
        }
        return _found(self.client.send("POST", f"{self._repository}/pullrequests", asked))

    def update(self, found: Found, wanted: Wanted) -> None:
        """Title and description."""
        body = {"type": "pullrequest", "title": wanted.title, "description": wanted.body}
        self.client.send("PUT", f"{self._repository}/pullrequests/{found.number}", body)

    def label(self, found: Found, labels: Sequence[str]) -> None:
        """There are none at Bitbucket."""


def _ends(value: Any) -> tuple[Any, Any]:
    return field(value, "source", "branch", "name"), field(value, "destination", "branch", "name")


def _found(value: Any) -> Found:
    number, url = field(value, "id"), field(value, "links", "html", "href")
    return Found(number, url, field(value, "title"), field(value, "summary", "raw") or "", frozenset())


def _said(value: Any) -> str:
    """The message, and its detail where that is a text."""
    error = value.get("error") if isinstance(value, dict) else None
    parts = [error.get("message"), error.get("detail")] if isinstance(error, dict) else []
    return "; ".join(part for part in parts if isinstance(part, str) and part)
