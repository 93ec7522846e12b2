"""Specs of all dialects: what is refused, with every place at once; bundling of split specs."""

from __future__ import annotations

from typing import Any

import pytest

from signet.core.formats import openapi, text
from signet.errors import InvalidData


def document(value: Any, name: str = "openapi.json") -> text.Document:
    """A value as a file that was read."""
    return text.read(text.dump(value, 2).encode(), name)


def spec(**more: Any) -> dict[str, Any]:
    """A spec with one operation."""
    return {"openapi": "3.0.3", "info": {"title": "Catalog", "version": "1"}, "paths": {}, **more}


def answers(schema: Any) -> dict[str, Any]:
    """A path that answers with a schema."""
    return {"/a": {"get": {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}}}


def faults(value: Any) -> InvalidData:
    """The refusal of a spec."""
    with pytest.raises(InvalidData) as caught:
        openapi.spec(document(value))
    for fault in caught.value.faults:
        assert fault.line
        text.resolve(value, fault.pointer or "")
    return caught.value


@pytest.mark.parametrize(
    ("head", "dialect"),
    [
        ({"openapi": "3.0.3"}, "3.0"),
        ({"openapi": "3.1.0"}, "3.1"),
        ({"openapi": "3.1.1-rc"}, "3.1"),
        ({"swagger": "2.0"}, "2.0"),
        ({"swagger": 2}, "2.0"),
    ],
)
def test_dialects(head: dict[str, Any], dialect: str) -> None:
    found = openapi.spec(document({**head, "info": {"title": "Catalog"}, "paths": {}}))
    assert (found.dialect, found.title) == (dialect, "Catalog")
    assert found.digest == text.digest(found.source)


@pytest.mark.parametrize("head", [{"openapi": "2.0"}, {"openapi": "4.0.0"}, {"swagger": "1.2"}, {"openapi": None}, {}])
def test_other_dialects_are_refused(head: dict[str, Any]) -> None:
    error = faults({**head, "paths": {}})
    assert "only OpenAPI 3.0 and 3.1, and Swagger 2.0" in error.faults[0].message or "is an object" in str(error)


def test_every_fault_is_told_at_once() -> None:
    error = faults(
        spec(
            paths={
                "a": {},
                "/a": {
                    "GET": {},
                    "get": {"parameters": [{"in": "body", "name": "x"}, {"in": "query"}], "responses": []},
                },
                "/b": {
                    "get": {
                        "responses": {"200": {"content": {"application/json": {"schema": {"type": 1, "allOf": {}}}}}}
                    }
                },
                "/c": answers({"$ref": "#/components/schemas/None"})["/a"],
                "/d": answers({"required": [1], "enum": "x", "properties": {"y": []}})["/a"],
                "/e": "no path item",
            }
        )
    )
    messages = [fault.message for fault in error.faults]
    assert len(messages) == len({(fault.pointer, fault.message) for fault in error.faults}) == 12, messages
    assert [fault.line for fault in error.faults] == sorted(fault.line for fault in error.faults)


@pytest.mark.parametrize("ref", ["other.yaml", "https://example.com/a.yaml#/b", "", "file:///etc/passwd"])
def test_a_reference_out_of_the_document_is_refused(ref: str) -> None:
    error = faults(spec(paths=answers({"$ref": ref})))
    assert "leads out of the document" in error.faults[0].message
    assert "undle" in error.remedy


def test_references_that_lead_round_or_to_something_else() -> None:
    schemas = {
        "A": {"$ref": "#/components/schemas/B"},
        "B": {"$ref": "#/components/schemas/A"},
        "C": {"$ref": "#/info/title"},
    }
    error = faults(spec(components={"schemas": schemas}))
    assert [fault.message.split(" leads ")[1][:5] for fault in error.faults] == ["round", "round", "to so"]


@pytest.mark.parametrize(
    ("ref", "kind"),
    [
        ("#", "document"), ("#/info", "value"), ("#/paths", "map of paths"), ("#/paths/~1a", "path"),
        ("#/paths/~1a/get/responses/200", "response"), ("#/components", "components"),
        ("#/components/schemas", "map of schemas"), ("#/components/schemas/T/properties", "map of schemas"),
 ("#/components/schemas/T/items", ""),
        ("#/components/schemas/T/x-part", ""), ("#/x-parts/T", ""), ("#/components/schemas/T/allOf/0", ""),
    ],
)  # fmt: skip
def test_a_reference_from_a_schema_leads_to_a_schema_or_an_extension(ref: str, kind: str) -> None:
    schemas = {"T": {"properties": {"a": {}}, "allOf": [{}], "items": {}, "x-part": {}}}
    about = spec(paths=answers({"$ref": ref}), components={"schemas": schemas}, **{"x-parts": {"T": {}}})
    if not kind:
        openapi.spec(document(about))
        return
    (fault,) = faults(about).faults
    assert fault.message == f"the reference leads to a {kind}, and not to a schema"
    assert fault.pointer is not None and fault.pointer.endswith("/schema/$ref")


@pytest.mark.parametrize("ref", ["#name", "#/$defs/none", "#twice"])
def test_an_anchor_is_one_place(ref: str) -> None:
    schemas = {"A": {"$anchor": "twice"}, "B": {"properties": {"b": {"$dynamicAnchor": "twice"}}}}
    (fault,) = faults(spec(openapi="3.1.0", paths=answers({"$ref": ref}), components={"schemas": schemas})).faults
    assert fault.message == f"the reference {ref!r} leads nowhere"


def test_a_chain_of_references_is_walked_once() -> None:
    """The last of a chain is as near as the first: a long one takes no longer than the document is."""
    size = 30_000
    chain = {f"S{i}": {"$ref": f"#/components/schemas/S{i + 1}"} for i in range(size)} | {f"S{size}": {"$ref": "#/no"}}
    error = faults(spec(components={"schemas": chain}))
    assert {fault.message for fault in error.faults} == {"the reference '#/no' leads nowhere"}


def test_what_real_specs_do_is_accepted() -> None:
    name = "a/b~c{d}"
    openapi.spec(
        document(
            spec(
                openapi="3.1.0",
                paths={
                    "/a": {"parameters": None, "description": "d", "x-y": 1, "get": {"responses": {"200": None}}},
                    "/b": answers({"$ref": "#/components/schemas/a~1b~0c%7Bd%7D"})["/a"],
                    "/c": answers({"example": {"$ref": "elsewhere.yaml"}, "enum": [{"$ref": 1}], "items": [True, {}]})[
                        "/a"
                    ],
                },
                components={
                    "schemas": {
                        name: {"properties": {"$ref": {"type": "string"}}},
                        "R": {"allOf": [{"$ref": "#/components/schemas/R"}]},
                    }
                },
            )
        )
    )


def test_what_looks_like_a_spec() -> None:
    assert openapi.looks_like({"openapi": "3.0.0"})
    assert openapi.looks_like({"swagger": "2.0"})
    for other in ({"interactions": []}, [], None, "openapi"):
        assert not openapi.looks_like(other)


# --- bundling --------------------------------------------------------------------------------------------------------


def bundled(root: Any, **files: Any) -> Any:
    """A spec whose files are named like ``schemas__pet`` for schemas/pet.yaml."""
    known = {name.replace("__", "/") + ".yaml": value for name, value in files.items()}

    def load(path: str) -> text.Document:
        if path not in known:
            raise InvalidData(f"{path} is missing.")
        return document(known[path], path)

    before = text.dump(root)
    value = openapi.bundled(document(root, "specs/openapi.yaml"), load)
    assert text.dump(root) == before
    return value


def test_a_spec_that_is_not_split_stays_as_it_is() -> None:
    value = spec(paths=answers({"$ref": "#/components/schemas/A"}), components={"schemas": {"A": {"type": "string"}}})
    assert bundled(value) == value


def test_files_are_joined_and_each_part_is_copied_once() -> None:
    value = bundled(
        spec(
            paths={"/a": {"$ref": "paths/a.yaml"}, "/b": {"$ref": "paths/a.yaml"}},
            components={"schemas": {"Pet": {"type": "integer"}}},
        ),
        paths__a=answers({"$ref": "../schemas/pet.yaml#/Pet"})["/a"],
        schemas__pet={
            "Pet": {
                "type": "object",
                "properties": {
                    "owner": {"$ref": "#/Owner"},
                    "kind": {"$ref": "../openapi.yaml#/components/schemas/Pet"},
                },
                "discriminator": {"propertyName": "t", "mapping": {"p": "pet.yaml#/Pet", "q": "Plain"}},
            },
            "Owner": {"type": "object", "properties": {"pets": {"items": {"$ref": "pet.yaml#/Pet"}}}},
        },
    )
    schemas = value["components"]["schemas"]
    assert set(schemas) == {"Pet", "Pet_2", "Owner"}
    assert schemas["Pet_2"]["properties"] == {
        "owner": {"$ref": "#/components/schemas/Owner"},
        "kind": {"$ref": "#/components/schemas/Pet"},
    }
    assert schemas["Pet_2"]["discriminator"]["mapping"] == {"p": "#/components/schemas/Pet_2", "q": "Plain"}
    assert schemas["Owner"]["properties"]["pets"]["items"] == {"$ref": "#/components/schemas/Pet_2"}
    assert value["paths"]["/a"] == value["paths"]["/b"] == answers({"$ref": "#/components/schemas/Pet_2"})["/a"]
    openapi.spec(document(value))


def test_swagger_puts_them_elsewhere() -> None:
    root = {
        "swagger": "2.0",
        "paths": {
            "/a": {
                "get": {
                    "parameters": [{"$ref": "parts.yaml#/page"}],
                    "responses": {"200": {"$ref": "parts.yaml#/ok"}},
                }
            }
        },
    }
    value = bundled(
        root,
        parts={
            "page": {"name": "page", "in": "query", "type": "integer"},
            "ok": {"description": "ok", "schema": {"$ref": "#/item"}},
            "item": {"type": "string"},
        },
    )
    assert value["parameters"]["page"]["type"] == "integer"
    assert value["responses"]["ok"]["schema"] == {"$ref": "#/definitions/item"}
    assert value["definitions"] == {"item": {"type": "string"}}
    openapi.spec(document(value))


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("https://example.com/a.yaml", "not a relative path"),
        ("/etc/passwd", "not a relative path"),
        ("file:a.yaml", "not a relative path"),
        ("..\\a.yaml", "not a relative path"),
        ("../a.yaml", "out of the folder"),
        ("x/../../a.yaml", "out of the folder"),
        ("%2e%2e/a.yaml", "out of the folder"),
        ("missing.yaml", "missing.yaml is missing"),
        ("known.yaml#/nothing", "leads nowhere"),
    ],
)
def test_what_is_not_bundled(ref: str, message: str) -> None:
    with pytest.raises(InvalidData) as caught:
        bundled(spec(paths={"/a": {"$ref": "known.yaml"}, "/b": answers({"$ref": ref})["/a"]}), known={"get": {}})
    assert [message in fault.message for fault in caught.value.faults] == [True]


def test_path_items_that_lead_round() -> None:
    with pytest.raises(InvalidData, match="round in a circle"):
        bundled(spec(paths={"/a": {"$ref": "a.yaml"}}), a={"$ref": "b.yaml"}, b={"$ref": "a.yaml"})
