"""What a schema says of single values: lists of values, the only value, defaults, patterns, what a text holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from signet.core.changes.keywords import SUBJECTS
from signet.core.changes.law import REQUEST
from signet.core.changes.run import Run
from signet.core.changes.views import View
from signet.core.changes.where import Where
from signet.core.formats.text import dump

EVERYTHING = frozenset({".*", "^.*$", "^.*", ".*$", "(.*)", "^(.*)$", ""})
"""Patterns that every text has (but for line breaks, which nobody means)."""
MOST_VALUES = 50
"""Values of one list that are told one by one."""
_MISSING = object()


def compare(run: Run, old: View, new: View, where: Where) -> None:
    """Tell what became of the values."""
    before, after = _listed(old), _listed(new)
    if "const" in old.words and "const" in new.words:
        _exact(run, old, new, where, "const", "const-changed")
    elif "const" in new.words and before is None:
        run.report.add(where.id("const-added"), _places(old, new, "const"), what=where, after=new.words["const"])
    elif "const" in old.words and after is None:
        run.report.add(where.id("const-removed"), _places(old, new, "const"), what=where, before=old.words["const"])
    elif before != after:
        _lists(run, old, new, where, before, after)
    _extensible(run, old, new, where)
    _default(run, old, new, where)
    _pattern(run, old, new, where)
    _exact(run, old, new, where, "contentMediaType", "content-media-type-changed")
    _exact(run, old, new, where, "contentEncoding", "content-encoding-changed")
    _dependent(run, old, new, where)


def _places(old: View, new: View, keyword: str) -> tuple[str, str]:
    return old.at(keyword), new.at(keyword)


def _listed(one: View) -> dict[str, Any] | None:
    """The values that are listed, by their canonical text; None where there is no list."""
    if "const" in one.words:
        return {dump(one.words["const"]): one.words["const"]}
    values = one.words.get("enum")
    return {dump(value): value for value in values} if isinstance(values, list) else None


def _lists(
    run: Run, old: View, new: View, where: Where, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> None:
    places = _at(old), _at(new)
    if before is None and after is not None:
        run.report.add(where.id("became-enum"), places, what=where, after=list(after.values()))
    elif after is None and before is not None:
        run.report.add(where.id("enum-removed"), places, what=where, before=list(before.values()))
    else:
        gone = [value for key, value in (before or {}).items() if key not in (after or {})]
        come = [value for key, value in (after or {}).items() if key not in (before or {})]
        _each(run, where.id("enum-value-removed"), places, where, gone, is_old=True)
        _each(run, where.id("enum-value-added"), places, where, come, is_old=False)


def _each(run: Run, name: str, places: tuple[str, str], where: Where, values: list[Any], *, is_old: bool) -> None:
    """One change a value; of a long list the rest is one change."""
    told, rest = values[:MOST_VALUES], values[MOST_VALUES:]
    for value in [*told, *([rest] if rest else [])]:
        key = "before" if is_old else "after"
        run.report.add(name, places, what=where, **{key: value})


def _at(one: View) -> str:
    return one.at("const" if "const" in one.words else "enum")


def _extensible(run: Run, old: View, new: View, where: Where) -> None:
    keyword = "x-extensible-enum"
    values = [one.words.get(keyword) for one in (old, new)]
    if not all(isinstance(each, list) for each in values):
        return
    before, after = ({dump(value): value for value in each or ()} for each in values)
    gone = [value for key, value in before.items() if key not in after]
    come = [value for key, value in after.items() if key not in before]
    if SUBJECTS[where.prefix].direction == REQUEST:
        _each(run, where.id(f"{keyword}-value-removed"), _places(old, new, keyword), where, gone, is_old=True)
    _each(run, where.id(f"{keyword}-value-added"), _places(old, new, keyword), where, come, is_old=False)


def _default(run: Run, old: View, new: View, where: Where) -> None:
    if where.has_no_default:
        return
    before, after = old.words.get("default", _MISSING), new.words.get("default", _MISSING)
    places = _places(old, new, "default")
    if before is _MISSING and after is not _MISSING:
        run.report.add(where.id("default-value-added"), places, what=where, after=after)
    elif after is _MISSING and before is not _MISSING:
        run.report.add(where.id("default-value-removed"), places, what=where, before=before)
    elif before is not _MISSING and dump(before) != dump(after):
        run.report.add(where.id("default-value-changed"), places, what=where, before=before, after=after)


def _pattern(run: Run, old: View, new: View, where: Where) -> None:
    before, after = (one.words.get("pattern") or None for one in (old, new))
    if before == after:
        return
    event = "pattern-changed"
    if before is None:
        event = "pattern-added"
    elif after is None:
        event = "pattern-removed"
    elif after in EVERYTHING:
        event = "pattern-generalized"
    run.report.add(where.id(event), _places(old, new, "pattern"), what=where, before=before, after=after)


def _exact(run: Run, old: View, new: View, where: Where, keyword: str, event: str) -> None:
    """Tell of a keyword whose value is another now, also of one that came or went."""
    before, after = old.words.get(keyword), new.words.get(keyword)
    if dump(before) != dump(after):
        run.report.add(where.id(event), _places(old, new, keyword), what=where, before=before, after=after)


def _dependent(run: Run, old: View, new: View, where: Where) -> None:
    keyword = "dependentRequired"
    before, after = _map(old, keyword), _map(new, keyword)
    places = _places(old, new, keyword)
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one is None:
            event = "dependent-required-added"
        elif other is None:
            event = "dependent-required-removed"
        elif _names(one) != _names(other):
            event = "dependent-required-changed"
        else:
            continue
        run.report.add(where.id(event), places, what=where, before=one, after=other)


def _names(value: Any) -> frozenset[str]:
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()


def _map(one: View, keyword: str) -> Mapping[str, Any]:
    value = one.words.get(keyword)
    return value if isinstance(value, dict) else {}
