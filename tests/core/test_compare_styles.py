"""Every way of writing a parameter (``style_cases.yaml``): what fits is taken, what does not is found, in both ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from signet.core import compare
from signet.core.formats import openapi, pact, text
from tests.core.test_compare import document

DATA = text.read((Path(__file__).parent / "style_cases.yaml").read_bytes(), "style_cases.yaml").value
COLLECTIONS = {None: ",", "csv": ",", "ssv": " ", "tsv": "\t", "pipes": "|"}


def compared(spec: dict[str, Any], request: dict[str, Any]) -> set[str]:
    """The codes that are found, which are the same with and without the short cut."""
    interaction = {"description": "d", "request": {"method": "GET", **request}, "response": {"status": 200}}
    contract = {"consumer": {"name": "c"}, "provider": {"name": "p"}, "interactions": [interaction]}
    read = pact.contract(document(contract))
    promised = openapi.spec(document({"info": {"title": "t", "version": "1"}, **spec}))
    found = compare.compare(read, promised).findings
    assert found == compare.compare(read, compare.prepare(promised, short_cut=False)).findings
    return {each.code for each in found}


@pytest.mark.parametrize("row", DATA["rows"], ids=lambda row: text.dump({**row, "schema": str(row["schema"])[:30]}))
def test_a_parameter_is_read_as_its_style_says(row: dict[str, Any]) -> None:
    row = dict(row)
    sent, fits, schema, place = (row.pop(key) for key in ("sent", "fits", "schema", "in"))
    schema = DATA["schemas"][schema] if isinstance(schema, str) else schema
    parameter = {"name": "color", "in": place, "required": True, "schema": schema, **row}
    path = "/a/{color}" if place == "path" else "/a"
    request = {
        "path": {"path": f"/a/{sent}"},
        "query": {"path": "/a", "query": sent},
        "header": {"path": "/a", "headers": {"COLOR": sent}},
        "cookie": {"path": "/a", "headers": {"Cookie": sent}},
    }[place]
    endless = {"Endless": {"type": "array", "items": {"$ref": "#/components/schemas/Endless"}}}
    spec = {
        "openapi": "3.1.0",
        "components": {"schemas": endless},
        "paths": {path: {"get": {"parameters": [parameter], "responses": {"200": {}}}}},
    }
    wrong = "request.path-or-method.unknown" if place == "path" else f"request.{place}.incompatible"
    assert compared(spec, request) == (set() if fits else {wrong})


@pytest.mark.parametrize("place", ["query", "header"])
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_list_of_swagger_is_split_as_its_format_says(place: str, collection: str | None) -> None:
    said = {"collectionFormat": collection} if collection else {}
    parameter = {"name": "c", "in": place, "type": "array", "minItems": 3, "items": {"enum": ["x", "y"]}, **said}
    spec = {
        "swagger": "2.0",
        "paths": {"/a": {"get": {"parameters": [parameter], "responses": {"200": {"description": "d"}}}}},
    }
    for items, fits in ((["x", "y", "x"], True), (["x", "y", "z"], False), (["x", "y"], False)):
        sent = COLLECTIONS[collection].join(items)
        request = {"path": "/a", "query": {"c": [sent]}} if place == "query" else {"path": "/a", "headers": {"c": sent}}
        assert compared(spec, request) == (set() if fits else {f"request.{place}.incompatible"}), sent


@pytest.mark.parametrize(("query", "fits"), [("c=1&c=2", True), ("c=1&c=x", False), ("c=1,2", False)])
def test_a_list_of_swagger_is_given_many_times(query: str, fits: bool) -> None:
    parameter = {"name": "c", "in": "query", "type": "array", "collectionFormat": "multi", "items": {"type": "integer"}}
    spec = {
        "swagger": "2.0",
        "paths": {"/a": {"get": {"parameters": [parameter], "responses": {"200": {"description": "d"}}}}},
    }
    assert compared(spec, {"path": "/a", "query": query}) == (set() if fits else {"request.query.incompatible"})
