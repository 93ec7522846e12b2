"""What forges send when something is pushed: payloads of the shapes that they have, with the fields that are there."""

from __future__ import annotations

import json
from typing import Any

OLD, NEW = "5" * 40, "6" * 40
HOST = "https://git.example.com"


def _commit(**more: Any) -> dict[str, Any]:
    return {
        "id": NEW,
        "message": "publish: cart 2.1.0 (contract with catalog)\n",
        "timestamp": "2026-03-03T10:00:00+00:00",
        "url": f"{HOST}/shop/registry/commit/{NEW}",
        "author": {"name": "Ada", "email": "ada@example.com", "username": "ada"},
        "added": ["services/cart/versions/2.1.0.json"],
        "removed": [],
        "modified": [],
        **more,
    }


def github(repository: str = "shop/registry", ref: str = "refs/heads/main") -> bytes:
    """A push as GitHub tells it."""
    owner, _, name = repository.partition("/")
    about = {
        "id": 7,
        "node_id": "R_7",
        "name": name,
        "full_name": repository,
        "private": True,
        "owner": {"login": owner, "id": 1, "type": "Organization"},
        "html_url": f"https://github.com/{repository}",
        "clone_url": f"https://github.com/{repository}.git",
        "ssh_url": f"git@github.com:{repository}.git",
        "default_branch": "main",
    }
    push = {"ref": ref, "before": OLD, "after": NEW, "created": False, "deleted": False, "forced": False}
    head = _commit(distinct=True, tree_id="7" * 40)
    rest = {"base_ref": None, "compare": f"{HOST}/compare", "commits": [head], "head_commit": head}
    return json.dumps(push | rest | {"repository": about, "pusher": {"name": "ada"}}).encode()


def gitea(repository: str = "shop/registry", ref: str = "refs/heads/main") -> bytes:
    """A push as Gitea and Forgejo tell it."""
    about = {"id": 3, "full_name": repository, "name": repository.partition("/")[2], "clone_url": f"{HOST}/x.git"}
    push = {"ref": ref, "before": OLD, "after": NEW, "compare_url": "", "total_commits": 1, "commits": [_commit()]}
    return json.dumps(push | {"repository": about, "pusher": {"login": "ada"}}, indent=2).encode()


def gitlab(repository: str = "shop/registry", ref: str = "refs/heads/main") -> bytes:
    """A push as GitLab tells it."""
    project = {
        "id": 15,
        "name": "registry",
        "path_with_namespace": repository,
        "default_branch": "main",
        "git_http_url": f"{HOST}/{repository}.git",
    }
    push = {"object_kind": "push", "event_name": "push", "ref": ref, "before": OLD, "after": NEW, "checkout_sha": NEW}
    about = {"name": "registry", "git_ssh_url": f"git@git.example.com:{repository}.git"}
    rest = {"project": project, "repository": about, "commits": [_commit()], "total_commits_count": 1}
    return json.dumps(push | {"user_username": "ada", "project_id": 15} | rest).encode()


def plain(repository: str = "shop/registry", ref: str = "refs/heads/main") -> bytes:
    """A push as a script of one's own tells it."""
    return json.dumps({"repository": repository, "ref": ref}).encode()


BY_HOOK = {"github": github, "gitea": gitea, "gitlab": gitlab, "plain": plain}
EVENTS = {
    "github": {"x-github-event": "push"},
    "gitea": {"x-gitea-event": "push", "x-github-event": "push"},
    "gitlab": {"x-gitlab-event": "Push Hook"},
    "plain": {},
}
DELIVERIES = {
    "github": "x-github-delivery",
    "gitea": "x-gitea-delivery",
    "gitlab": "idempotency-key",
    "plain": "x-signet-delivery",
}
