"""What is asked of a forge, and what its fake answers, is as the forge's own document says: each exchange is compared.

The exchanges are those of the stories in ``test_forges``, written down as a contract, and compared by our own
comparison: a request must be what the document takes, and an answer a part of what it promises.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from signet.core.compare import compare
from signet.core.formats import openapi, pact, text
from tests import published
from tests.forge import test_forges as stories
from tests.forge.dialects import DIALECTS
from tests.forge.fake import TOKEN, Answer, Asked, Forge, anything, opens, running
from tests.forge.test_forges import bare  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow

STORIES: list[Callable[[Forge], None]] = [
    stories.test_it_is_opened_once_and_then_brought_up_to_date,
    stories.test_a_renamed_repository_is_asked_under_its_new_name,
    stories.test_requests_of_forks_and_of_other_branches_are_not_taken_for_it,
    stories.test_one_that_is_not_listed_yet_is_found_when_it_is_to_be_opened,
    lambda forge: stories.test_each_refusal_is_said_in_its_own_way(forge, anything),
    lambda forge: stories.test_each_refusal_is_said_in_its_own_way(forge, opens),
]
UNDOCUMENTED = {400, 401, 403, 404, 405, 409, 422, 429, 500, 503, 301, 307}
"""Answers that any operation may give and documents name for some: where one is not named, the exchange is left out."""

NO_BODY = ("response.body.unknown", "response.content-type.unknown")


def exchanges(kind: str, folder: Path) -> list[tuple[Asked, Answer]]:
    """All exchanges of the stories with one kind of forge."""
    found: list[tuple[Asked, Answer]] = []
    for story in STORIES:
        forge = DIALECTS[kind](folder)
        with running(forge):
            story(forge)
        found += forge.exchanges
    return found


def contract(told: list[tuple[Asked, Answer]]) -> bytes:
    """The exchanges as a Pact file."""
    interactions = []
    for number, (asked, (status, _, value)) in enumerate(told):
        kept = ("accept", "authorization", "content-type")
        request: dict[str, Any] = {"method": asked.method, "path": asked.path}
        request["headers"] = {name: asked.headers[name] for name in kept if name in asked.headers}
        request["query"] = {name: [value] for name, value in asked.query.items()}
        if asked.body is not None:
            request["body"] = asked.body
        response = {"status": status, "headers": {"Content-Type": "application/json"}, "body": value}
        interactions.append({"description": f"{number}", "request": request, "response": response})
    metadata = {"pactSpecification": {"version": "3.0.0"}}
    whole = {"consumer": {"name": "signet"}, "provider": {"name": "forge"}, "interactions": interactions}
    return json.dumps({**whole, "metadata": metadata}).encode()


@pytest.mark.parametrize("kind", ["github", "gitea", "bitbucket"])
def test_every_exchange_is_as_the_forge_publishes_it(
    kind: str,
    bare: Path,  # noqa: F811
    pytestconfig: pytest.Config,
) -> None:
    source = published.document(kind, pytestconfig)
    spec = openapi.spec(text.read(source.read_bytes(), source.name))
    told = [one for one in exchanges(kind, bare) if not one[0].path.startswith("/repositories/17")]  # where 301 leads
    assert len(told) > 40
    found = compare(pact.contract(text.read(contract(told), "pact.json")), spec).findings
    wrong = []
    for finding in found:
        asked, (status, _, _) = told[finding.interaction]
        if finding.code == "response.status.unknown" and status in UNDOCUMENTED:
            continue
        if kind == "gitea" and status in UNDOCUMENTED and finding.code in NO_BODY:
            continue  # it says of each error that it has a message, and puts that among the headers
        if kind == "bitbucket" and finding.code == "request.query.unknown" and set(asked.query) == {"q"}:
            continue  # filters are described once for all lists, and not with each operation
        wrong.append((asked.method, asked.path, status, finding.code, finding.message))
    assert wrong == []
    assert {one.method for one, answer in told if answer[0] < 300} >= {"GET", "POST"}


def test_the_fields_of_gitlab_are_those_of_its_document(bare: Path, pytestconfig: pytest.Config) -> None:  # noqa: F811
    """GitLab's document of version 4 comes by no package; that of version 3 names the same fields for what is used."""
    source = json.loads(published.document("gitlab-3", pytestconfig).read_bytes())
    requests = source["paths"]["/v3/projects/{id}/merge_requests"]
    form = requests["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    fields = set(source["components"]["schemas"]["MergeRequest"]["properties"])
    for asked, (status, _, value) in exchanges("gitlab", bare):
        if asked.method == "POST":
            assert set(form["required"]) <= set(asked.body) <= set(form["properties"])
        if status < 300 and "merge_requests" in asked.path:
            for one in value if isinstance(value, list) else [value]:
                assert set(one) <= fields


def test_an_exchange_that_is_not_so_would_be_found(pytestconfig: pytest.Config) -> None:
    source = published.document("gitea", pytestconfig)
    spec = openapi.spec(text.read(source.read_bytes(), source.name))
    headers = {"authorization": f"token {TOKEN}", "content-type": "application/json"}
    wrong = Asked("POST", "/repos/a/b/pulls", {}, headers, {"title": 7})
    odd = (wrong, (201, {}, {"nummer": 1}))
    findings = compare(pact.contract(text.read(contract([odd]), "pact.json")), spec).findings
    assert {one.code for one in findings} == {"request.body.incompatible", "response.body.incompatible"}
