"""What is asked of a forge, and what its fake answers, is as the forge's own document says: each exchange is compared.

The exchanges are those of the stories in ``test_forges``, written down as a contract, and compared by our own
comparison: a request must be what the document takes, and an answer a part of what it promises.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
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
    """GitLab's document of version 4 comes by no package; that of version 3 has the same fields for what is used."""
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


def test_clients_of_gitlab_ask_the_same_and_are_answered_the_same(
    bare: Path,  # noqa: F811
    pytestconfig: pytest.Config,
) -> None:
    """Version 4, as its clients have it: what a list, a new request and a changed one take; and what is answered."""
    may_ask = _asked_by_clients(pytestconfig)
    schemas = {
        kind: json.loads(published.document(f"gitlab-{kind}", pytestconfig).read_bytes())
        for kind in ("merge-requests", "projects")
    }
    seen = set()
    for asked, (status, _, value) in exchanges("gitlab", bare):
        is_project = "merge_requests" not in asked.path
        if not is_project:
            given = asked.query if asked.method == "GET" else asked.body
            required, known = may_ask[asked.method]
            assert required <= set(given) <= known, asked.method
            seen.add(asked.method)
        if status < 300:
            schema = schemas["projects" if is_project else "merge-requests"]
            for one in value if isinstance(value, list) else [value]:
                assert set(one) <= set(schema["properties"])
                jsonschema.Draft7Validator(schema).validate(one)
    assert seen == {"GET", "POST", "PUT"}


def _asked_by_clients(config: pytest.Config) -> dict[str, tuple[set[str], set[str]]]:
    """By method, the names that a client must and may give: python-gitlab's, and what Gitbeaker has beside them."""
    tree = ast.parse(published.document("gitlab-asked", config).read_bytes())
    (manager,) = [
        one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == "ProjectMergeRequestManager"
    ]
    said = {one.targets[0].id: one.value for one in manager.body if isinstance(one, ast.Assign)}  # type: ignore[attr-defined]

    def attributes(name: str) -> dict[str, set[str]]:
        words = said[name].keywords  # type: ignore[attr-defined]
        return {"required": set(), "optional": set()} | {one.arg: set(ast.literal_eval(one.value)) for one in words}

    created, updated = attributes("_create_attrs"), attributes("_update_attrs")
    types = published.document("gitlab-types", config).read_text(encoding="utf-8")
    edit = re.search(r"type EditMergeRequestOptions = \{(.*?)\n\};", types, re.DOTALL)
    assert edit is not None
    more = {re.sub(r"([A-Z])", r"_\1", name).lower() for name in re.findall(r"(\w+)\?:", edit[1])}
    return {
        "GET": (set(), set(ast.literal_eval(said["_list_filters"])) | {"per_page", "page"}),
        "POST": (created["required"], created["required"] | created["optional"]),
        "PUT": (set(), updated["optional"] | more),
    }


def test_a_package_that_cannot_be_had_is_asked_for_once(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever works without a network waits once, and not again for each test."""
    asked = []

    def refuses(package: str, into: Path) -> str:
        asked.append(package)
        return "nobody answers"

    monkeypatch.setattr(published, "_fetch", refuses)
    monkeypatch.setattr(pytestconfig.cache, "mkdir", lambda name: tmp_path)
    for name in ("gitea", "gitea", "bitbucket", "github"):
        with pytest.raises(pytest.skip.Exception):
            published.document(name, pytestconfig)
    assert asked == [published.DIRECTORY, published.GITHUB]
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", "another run")
    with pytest.raises(pytest.skip.Exception):
        published.document("gitea", pytestconfig)
    assert asked[2:] == [published.DIRECTORY]


def test_an_exchange_that_is_not_so_would_be_found(pytestconfig: pytest.Config) -> None:
    source = published.document("gitea", pytestconfig)
    spec = openapi.spec(text.read(source.read_bytes(), source.name))
    headers = {"authorization": f"token {TOKEN}", "content-type": "application/json"}
    wrong = Asked("POST", "/repos/a/b/pulls", {}, headers, {"title": 7})
    odd = (wrong, (201, {}, {"nummer": 1}))
    findings = compare(pact.contract(text.read(contract([odd]), "pact.json")), spec).findings
    assert {one.code for one in findings} == {"request.body.incompatible", "response.body.incompatible"}
