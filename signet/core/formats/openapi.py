"""OpenAPI 3.0, 3.1 and Swagger 2.0 documents to a Spec: every fault at once, references checked.

It checks what the comparison stands on (shapes, names, references inside the document) and nothing else: a spec that
real tools accept is not refused for style. Specs that are split over files are joined in ``bundling``.
"""

from __future__ import annotations

import re
from typing import Any

from signet.core.formats import anchors, text
from signet.core.formats.bundling import bundled
from signet.core.formats.glance import is_sound
from signet.core.formats.structure import METHODS, PLACES, Part, kind_at, parts, reference
from signet.core.model.spec import Spec
from signet.errors import Fault, InvalidData

__all__ = ["bundled", "looks_like", "self_contained", "spec"]

REMEDY = "Mend the places that are named."
BUNDLE = "Bundle the spec into one file first; 'signet publish' does it for files beside the spec."


def looks_like(value: Any) -> bool:
    """True if a parsed document is meant to be an OpenAPI or Swagger document."""
    return isinstance(value, dict) and ("openapi" in value or "swagger" in value)


def self_contained(document: text.Document) -> Spec | None:
    """The spec of a document that is sound and refers to nothing outside; None where it takes more to tell."""
    reader = _Reader(document)
    dialect = reader.dialect()
    return None if reader.faults or not reader.is_sound(dialect) else _spec(document, dialect, reader)


def spec(document: text.Document) -> Spec:
    """Read a spec; InvalidData with every fault and its place."""
    reader = _Reader(document)
    dialect = reader.dialect()
    if dialect and not reader.is_sound(dialect):
        reader.walk(dialect)
    if reader.faults:
        raise InvalidData(
            f"{document.name} is not a spec that can be read.",
            sorted(reader.faults, key=lambda fault: (fault.line, fault.pointer or "")),
            BUNDLE if reader.leads_outside else REMEDY,
        )
    return _spec(document, dialect, reader)


def _spec(document: text.Document, dialect: str, reader: _Reader) -> Spec:
    info = document.value.get("info")
    title = info.get("title") if isinstance(info, dict) else None
    return Spec(title if isinstance(title, str) else "", dialect, document.value, reader.marks)


class _Reader:
    """Collects the faults of one document."""

    def __init__(self, document: text.Document) -> None:
        self.document = document
        self.faults: list[Fault] = []
        self.leads_outside = False
        self.marks = anchors.UNMARKED
        self.ends: dict[tuple[str, str], tuple[Any, str, str]] = {}  # where chains of references end, and why not

    def fault(self, pointer: str, message: str) -> None:
        if len(self.faults) < text.MAX_FAULTS:
            self.faults.append(self.document.fault(pointer, message))

    def dialect(self) -> str:
        """The dialect, or an empty text after a fault."""
        source = self.document.value
        if not isinstance(source, dict):
            self.fault("", "a spec is an object with 'openapi' or 'swagger'")
            return ""
        key = "openapi" if "openapi" in source else "swagger"
        version = source.get(key)
        written = version if isinstance(version, str) else text.dump(version)
        match = re.match(r"(2\.0|3\.0|3\.1)(\.|-|\Z)", "2.0" if written == "2" else written)
        if not match or (match.group(1) == "2.0") != (key == "swagger"):
            self.fault(f"/{key}" if key in source else "", "only OpenAPI 3.0 and 3.1, and Swagger 2.0, are understood")
            return ""
        if source.get("paths") is None and match.group(1) != "3.1":
            self.fault("", "'paths' is missing")
        return match.group(1)

    def is_sound(self, dialect: str) -> bool:
        """True if a glance tells that nothing is wrong; it does not know the names that schemas may have in 3.1."""
        if dialect == "3.1":
            self.marks = anchors.marks(self.document.value, self.document.text)
            if self.marks.resources or self.marks.anchors or "$dynamicRef" in self.document.text:
                return False
        return is_sound(self.document.value, dialect)

    def walk(self, dialect: str) -> None:
        """Visit every part that is reached from the top or by a reference, each once."""
        source = self.document.value
        waiting = [Part("document", source, "")]
        seen: set[tuple[str, str]] = set()
        while waiting:
            part = waiting.pop()
            key = (part.kind, part.pointer)
            if key in seen:
                continue
            seen.add(key)
            if part.wrong:
                self.fault(part.pointer, part.wrong)
                continue
            if not isinstance(part.value, dict):
                continue
            if "$ref" in part.value and part.kind not in ("document", "components", "object"):
                target = self.target(part)
                if target is not None:
                    waiting.append(target)
                if part.kind not in ("schema", "path"):
                    continue
            if dialect == "3.1" and part.kind == "schema" and isinstance(part.value.get("$dynamicRef"), str):
                target = self.target(part, "$dynamicRef")
                if target is not None:
                    waiting.append(target)
            self.check(part, dialect)
            waiting.extend(parts(part.kind, part.value, part.pointer))

    def target(self, part: Part, keyword: str = "$ref") -> Part | None:
        """What a reference leads to; a fault if it leads nowhere, elsewhere, or round in a circle."""
        value, pointer, why, seen = part.value, part.pointer, "", dict[tuple[str, str], None]()
        ref = value.get(keyword)
        while isinstance(ref, str) and not why:
            try:
                found = anchors.target(self.document.value, self.marks, ref, pointer)
            except LookupError:
                why = f"the reference {ref!r} leads nowhere"
                break
            if found is None:
                self.leads_outside = True
                why = f"the reference {ref!r} leads out of the document"
                break
            value, pointer = found
            key = part.kind, pointer
            if key in seen:
                why = f"the reference {ref!r} leads round in a circle"
            elif key in self.ends:
                value, pointer, why = self.ends[key]
                break
            seen[key] = None
            ref = reference(value)
            if part.kind in ("schema", "path") and isinstance(value, dict) and len(value) > 1:
                break  # a reference with siblings is visited as what it is
        if seen:
            why = why or self.misses(part.kind, value, pointer)
            self.ends.update(dict.fromkeys(seen, (value, pointer, why)))
        if why:
            self.fault(f"{part.pointer}/{keyword}", why)
            return None
        return Part(part.kind, value, pointer)

    def misses(self, kind: str, value: Any, pointer: str) -> str:
        """Why a place is not what a reference must lead to; an empty text if it is."""
        if not isinstance(value, dict) and not (kind == "schema" and isinstance(value, bool)):
            return f"the reference leads to something that is not a {kind}"
        found = kind_at(self.document.value, pointer) if kind == "schema" else ""
        return f"the reference leads to a {found}, and not to a schema" if found not in ("schema", "") else ""

    def check(self, part: Part, dialect: str) -> None:
        """What the comparison needs beyond shapes."""
        value = part.value
        if part.kind == "document":
            for path in value.get("paths") if isinstance(value.get("paths"), dict) else ():
                if not path.startswith(("/", "x-")):
                    self.fault(f"/paths/{text.escape(path)}", "a path begins with '/'")
        elif part.kind == "parameter":
            for key in ("name", "in"):
                if not isinstance(value.get(key), str):
                    self.fault(part.pointer, f"the parameter has no '{key}'")
            if isinstance(value.get("in"), str) and value["in"] not in PLACES[dialect[0]]:
                self.fault(f"{part.pointer}/in", f"a parameter is in one of {', '.join(PLACES[dialect[0]])}")
        elif part.kind == "schema":
            self.check_schema(part)
        elif part.kind == "path":
            for key in value:
                if key.lower() in METHODS and key not in METHODS:
                    self.fault(f"{part.pointer}/{key}", "a method is written in small letters")

    def check_schema(self, part: Part) -> None:
        required = part.value.get("required")
        if isinstance(required, list) and not all(isinstance(name, str) for name in required):
            self.fault(f"{part.pointer}/required", "'required' is a list of names")
        kinds = part.value.get("type")
        if kinds is not None and not isinstance(kinds, str):
            listed = isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)
            if not listed:
                self.fault(f"{part.pointer}/type", "'type' is a text or a list of texts")
        if "enum" in part.value and not isinstance(part.value["enum"], list):
            self.fault(f"{part.pointer}/enum", "'enum' is a list of values")
