"""The kind ``guard-api``: the stories of Deploy Guard, asked of the index service over HTTP.

Each story is played into a real registry as the kind ``guard`` does; then the API is asked, its answer is compared with
what ``decide`` says of the same commit, byte for byte, and with what the story expects. Asking must leave the head
where it was.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from signet.errors import SignetError
from signet.registry import git
from signet.service.api.routes import encoded
from tests.conformance import stories
from tests.conformance.outcome import Outcome
from tests.service.asking import Service


def run_guard_api(directory: Path, sample: int = 1) -> Outcome:
    """All guard stories of a directory, or every ``sample``-th, over HTTP."""
    return stories.run(directory, stories.expected_decision, asked_over_http, sample=sample)


def asked_over_http(repo: git.Repository, story: dict[str, Any]) -> Any:
    """The answer of the API to the story's question, or why it is not that of ``decide``."""
    before = git.head(repo)
    ask = story["ask"]
    question = {"service": ask["service"], "version": ask["version"]}
    question |= {"target": ask["target"]} if "target" in ask else {"environment": ask["environment"]}
    together = [f"{one['service']}@{one['version']}" for one in ask.get("with", [])]
    ignored = stories.ignored(ask)
    service = Service(repo.location)
    answer = service.ask("/guard", **question, **({"with": together} if together else {}), ignore=ignored)
    service.shelf.close()
    if git.head(repo) != before:
        return {"error": "asking changed the registry"}
    try:
        decision = stories.decided(repo, story)
    except SignetError as error:
        same = answer.status_code >= 400 and answer.json()["code"] == error.code
        return {"error": error.code} if same else {"error": f"{error.code} is {answer.status_code} {answer.text}"}
    expected = encoded(decision.as_json() | {"commit": before})
    if answer.status_code != 200 or answer.content != expected:
        return {"error": f"not what decide says: {answer.status_code} {answer.text}"}
    return stories.decision(json.loads(answer.content))
