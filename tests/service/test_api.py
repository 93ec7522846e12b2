"""What holds for every question of the API: its answer, its commit, its tag, its refusals."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from signet.registry import git
from signet.service.api import document
from signet.service.api.routes import PREFIX
from tests.domain import Team
from tests.service import asking, questions
from tests.service.asking import Service

API_JSON = Path(__file__).parents[2] / "docs" / "api.json"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return asking.shop(tmp_path_factory.mktemp("api") / "registry")


@pytest.fixture(scope="module")
def service(team: Team) -> Service:
    return Service(team.location)


def strict(schema: Any) -> Any:
    """A schema of the document under which no undeclared member passes."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    told = {key: strict(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        told["additionalProperties"] = False
    return told


DOCUMENT = document.document()


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        yield path.removeprefix(PREFIX), methods["get"]


def matching(path: str) -> tuple[str, dict[str, Any]]:
    """The operation that a path is for: templates whose other segments are equal, the most literal one."""

    def fits(template: str) -> bool:
        pairs = list(zip(template.split("/"), path.split("/"), strict=False))
        return template.count("/") == path.count("/") and all(one[:1] == "{" or one == other for one, other in pairs)

    return min((one for one in operations() if fits(one[0])), key=lambda one: one[0].count("{"))


def test_every_answer_is_what_the_document_says_and_no_member_more(team: Team, service: Service) -> None:
    asked = set()
    for path, query in questions.every(team):
        answer = service.ask(path, **query)
        assert answer.status_code == 200, (path, query, answer.text)
        template, operation = matching(path)
        asked.add(template)
        media = answer.headers["content-type"].partition(";")[0]
        schema = operation["responses"]["200"]["content"][media]["schema"]
        if media == "application/json":
            whole = strict({"components": DOCUMENT["components"], **schema})
            jsonschema.Draft202012Validator(whole).validate(answer.json())
            assert answer.json()["commit"] == team.head
        assert answer.headers["signet-commit"] == team.head
    assert asked == {path for path, _ in operations()}


def test_a_tag_is_known_again_and_every_other_question_has_another(team: Team, service: Service) -> None:
    tags = {}
    for path, query in questions.every(team):
        answer = service.ask(path, **query)
        tags[path, str(query)] = tag = answer.headers["etag"]
        again = service.ask(path, headers={"If-None-Match": f'"other", W/{tag}'}, **query)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        head = service.ask(path, method="HEAD", **query)
        assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
        assert head.headers["content-length"] == str(len(answer.content))
    assert len(set(tags.values())) == len(tags)


def test_a_known_tag_is_answered_without_computing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    question = {"service": "cart", "version": "1", "environment": "production"}
    tag = service.ask("/guard", **question).headers["etag"]
    monkeypatch.setattr("signet.service.answers.judging.decide", None)
    assert service.ask("/guard", **question, headers={"If-None-Match": tag}).status_code == 304
    failed = service.ask("/guard", **question)
    assert failed.status_code == 500, "the decision was not asked for at all"
    assert "Traceback" not in failed.text and "NoneType" not in failed.text
    assert failed.json()["code"] == "bug" and failed.json()["id"]


def test_two_services_over_one_commit_answer_with_equal_bytes(team: Team, service: Service) -> None:
    other = Service(team.location)
    for path, query in questions.every(team):
        first, second = service.ask(path, **query), other.ask(path, **query)
        assert first.content == second.content
        assert all(first.headers[name] == second.headers[name] for name in ("etag", "signet-commit", "content-type"))


def test_at_an_older_commit_the_answer_is_that_of_a_service_that_stopped_there(tmp_path: Path) -> None:
    team = asking.shop(tmp_path / "registry")
    then = Service(team.location)
    before = team.head
    team.live("catalog", "3", "/prices")
    now = Service(team.location)
    changed = 0
    for path, query in questions.every(team):
        if query.get("environment") == "production" or "format" not in query:
            old = now.ask(path, at=before, **query)
            assert old.headers["signet-commit"] == before
            told, stood = old.json() if "json" in old.headers["content-type"] else {}, {}
            first = then.ask(path, **query)
            stood = first.json() if "json" in first.headers["content-type"] else {}
            assert told == stood, path
            changed += told != (now.ask(path, **query).json() if told else {})
    assert changed > 10


def test_asking_creates_nothing(team: Team, service: Service, tmp_path: Path) -> None:
    """Signet 2023 created services and environments that it was asked about."""
    root = Path(team.location)

    def everything() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}

    before = everything()
    for path, query in questions.every(team):
        service.ask(path, **query)
    for name in ("nobody", "Cart", "cart.yaml"):
        assert service.ask(f"/services/{name}").status_code == 404
        assert service.ask(f"/environments/{name}").status_code == 404
        question = {"service": name, "version": "1", "environment": "production"}
        assert service.ask("/guard", **question).status_code == 404
        assert service.ask("/guard", **{**question, "service": "cart", "environment": name}).status_code == 404
    assert everything() == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_there_is_no_route_that_writes(service: Service, team: Team, method: str) -> None:
    for path, query in questions.every(team):
        answer = service.ask(path, method=method, **query)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert answer.headers["content-type"] == "application/problem+json"


REFUSED = {
    "/nothing": (404, "not-found"),
    "/services/crt": (404, "unknown-service"),
    "/services/cart/versions/9": (404, "unknown-version"),
    "/services/cart/specs/agreed": (404, "unknown-spec"),
    "/services/cart/usage": (404, "spec-missing"),
    "/services/cart/specs/XYZ": (422, "request-invalid"),
    "/services/cart/contracts/catalog/00000000": (404, "unknown-contract"),
    "/guard?service=cart&version=1&enviroment=production": (400, "unknown-parameter"),
    "/guard?service=cart&service=catalog&version=1&environment=production": (400, "repeated-parameter"),
    "/guard?service=cart&version=1": (400, "usage"),
    "/guard?service=cart&version=1&environment=production&target=main-branch": (400, "usage"),
    "/guard?service=cart&version=1&environment=production&with=catalog": (422, "request-invalid"),
    "/guard?service=cart&version=1&environment=productoin": (404, "unknown-environment"),
    "/guard": (422, "request-invalid"),
    "/services?limit=0": (422, "request-invalid"),
    "/services?limit=501": (422, "request-invalid"),
    "/services?cursor=x": (404, "cursor-refused"),
    "/services?at=HEAD~999": (404, "unknown-commit"),
    "/services?at=--output": (422, "request-invalid"),
    "/services?at=1999-01-01": (404, "unknown-commit"),
    "/owed?provider_version=1": (400, "usage"),
    f"/services/{'x' * 65}": (422, "request-invalid"),
    f"/services?name={'x' * 20000}": (414, "too-long"),
    f"/guard?service=cart&version=1&environment=production{'&ignore=a' * 101}": (422, "request-invalid"),
    "/changes?base=catalog@1&revision=nobody": (404, "unknown-service"),
    "/changes?base=catalog@&revision=catalog@1": (400, "usage"),
    "/impact?revision=catalog@": (400, "usage"),
    "/comparisons?consumer=cart&consumer_version=1&provider=mail": (404, "unknown-contract"),
}


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_refused_is_a_problem_with_a_code(service: Service, path: str) -> None:
    answer = service.ask(path)
    told = answer.json()
    assert (answer.status_code, told["code"]) == REFUSED[path]
    assert told["status"] == answer.status_code and (told.get("remedy") or answer.status_code == 414)
    assert answer.headers["content-type"] == "application/problem+json"
    jsonschema.validate(told, {"components": DOCUMENT["components"], "$ref": "#/components/schemas/Problem"})


def test_a_misspelt_parameter_is_told_with_what_was_meant(service: Service) -> None:
    answer = service.ask("/guard?service=cart&version=1&enviroment=production")
    assert "did you mean 'environment'?" in answer.json()["title"]


def test_every_fault_of_a_request_is_told_with_its_place(service: Service) -> None:
    faults = service.ask(f"/guard?version={'x' * 200}&target=elsewhere").json()["faults"]
    assert {one["place"] for one in faults} == {"query/service", "query/version", "query/target"}


def test_a_broken_file_that_is_needed_is_told_with_its_place_and_others_are_answered(tmp_path: Path) -> None:
    team = asking.shop(tmp_path / "registry")
    repo = team.repo
    broken = git.commit(repo, team.head, {"environments/staging/cart.yaml": b"deployed: {\n"}, "broken\n")
    assert git.publish(repo, team.head, broken).status == "accepted"
    service = Service(team.location)
    answer = service.ask("/environments/staging", at=broken)
    assert (answer.status_code, answer.json()["code"]) == (422, "record-invalid")
    assert answer.json()["faults"][0]["file"] == "environments/staging/cart.yaml"
    assert service.ask("/environments/production", at=broken).status_code == 200


def test_no_answer_is_a_table_for_a_spreadsheet() -> None:
    answers = [answer for _, operation in operations() for answer in operation["responses"].values()]
    media = {one for answer in answers for one in answer.get("content", {})}
    assert media == {"application/json", "application/problem+json", "image/svg+xml", "text/vnd.mermaid"}


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_what_is_live_has_the_verdict_that_guard_gives_it(team: Team, service: Service, environment: str) -> None:
    told = service.ask(f"/environments/{environment}").json()["services"]
    for one in told:
        for verdict in one["verdicts"]:
            decision = team.guard(one["service"], verdict["version"], environment)
            assert (verdict["verdict"], verdict["code"]) == (decision.verdict, decision.reasons[0].code)
            assert verdict["against"] == sum(reason.weight == "no" for reason in decision.reasons)
    assert told or environment == "staging"


def test_the_document_that_is_kept_is_the_one_that_is_served(service: Service) -> None:
    served = service.ask("/openapi.json")
    assert served.content == document.text(document.document()).encode()
    assert service.ask("/openapi.json", method="HEAD").status_code == 200
    assert service.ask("/openapi.json?x=1").status_code == 400
    assert API_JSON.read_bytes() == served.content, "write it anew: SIGNET_REGENERATE=1 pytest tests/service"


def test_every_operation_is_complete() -> None:
    names = [operation["operationId"] for _, operation in operations()]
    assert len(set(names)) == len(names) > 20
    for path, operation in operations():
        assert operation["summary"] and operation["description"], path
        assert {"200", "304", "400", "401", "404", "414", "422", "500", "503"} == set(operation["responses"]), path
        for parameter in operation.get("parameters", []):
            assert parameter["description"], (path, parameter["name"])


@pytest.fixture(autouse=True, scope="session")
def regenerated() -> None:
    if os.environ.get("SIGNET_REGENERATE"):
        API_JSON.write_text(document.text(document.document()), encoding="utf-8")


def test_a_number_of_a_document_keeps_every_digit(tmp_path: Path) -> None:
    team = Team.founds(tmp_path / "registry")
    data = json.loads(asking_spec())
    text = json.dumps(data).replace('"LIMIT"', "1.00000000000000000001")
    team.spec("catalog", None, data=text.encode())
    answer = Service(team.location).ask("/services/catalog/specs/agreed")
    assert "1.00000000000000000001" in answer.text


def asking_spec() -> bytes:
    """A spec with a limit to be filled in."""
    schema = {"type": "number", "maximum": "LIMIT"}
    answer = {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}
    return json.dumps(
        {"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {"/a": {"get": {"responses": answer}}}}
    ).encode()


def test_no_question_makes_the_service_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    team = asking.shop(tmp_path / "registry")
    monkeypatch.setenv("SIGNET_CACHE", str(tmp_path / "cache"))
    service = Service(f"file://{team.location}")
    fetched: list[object] = []
    monkeypatch.setattr("signet.registry.git.mirror.fetch", lambda repository, **_: fetched.append(repository))
    assert service.ask("/services", at="deadbeef").json()["code"] == "unknown-commit"
    assert service.ask("/services", at="HEAD~1").status_code == 200
    assert service.ask("/services", at=team.head[:12]).json()["commit"] == team.head
    assert service.ask("/services").status_code == 200
    assert fetched == []
    service.refresh()
    assert len(fetched) == 1, "a look at the registry does"
