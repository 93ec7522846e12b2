"""What is told of a changed schema, case by case (``change_schema_cases.yaml``), wherever the schema stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from signet.core.changes import compare
from signet.core.changes.keywords import EVENTS, SUBJECTS
from signet.core.changes.rules import RULES
from signet.core.formats import openapi, text
from signet.core.model.change import Changes
from signet.core.model.spec import Spec

CASES: dict[str, Any] = text.read((Path(__file__).parent / "change_schema_cases.yaml").read_bytes(), "cases.yaml").value
PLACES = ("request-body", "request-property", "request-parameter", "response-body", "response-property")
ELSEWHERE = {"deprecated", "deprecated-with-sunset", "deprecated-sunset-missing", "deprecated-sunset-invalid"}
ELSEWHERE |= {"sunset-date-too-small", "reactivated", "type-compatible", "subtype-added", "subtype-removed"}
"""Events that have their tests in ``test_changes``."""


def spec(schema: Any, place: str, openapi_version: str = "3.1.0") -> Spec:
    """A spec with a schema at a place."""
    inner = {"type": "object", "properties": {"p": schema}} if place.endswith("-property") else schema
    content = {"content": {"application/json": {"schema": inner}}}
    operation: dict[str, Any] = {"responses": {"200": {"description": "d"}}}
    if place == "request-parameter":
        operation["parameters"] = [{"name": "q", "in": "query", "schema": schema}]
    elif place.startswith("request"):
        operation["requestBody"] = content
    else:
        operation["responses"]["200"] |= content
    return written({"openapi": openapi_version, "info": {"title": "t"}, "paths": {"/a": {"post": operation}}})


def written(document: Any) -> Spec:
    """A document as a spec that was read."""
    return openapi.spec(text.read(text.dump(document).encode(), "spec.json"))


def hold(base: Spec, revision: Spec, found: Changes) -> None:
    """What holds for every change."""
    for change in found.changes:
        text.resolve(base.source, change.base_pointer)
        text.resolve(revision.source, change.revision_pointer)
        rule = RULES[change.id]
        assert (change.level, change.direction, change.effect) == (rule.level, rule.direction, rule.effect)
        assert change.message.endswith(".") and change.message[0].isupper() and "{what}" not in change.message


def expected(case: dict[str, Any], way: str, place: str) -> list[str]:
    """The ids that a case expects at a place."""
    events = case[way]
    if isinstance(events, dict):
        events = events[place.partition("-")[0]]
    inside = place.replace("body", "property")
    return sorted(f"{inside if event[0] == '/' else place}-{event.lstrip('/')}" for event in events)


@pytest.mark.parametrize("name", CASES)
def test_case(name: str) -> None:
    case = CASES[name]
    for place in PLACES:
        old, new = spec(case["old"], place), spec(case["new"], place)
        for way, base, revision in (("forth", old, new), ("back", new, old)):
            found = compare(base, revision)
            assert sorted(change.id for change in found.changes) == expected(case, way, place), (way, found.changes)
            hold(base, revision, found)
            assert found.unseen == ()
        assert compare(old, old).changes == compare(new, new).changes == ()


def test_every_event_has_a_case() -> None:
    told = set()
    for case in CASES.values():
        for events in (case["forth"], case["back"]):
            told |= {one for listed in (events.values() if isinstance(events, dict) else [events]) for one in listed}
    told = {event.lstrip("/") for event in told}
    assert not told & ELSEWHERE
    assert EVENTS.keys() - told == ELSEWHERE


def test_every_id_of_a_schema_has_a_subject_and_an_event() -> None:
    for prefix in SUBJECTS:
        assert any(f"{prefix}-{event}" in RULES for event in EVENTS)
