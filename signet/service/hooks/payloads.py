"""What a signed delivery is about: a push to a branch of a repository, a ping, or something else.

It is read as a hint only. What cannot be read is a push that may concern us: to look once too often costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import jiter

from signet.service.hooks.signatures import Headers, one

_EVENTS = {
    "github": ("x-github-event",),
    "gitea": ("x-forgejo-event", "x-gitea-event", "x-github-event"),
    "gitlab": ("x-gitlab-event",),
    "plain": (),
}
_DELIVERIES = (
    "x-github-delivery",
    "x-forgejo-delivery",
    "x-gitea-delivery",
    "idempotency-key",
    "x-gitlab-event-uuid",
    "webhook-id",
    "x-signet-delivery",
)
_PUSHES = frozenset({"push", "push hook", "system hook", "repository update hook", ""})


class Delivery(NamedTuple):
    """``identity`` is the sender's name of it; ``ref`` and ``repositories`` are "" and empty where it says none."""

    identity: str
    is_ping: bool
    is_push: bool
    ref: str = ""
    repositories: tuple[str, ...] = ()

    def concerns(self, branch: str, repository: str) -> bool:
        """Is it about a push to this branch of this repository, as far as it says? "" stands for any."""
        if not self.is_push or (self.ref and branch and self.ref != f"refs/heads/{branch}"):
            return False
        if not (repository and self.repositories):
            return True
        return any(f"/{repository}".endswith(f"/{name}") for name in self.repositories)


def read(hook: str, headers: Headers, body: bytes) -> Delivery:
    """The delivery of a body whose signature holds."""
    event = next((one(headers, name).lower() for name in _EVENTS[hook] if name in headers), "")
    identity = next((one(headers, name)[:200] for name in _DELIVERIES if name in headers), "")
    payload = _object(headers, body)
    if hook == "plain":
        event = "ping" if payload.get("event") == "ping" else ""
    ref = payload.get("ref")
    return Delivery(
        identity,
        is_ping=event == "ping",
        is_push=event in _PUSHES,
        ref=ref if isinstance(ref, str) else "",
        repositories=tuple(_names(payload)),
    )


def place_of(location: str) -> str:
    """The path of a registry's address, such as ``team/registry``; "" for a folder of this machine."""
    if "://" in location:
        parts = urlsplit(location)
        path = "" if parts.scheme == "file" else parts.path
    else:
        host, colon, path = location.partition(":")
        path = path if colon and "/" not in host and len(host) > 1 else ""
    return path.strip("/").removesuffix(".git").lower()


def _object(headers: Headers, body: bytes) -> dict[str, Any]:
    if one(headers, "content-type").startswith("application/x-www-form-urlencoded"):
        try:
            body = parse_qs(body.decode(), max_num_fields=20).get("payload", [""])[0].encode()
        except ValueError:
            return {}
    try:
        found = jiter.from_json(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _names(payload: dict[str, Any]) -> Iterator[str]:
    for key in ("repository", "project"):
        about = payload.get(key)
        if isinstance(about, str):
            yield about.strip("/").lower()
        for name in ("full_name", "path_with_namespace"):
            if isinstance(about, dict) and isinstance(about.get(name), str) and about[name]:
                yield about[name].strip("/").lower()
