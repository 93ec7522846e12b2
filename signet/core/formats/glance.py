"""A quick look at a spec: is nothing wrong with it, and does it refer to nothing outside? It only ever says yes.

A yes means that ``openapi`` would find no fault and ``bundling`` would change nothing; whoever gets a no asks them,
and they say what and where. So nothing is built here but the answer: no places, no sentences. The questions are those
of ``openapi``, over the same table of ``structure``; that a yes of this module is a yes of theirs is a property in the
tests.
"""

from __future__ import annotations

from typing import Any

from signet.core.formats.pointer import resolve
from signet.core.formats.structure import (
    FIELDS,
    LIST,
    MAP,
    METHODS,
    ONE,
    ONE_OR_LIST,
    PLACES,
    SECTIONS,
    kind_at,
    reference,
)

_LONGEST = 20  # references to references; who walks longer chains remembers where they end
Found = list[tuple[str, Any]]
"""(kind, value) of what is still to be looked at."""

_NO_REFERENCE = ("document", "components", "object")
_SPELLINGS = frozenset(METHODS)
_ALSO = ("document", "path", "parameter")
_SCHEMA = FIELDS["schema"]
_TELLING = frozenset(("$ref", "required", "enum", "discriminator", *_SCHEMA))
"""The keys of a schema that say anything about its shape, beside ``type``; most schemas have none of them."""
_INSIDE = frozenset(_SCHEMA)
_KINDS = {kind for fields in FIELDS.values() for _, kind in fields.values()} | {*FIELDS}
_HOME = {kind: f"#/components/{name}/" for kind, name in SECTIONS.items()}
_SWAGGER_HOME = {"schema": "#/definitions/", "parameter": "#/parameters/", "response": "#/responses/"}
"""By kind, where what references lead to usually stands, and is looked at anyhow."""


def is_sound(source: Any, dialect: str) -> bool:
    """True if the document has no fault, and every reference leads to a place inside it, written in plain letters."""
    look = _Look(source, dialect)
    return look.all_of([("document", source)]) and look.references()


class _Look:
    """The references that were seen, by kind, and the places beyond the usual ones that they lead to."""

    def __init__(self, root: Any, dialect: str) -> None:
        self.root = root
        self.places = PLACES[dialect[0]]
        self.home = _SWAGGER_HOME if dialect == "2.0" else _HOME
        self.refs: dict[str, set[Any]] = {kind: set() for kind in _KINDS}
        self.beyond: set[tuple[str, str]] = set()

    def all_of(self, waiting: Found) -> bool:
        """Look at values and all that is inside them."""
        schemas: list[Any] = []
        while waiting:
            kind, value = waiting.pop()
            if kind == "schema":
                schemas.append(value)
                continue
            if value.__class__ is not dict:
                return False
            if kind == "callback":
                waiting += [
                    ("path", child)
                    for key, child in value.items()
                    if child is not None and key[:2] != "x-" and key != "$ref"
                ]
            if "$ref" in value and kind not in _NO_REFERENCE:
                if value["$ref"].__class__ is not str:
                    return False
                self.refs[kind].add(value["$ref"])
                if kind != "path":
                    continue
            if (kind in _ALSO and not self.fits(kind, value)) or not _inside(FIELDS.get(kind, {}), value, waiting):
                return False
        return self.all_schemas(schemas)

    def all_schemas(self, schemas: list[Any]) -> bool:
        """The same for schemas, which are nearly all of a spec, and hold nothing but schemas."""
        refs = self.refs["schema"]
        while schemas:
            schema = schemas.pop()
            if schema.__class__ is not dict:
                if schema.__class__ is not bool:
                    return False
                continue
            kinds = schema.get("type")
            if kinds.__class__ is not str and not _are_kinds(kinds):
                return False
            if _TELLING.isdisjoint(schema):
                continue
            if "$ref" in schema:
                if schema["$ref"].__class__ is not str:
                    return False
                refs.add(schema["$ref"])
                if len(schema) == 1:
                    continue
            if not _fits(schema):
                return False
            for key in _INSIDE.intersection(schema):
                child = schema[key]
                if child.__class__ is dict:
                    shape = _SCHEMA[key][0]
                    if shape is LIST:
                        return False
                    schemas.extend([each for each in child.values() if each is not None] if shape is MAP else (child,))
                elif child.__class__ is list and _SCHEMA[key][0] in (LIST, ONE_OR_LIST):
                    schemas += child
                elif child is not None and (child.__class__ is not bool or _SCHEMA[key][0] not in (ONE, ONE_OR_LIST)):
                    return False
        return True

    def fits(self, kind: str, value: dict[str, Any]) -> bool:
        """What is asked of a kind beyond the shapes inside it."""
        if kind == "parameter":
            return value.get("name").__class__ is str and value.get("in") in self.places
        if kind == "path":
            return all(key in _SPELLINGS or key.lower() not in _SPELLINGS for key in value)
        paths = value.get("paths")
        return paths.__class__ is not dict or all(path[:1] == "/" or path[:2] == "x-" for path in paths)

    def references(self) -> bool:
        """Where the references lead; what is not one of the usual places has not been looked at yet."""
        done: set[tuple[str, str]] = set()
        while new := {(kind, ref) for kind, refs in self.refs.items() for ref in refs} - done:
            waiting: Found = []
            done |= new
            for kind, ref in new:
                home = self.home.get(kind, "#\0")
                is_usual = ref.startswith(home) and "/" not in ref[len(home) :] and ref[len(home) :][:2] != "x-"
                if not self.followed(kind, ref, is_usual, waiting):
                    return False
            if not self.all_of(waiting):
                return False
        return True

    def followed(self, kind: str, ref: str, is_usual: bool, waiting: Found) -> bool:
        chain: set[str] = set()
        while True:
            if ref in chain or ref[:2] != "#/" or "%" in ref or len(chain) > _LONGEST:
                return False
            chain.add(ref)
            try:
                value = resolve(self.root, ref[1:])
            except LookupError:
                return False
            further = reference(value)
            if further is None or (kind in ("schema", "path") and len(value) > 1):
                break
            ref, is_usual = further, False
        if value.__class__ is not dict and not (kind == "schema" and value.__class__ is bool):
            return False
        if not is_usual and (kind, ref) not in self.beyond:
            if kind == "schema" and kind_at(self.root, ref[1:]) not in ("schema", ""):
                return False
            self.beyond.add((kind, ref))
            waiting.append((kind, value))
        return True


def _inside(fields: dict[str, tuple[str, str]], value: dict[str, Any], waiting: Found) -> bool:
    """Put what an object holds with what is waiting; False if the shape of a field is wrong."""
    for key, child in value.items():
        if child is None or key not in fields:
            continue
        shape, kind = fields[key]
        if shape is MAP:
            if child.__class__ is not dict:
                return False
            if kind in ("path", "response"):
                waiting += [(kind, each) for name, each in child.items() if each is not None and name[:2] != "x-"]
            else:
                waiting += [(kind, each) for each in child.values() if each is not None]
        elif shape is ONE or (shape is not LIST and child.__class__ is not list):
            waiting.append((kind, child))
        elif child.__class__ is list:
            waiting += [(kind, each) for each in child]
        else:
            return False
    return True


def _fits(schema: dict[str, Any]) -> bool:
    """What is asked of a schema beyond its type and the schemas inside it."""
    required = schema.get("required")
    if required.__class__ is list and not _are_texts(required):
        return False
    if "enum" in schema and schema["enum"].__class__ is not list:
        return False
    return "discriminator" not in schema or _maps_inside(schema["discriminator"])


def _are_kinds(kinds: Any) -> bool:
    return kinds is None or (kinds.__class__ is list and _are_texts(kinds))


def _are_texts(values: list[Any]) -> bool:
    return all(each.__class__ is str for each in values)


def _maps_inside(discriminator: Any) -> bool:
    """True if a discriminator names no file: its mapping has names of schemas, or places inside the document."""
    mapping = discriminator.get("mapping") if discriminator.__class__ is dict else None
    named = mapping.values() if isinstance(mapping, dict) else ()
    return not any(
        isinstance(each, str) and ("%" in each if each[:1] == "#" else not each.isidentifier()) for each in named
    )
