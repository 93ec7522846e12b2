"""Parameters of an operation: there or not, required or not, how they are written, and their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from signet.core.changes import lifecycle, schemas
from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.changes.views import view
from signet.core.changes.where import Where
from signet.core.compare.media import is_json_like
from signet.core.compare.operations import IGNORED_HEADERS, Operation, Parameter
from signet.core.compare.source import Source
from signet.core.formats.text import resolve

Key = tuple[str, str]


def compare(run: Run, old: Operation, new: Operation, renamed: Mapping[str, str], shared: frozenset[Key]) -> None:
    """Tell what became of the parameters.

    ``renamed``: the base's names of path parameters, by the revision's. ``shared`` are the parameters of the revision
    that belong to all operations of its path.
    """
    before = _by_key(old, {})
    after = _by_key(new, {name: known for name, known in renamed.items() if ("path", name) not in before})
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if one is None and other is not None:
            _added(run, old, other, (other.place, other.name) in shared)
        elif other is None and one is not None:
            _removed(run, new, one)
        elif one is not None and other is not None:
            _kept(run, one, other)


def _by_key(operation: Operation, renamed: Mapping[str, str]) -> dict[Key, Parameter]:
    found = {}
    for each in (*operation.parameters, *operation.fields):
        name = each.name.lower() if each.place == "header" else each.name
        if each.place == "header" and name in IGNORED_HEADERS:
            continue
        found[each.place, renamed.get(name, name) if each.place == "path" else name] = each
    return found


def told(parameter: Parameter) -> str:
    """A parameter in a sentence."""
    kind = "form field" if parameter.place == "formData" else f"{parameter.place} parameter"
    return f"the {kind} {parameter.name!r}"


def _added(run: Run, old: Operation, parameter: Parameter, is_shared: bool) -> None:
    kind = "required" if parameter.required else "optional"
    name = f"new-{kind}-request-parameter"
    if parameter.place == "path":
        name = "new-request-path-parameter"
    elif is_shared:
        name = f"new-{kind}-request-default-parameter-to-existing-path"
    run.report.add(name, (old.pointer, parameter.pointer), what=told(parameter))


def _removed(run: Run, new: Operation, parameter: Parameter) -> None:
    written = _written(run.base, parameter)
    places, what = (parameter.pointer, new.pointer), told(parameter)
    if written.get("deprecated") is not True:
        run.report.add("request-parameter-removed", places, what=what)
        return
    value = written.get(lifecycle.SUNSET)
    day = lifecycle.sunset(value)
    name = "request-parameter-removed-with-deprecation"
    if value is not None and day is None:
        name = "request-parameter-sunset-parse"
    elif day is not None and not lifecycle.has_passed(run, day):
        name = "request-parameter-removed-before-sunset"
    run.report.add(name, places, what=what, before=None if value is None else Said(value))


def _written(source: Source, parameter: Parameter) -> Mapping[str, Any]:
    value = resolve(source.root, parameter.pointer)
    return value if isinstance(value, dict) else {}


def _kept(run: Run, old: Parameter, new: Parameter) -> None:
    places, what = (old.pointer, new.pointer), told(new)
    if old.required != new.required and old.place != "path":
        run.report.add(f"request-parameter-became-{'required' if new.required else 'optional'}", places, what=what)
    before, after = _style(old), _style(new)
    is_single = _is_single(run.base, old) and _is_single(run.revision, new)
    if (_mark(old) != _mark(new)) if is_single else (before != after):
        run.report.add(
            "request-parameter-serialization-changed", places, what=what, before=Said(before), after=Said(after)
        )
    if old.may_be_empty and not new.may_be_empty:
        run.report.add("request-parameter-became-not-empty", places, what=what)
    written = _written(run.base, old), _written(run.revision, new)
    lifecycle.deprecation(run, *written, places, lifecycle.PARAMETER, what)
    if old.node is not None and new.node is not None:
        schemas.compare(run, old.node, new.node, _where(old, new))
    elif old.node is not new.node:
        run.report.add(f"request-parameter-schema-{'removed' if new.node is None else 'added'}", places, what=what)


def _style(parameter: Parameter) -> str:
    """How a parameter is written, in words; of one with a media type that is what counts."""
    if parameter.content:
        return parameter.content
    return f"{parameter.style}{', exploded' if parameter.explode else ''}"


def _mark(parameter: Parameter) -> str:
    """What stands before a single value: only two styles write something there."""
    return parameter.style if parameter.style in ("label", "matrix") else ""


def _is_single(source: Source, parameter: Parameter) -> bool:
    """True if the value is one text, which most styles write alike."""
    types = view(source, parameter.node).types if parameter.node is not None and not parameter.content else None
    return types is not None and types.isdisjoint(("array", "object"))


def _where(old: Parameter, new: Parameter) -> Where:
    is_text = not (new.content and is_json_like(new.content))
    tree = "request-header" if new.place == "header" else "request-parameter"
    return Where(
        "request-parameter",
        tree,
        told(new),
        is_text=is_text,
        is_style=not new.content,
        is_listed=new.place in ("query", "cookie") and new.style == "form" and new.explode and not new.content,
        has_no_default=old.required and new.required,
    )
