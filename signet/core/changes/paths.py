"""The paths of both documents: which is which, and the operations in them, with their webhooks and callbacks.

``/a/{x}`` is ``/a/{y}``: the name of a path parameter is nobody's business but the provider's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from signet.core.changes import answers, lifecycle, media, parameters, security, webhooks
from signet.core.changes.report import Operation as Told
from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.changes.where import Where
from signet.core.compare import operations
from signet.core.compare.operations import Operation
from signet.core.compare.source import Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.structure import METHODS

_NAME = re.compile(r"\{([^{}]*)\}")


class Item(NamedTuple):
    """A path of a document: its template, its object, and where that stands."""

    path: str
    value: Mapping[str, Any]
    pointer: str


def compare(run: Run) -> None:
    """Tell what became of every path and of every operation in it."""
    before, after = _items(run.base), _items(run.revision)
    pairs = _pairs(before, after)
    for path, item in before.items():
        if path not in pairs:
            for method in _methods(item):
                _removed(run, item, method, "api-path", ("", "/paths" if "paths" in run.revision.root else ""))
    kept = {new: old for old, new in pairs.items()}
    for path, item in after.items():
        if path in kept:
            _item(run, before[kept[path]], item)
        else:
            for method in _methods(item):
                _added(run, item, method, "/paths" if "paths" in run.base.root else "")
    run.report.operation = Told()


def _items(source: Source) -> dict[str, Item]:
    found = {}
    for path, value, pointer in source.entries(source.root, "paths", ""):
        if path.startswith("/") and isinstance(value, dict):
            item, at = source.resolved(value, pointer) if "$ref" in value else (value, pointer)
            found[path] = Item(path, item, at)
    return found


def _methods(item: Item) -> list[str]:
    return [method for method in METHODS if isinstance(item.value.get(method), dict)]


def _pairs(before: Mapping[str, Item], after: Mapping[str, Item]) -> dict[str, str]:
    """The revision's path for each of the base's that is still there: of the same text, or else of the same shape."""
    pairs = {path: path for path in before if path in after}
    free: dict[str, list[str]] = {}
    for path in after:
        if path not in before:
            free.setdefault(_NAME.sub("{}", path), []).append(path)
    for path in before:
        shape = _NAME.sub("{}", path)
        if path not in pairs and free.get(shape):
            pairs[path] = free[shape].pop(0)
    return pairs


def _item(run: Run, old: Item, new: Item) -> None:
    here, there = _methods(old), _methods(new)
    for method in here:
        if method not in there:
            _removed(run, old, method, "api", ("", new.pointer))
    for method in there:
        if method not in here:
            _added(run, new, method, old.pointer)
        else:
            _operation(run, old, new, method)


def _added(run: Run, item: Item, method: str, base: str) -> None:
    run.report.operation = Told(method.upper(), item.path)
    run.report.add("endpoint-added", (base, f"{item.pointer}/{method}"))


def _removed(run: Run, item: Item, method: str, prefix: str, places: tuple[str, str]) -> None:
    value = item.value[method]
    run.report.operation = Told(method.upper(), item.path, lifecycle.is_draft(value))
    written = value.get(lifecycle.SUNSET)
    day = lifecycle.sunset(written)
    name = f"{prefix}-removed-without-deprecation"
    if value.get("deprecated") is True:
        name = f"{prefix}-removed-with-deprecation"
        if written is not None and day is None:
            name = f"{prefix}-sunset-parse"
        elif day is not None:
            name = f"{prefix}-removed-{'after' if lifecycle.has_passed(run, day) else 'before'}-sunset"
    said = None if written is None else Said(written)
    run.report.add(name, (f"{item.pointer}/{method}", places[1]), before=said)


def _operation(run: Run, old: Item, new: Item, method: str) -> None:
    one, other = old.value[method], new.value[method]
    run.spend()
    run.report.operation = Told(method.upper(), new.path, lifecycle.is_draft(one, other))
    places = f"{old.pointer}/{method}", f"{new.pointer}/{method}"
    if _is_twin(run, old, new, method, places):
        return
    lifecycle.of_operation(run, one, other, places)
    _labels(run, one, other, places)
    try:
        security.of_operation(run, one, other, places)
        before = operations.operation(run.base, method, old.path, old.value, old.pointer)
        after = operations.operation(run.revision, method, new.path, new.value, new.pointer)
        names = zip(_NAME.findall(new.path), _NAME.findall(old.path), strict=False)
        parameters.compare(run, before, after, dict(names), _shared(run.revision, new))
        _body(run, before, after)
        answers.compare(run, before, after)
        webhooks.callbacks(run, one, other, places)
    except Unjudgeable as error:
        run.report.give_up(error.why)


def _is_twin(run: Run, old: Item, new: Item, method: str, places: tuple[str, str]) -> bool:
    """True if the two operations are surely the same, with what they have from their paths and documents."""
    if old.path != new.path or not run.twins.are_same(old.value[method], places[0], new.value[method], places[1]):
        return False
    shared = [one.value.get("parameters") for one in (old, new)]
    above = [[source.root.get(key) for key in ("consumes", "produces")] for source in (run.base, run.revision)]
    at = f"{old.pointer}/parameters", f"{new.pointer}/parameters"
    return above[0] == above[1] and run.twins.are_same(shared[0], at[0], shared[1], at[1])


def _shared(source: Source, item: Item) -> frozenset[tuple[str, str]]:
    """(place, name) of the parameters of a path that belong to all of its operations."""
    found = set()
    for each, at in source.listed(item.value, "parameters", item.pointer):
        written, _ = source.resolved(each, at)
        found.add((str(written.get("in")), str(written.get("name"))))
    return frozenset(found)


def _labels(run: Run, old: Mapping[str, Any], new: Mapping[str, Any], places: tuple[str, str]) -> None:
    before, after = old.get("operationId"), new.get("operationId")
    if before is None and after is not None:
        run.report.add("api-operation-id-added", places, after=after)
    elif before != after:
        run.report.add("api-operation-id-removed", places, before=before, after=after)
    tags, new_tags = _tags(old), _tags(new)
    for tag in sorted(new_tags - tags):
        run.report.add("api-tag-added", places, after=tag)
    for tag in sorted(tags - new_tags):
        run.report.add("api-tag-removed", places, before=tag)


def _tags(operation: Mapping[str, Any]) -> frozenset[str]:
    tags = operation.get("tags")
    return frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()


def _body(run: Run, old: Operation, new: Operation) -> None:
    before, after = old.body, new.body
    if before is None and after is not None:
        kind = "required" if after.required else "optional"
        run.report.add(f"request-body-added-{kind}", (old.pointer, after.pointer))
    elif before is not None and after is None:
        run.report.add("request-body-removed", (before.pointer, new.pointer))
    elif before is not None and after is not None:
        if before.required != after.required:
            event = "required" if after.required else "optional"
            run.report.add(f"request-body-became-{event}", (before.pointer, after.pointer))
        where = Where("request-body", "request", "the request body")
        media.compare(run, before, after, media.REQUEST, where, "")
