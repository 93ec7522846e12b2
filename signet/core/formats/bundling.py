"""A spec that is split over files as one value with references inside itself only.

It reads no files: the caller's ``load`` does, and gets relative POSIX paths that never leave the folder of the spec.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from signet.core.formats import text
from signet.core.formats.pointer import joined
from signet.core.formats.structure import SECTIONS, Part, parts, reference
from signet.errors import Fault, InvalidData

Loader = Callable[[str], text.Document]
MAX_FILES = 1_000
MAX_LEVELS = 200
MAX_COPIES = 200_000


class Bundle(NamedTuple):
    """A spec as one ``value``, the files that it was made of, and what of them was moved where.

    ``moved`` has the places at which something was put: (file, JSON pointer) -> (file, JSON pointer) it came from.
    """

    value: Any
    root: str
    documents: dict[str, text.Document]
    moved: dict[tuple[str, str], tuple[str, str]]

    def origin(self, pointer: str) -> tuple[text.Document, str]:
        """The file in which a value of the bundle is written, and its JSON pointer there."""
        file, seen = self.root, set()
        while (file, pointer) not in seen and not _holds(self.documents[file], pointer):
            seen.add((file, pointer))
            prefix = pointer
            while prefix and (file, prefix) not in self.moved:
                prefix = prefix.rpartition("/")[0]
            if (file, prefix) not in self.moved:
                break
            file, start = self.moved[file, prefix]
            pointer = start + pointer[len(prefix) :]
        return self.documents[file], pointer


def _holds(document: text.Document, pointer: str) -> bool:
    try:
        text.resolve(document.value, pointer)
    except LookupError:
        return False
    return True


def bundled(document: text.Document, load: Loader) -> Any:
    """The spec as ``bundle`` makes it, without the places it came from."""
    return bundle(document, load).value


def bundle(document: text.Document, load: Loader) -> Bundle:
    """The spec with everything it refers to in other files, moved into its components.

    ``load`` gets the path relative to the folder of ``document``. References to URLs, absolute paths or above that
    folder are refused; InvalidData with every fault.
    """
    bundler = _Bundler(document, load)
    if _stays_inside(document.value):
        return Bundle(document.value, bundler.root_name, bundler.documents, {})
    value = bundler.run()
    if bundler.faults:
        raise InvalidData(
            f"{document.name} cannot be bundled.",
            bundler.faults,
            "Keep the files of a spec in one folder and refer to them by relative paths.",
        )
    return Bundle(value, bundler.root_name, bundler.documents, bundler.places)


def _stays_inside(value: Any) -> bool:
    """True if nothing in the document can be a reference that bundling changes; most specs are one file."""
    waiting: list[Any] = [value] if isinstance(value, dict) else []
    while waiting:
        node = waiting.pop()
        if node.__class__ is dict:
            ref, mapping = node.get("$ref", "#"), node.get("mapping")
            named = list(mapping.values()) if isinstance(mapping, dict) else []
            if any(isinstance(each, str) and (each[:1] != "#" or "%" in each) for each in (ref, *named)):
                return False
            node = node.values()
        waiting.extend(child for child in node if isinstance(child, (dict, list)))
    return True


class _Bundler:
    """Copies part by part; what comes from another file is copied once, under a name of its own."""

    def __init__(self, document: text.Document, load: Loader) -> None:
        self.root_name = posixpath.basename(document.name.replace("\\", "/"))
        self.documents = {self.root_name: document}
        self.load = load
        self.faults: list[Fault] = []
        self.names: dict[tuple[str, str, str], str] = {}
        self.places: dict[tuple[str, str], tuple[str, str]] = {}
        self.waiting: list[tuple[list[str], str, Part]] = []
        self.open: set[tuple[str, str]] = set()
        self.level = 0
        self.copies = 0
        self.swagger = isinstance(document.value, dict) and "swagger" in document.value

    def run(self) -> Any:
        source = self.documents[self.root_name].value
        if not isinstance(source, dict):
            return source
        result = self.copy(self.root_name, Part("document", source, ""))
        while self.waiting:
            keys, file, part = self.waiting.pop()
            target, place = result, ""
            for key in keys[:-1]:
                held, place = target.get(key), f"{place}/{key}"
                if held is not None and not isinstance(held, dict):
                    self.fault(self.root_name, place, "an object is expected here")
                target[key] = dict(held) if isinstance(held, dict) else {}
                target = target[key]
            target[keys[-1]] = self.copy(file, part)
        return result

    def copy(self, file: str, part: Part) -> Any:
        """The part with its references rewritten."""
        value = part.value
        if not isinstance(value, dict):
            return value
        self.copies += 1
        if self.level >= MAX_LEVELS or self.copies > MAX_COPIES:
            self.stop(file, part.pointer)
        self.level += 1
        result = self.copied(file, part, value)
        self.level -= 1
        return result

    def stop(self, file: str, pointer: str) -> None:
        """References can nest without end, and a path item from another file is copied wherever it is named."""
        why = f"deeper than {MAX_LEVELS} levels" if self.level >= MAX_LEVELS else f"to more than {MAX_COPIES:,} parts"
        self.fault(file, pointer, f"its references lead {why}")
        raise InvalidData(f"{self.root_name} cannot be bundled.", self.faults, "Refer to fewer files.")

    def copied(self, file: str, part: Part, value: dict[str, Any]) -> Any:
        ref = reference(value) if part.kind not in ("document", "components", "object") else None
        if ref is not None:
            moved = self.moved(file, part, ref)
            if part.kind == "path" and not isinstance(moved, str):
                return {**moved, **{key: each for key, each in value.items() if key != "$ref"}}
            value = {**value, "$ref": moved}
        result = dict(value)
        for child in parts(part.kind, value, ""):
            if not child.wrong:
                own = Part(child.kind, child.value, part.pointer + child.pointer)
                _put(result, value, child.pointer, self.copy(file, own))
        if part.kind == "schema":
            self.mapping(file, part, result)
        return result

    def moved(self, file: str, part: Part, ref: str) -> Any:
        """The new text of a reference; for a path item from another file, the item itself."""
        place = f"{part.pointer}/$ref"
        named = self.located(file, ref, place)
        if named is None:
            return ref
        target, pointer = named
        if target == self.root_name:
            return "#" + pointer
        try:
            value = text.resolve(self.documents[target].value, pointer)
        except LookupError:
            self.fault(file, place, f"the reference {ref!r} leads nowhere")
            return ref
        if part.kind == "path":
            if not isinstance(value, dict):
                self.fault(file, place, "the reference leads to something that is not a path")
                return ref
            if (target, pointer) in self.open:
                self.fault(file, place, f"the reference {ref!r} leads round in a circle")
                return ref
            self.open.add((target, pointer))
            self.places[file, part.pointer] = (target, pointer)
            copied = self.copy(target, Part("path", value, pointer))
            self.open.discard((target, pointer))
            return copied
        return "#/" + "/".join(map(text.escape, self.named(target, pointer, part.kind, value)))

    def located(self, file: str, ref: str, place: str) -> tuple[str, str] | None:
        """(file, JSON pointer) of a reference; None after a fault."""
        path, _, fragment = ref.partition("#")
        pointer = unquote(fragment)
        if not path:
            return file, pointer
        if _has_scheme(path) or path.startswith(("/", "\\")) or "\\" in path:
            self.fault(file, place, f"the reference {ref!r} is not a relative path")
            return None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(file), unquote(path)))
        if target == ".." or target.startswith("../"):
            self.fault(file, place, f"the reference {ref!r} leads out of the folder of the spec")
            return None
        return (target, pointer) if self.known(file, place, target) else None

    def known(self, file: str, place: str, target: str) -> bool:
        if target in self.documents:
            return True
        if len(self.documents) >= MAX_FILES:
            self.fault(file, place, f"the spec is split over more than {MAX_FILES} files")
            return False
        try:
            self.documents[target] = self.load(target)
        except InvalidData as error:
            if error.faults:
                self.faults.extend(error.faults)
            else:
                self.fault(file, place, error.message)
            return False
        return True

    def named(self, file: str, pointer: str, kind: str, value: Any) -> list[str]:
        """Where a part of another file goes; it is copied there once."""
        section = _section(kind, self.swagger)
        key = (file, pointer, section[-1])
        if key not in self.names:
            last = pointer.rpartition("/")[2] or posixpath.splitext(posixpath.basename(file))[0]
            stem = re.sub(r"[^A-Za-z0-9._-]", "_", last.replace("~1", "_").replace("~0", "_")) or "part"
            taken = {name for (_, _, where), name in self.names.items() if where == section[-1]}
            taken |= self.existing(section)
            name, count = stem, 1
            while name in taken:
                count += 1
                name = f"{stem}_{count}"
            self.names[key] = name
            self.places[self.root_name, joined([*section, name])] = (file, pointer)
            self.waiting.append(([*section, name], file, Part(kind, value, pointer)))
        return [*section, self.names[key]]

    def existing(self, section: list[str]) -> set[str]:
        value = self.documents[self.root_name].value
        for key in section:
            value = value.get(key) if isinstance(value, dict) else None
        return set(value) if isinstance(value, dict) else set()

    def mapping(self, file: str, part: Part, result: dict[str, Any]) -> None:
        """A discriminator's mapping refers to schemas too."""
        discriminator = result.get("discriminator")
        mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
        if not isinstance(mapping, dict) or not isinstance(discriminator, dict):
            return
        rewritten = dict(mapping)
        for name, ref in mapping.items():
            if isinstance(ref, str) and re.search(r"[#/]|\.(ya?ml|json)\Z", ref):
                own = Part("schema", {}, f"{part.pointer}/discriminator/mapping/{text.escape(name)}")
                rewritten[name] = self.moved(file, own, ref)
        result["discriminator"] = {**discriminator, "mapping": rewritten}

    def fault(self, file: str, pointer: str, message: str) -> None:
        self.faults.append(self.documents[file].fault(pointer, message))


def _has_scheme(path: str) -> bool:
    try:
        return bool(urlsplit(path).scheme)
    except ValueError:  # "//[x" is not even a URL
        return True


def _section(kind: str, swagger: bool) -> list[str]:
    if not swagger:
        return ["components", SECTIONS.get(kind, "schemas")]
    return [{"parameter": "parameters", "response": "responses"}.get(kind, "definitions")]


def _put(result: dict[str, Any], source: dict[str, Any], pointer: str, value: Any) -> None:
    """Replace one part of a copy; containers on the way are copied before they are written to."""
    keys = [key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:]]
    target: Any = result
    origin: Any = source
    for key in keys[:-1]:
        index: Any = int(key) if isinstance(origin, list) else key
        if target[index] is origin[index]:
            target[index] = list(origin[index]) if isinstance(origin[index], list) else dict(origin[index])
        target, origin = target[index], origin[index]
    target[int(keys[-1]) if isinstance(origin, list) else keys[-1]] = value
