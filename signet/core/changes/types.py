"""Types, formats and null: whether one set of values holds another, as far as its type tells."""

from __future__ import annotations

from signet.core.changes.keywords import SUBJECTS
from signet.core.changes.law import RESPONSE
from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.changes.views import ANNOTATIONS, View, view
from signet.core.changes.where import Where
from signet.core.compare.source import Node

Types = frozenset[str] | None

_FORMATS = {
    ("number", "float", "double"),
    ("integer", "int32", "int64"),
    ("integer", "int32", "bigint"),
    ("integer", "int64", "bigint"),
}
"""(type, format, format that holds all of its values)."""


def compare(run: Run, old: View, new: View, where: Where) -> None:
    """Tell what became of the type: at most one change, and one of null."""
    listed = _listed(run, old, new)
    if listed:
        _lists(run, old, new, where, *listed)
    elif old.types != new.types or old.words.get("format") != new.words.get("format"):
        _type(run, old, new, where)
    _null(run, old, new, where)


def holds(wide: Types, narrow: Types) -> bool:
    """True if every value of one set of types is a value of the other; a number holds integers."""
    if wide is None:
        return True
    if narrow is None:
        return False
    return all(each in wide or (each == "integer" and "number" in wide) for each in narrow)


def _format_holds(wide: View, narrow: View) -> bool:
    one, other = wide.words.get("format"), narrow.words.get("format")
    if one == other or one is None:
        return True
    types = narrow.types or frozenset()
    return len(types) == 1 and (next(iter(types)), other, one) in _FORMATS


def _type(run: Run, old: View, new: View, where: Where) -> None:
    is_wider = holds(new.types, old.types) and _format_holds(new, old)
    is_narrower = holds(old.types, new.types) and _format_holds(old, new)
    if SUBJECTS[where.prefix].direction == RESPONSE:
        event = _answered(old, new, where, is_wider, is_narrower)
    else:
        event = _sent(run, old, new, where, is_wider, is_narrower)
    keyword = "type" if old.types != new.types else "format"
    run.report.add(where.id(event), (old.at(keyword), new.at(keyword)), what=where, before=_said(old), after=_said(new))


def _answered(old: View, new: View, where: Where, is_wider: bool, is_narrower: bool) -> str:
    if is_narrower:
        return "type-specialized"
    if where.is_text and _is_text(old) and not (where.is_style and _is_composed(new)):
        return "type-compatible"
    return "type-generalized" if is_wider and old.types != new.types else "type-changed"


def _sent(run: Run, old: View, new: View, where: Where, is_wider: bool, is_narrower: bool) -> str:
    if is_wider:
        return "type-generalized"
    if where.is_text and where.is_style and where.path and where.prefix.endswith("-property"):
        return "type-changed" if _is_text(new) else "type-specialized"
    if where.is_text and _is_text(new) and _listed_values(new) is None:
        return "type-generalized"
    return "type-generalized" if where.is_listed and _is_list_of(run, old, new) else "type-changed"


def _is_text(one: View) -> bool:
    """True if any text is a value."""
    return one.words.get("format") is None and (one.types is None or "string" in one.types)


def _is_composed(one: View) -> bool:
    return one.types is not None and not one.types.isdisjoint(("array", "object"))


def _listed_values(one: View) -> object:
    """What restricts a value whatever its type: it was meant for another type."""
    return one.words.get("enum", one.words.get("const"))


def _is_list_of(run: Run, old: View, new: View) -> bool:
    """True if the list's items may be all that the single value was: what is written once is a list of one."""
    items = new.node("items")
    if items is None or new.types != frozenset(["array"]) or new.words.get("minItems", 0) > 1:
        return False
    inner = view(run.revision, items)
    rest = inner.words.keys() - ANNOTATIONS - {"format"}
    is_open = holds(inner.types, old.types) or _is_text(inner)
    return is_open and _format_holds(inner, old) and all(inner.words[key] == old.words.get(key) for key in rest)


def _listed(run: Run, old: View, new: View) -> tuple[Types, Types] | None:
    """The types of both, where at least one is a union of nothing but types."""
    one, other = _of_union(run, old, is_base=True), _of_union(run, new, is_base=False)
    if one is None and other is None:
        return None
    return (one or old.types, other or new.types) if (one or old.types) and (other or new.types) else None


def _of_union(run: Run, one: View, *, is_base: bool) -> Types:
    if "oneOf" in one.unions and "anyOf" in one.unions:
        return None
    members: list[Node] = [*one.unions.get("oneOf", ()), *one.unions.get("anyOf", ())]
    found: set[str] = set()
    for member in members:
        inner = view(run.base if is_base else run.revision, member)
        is_only_type = not (inner.words.keys() - ANNOTATIONS or inner.properties or inner.required or inner.unions)
        if inner.types is None or not is_only_type:
            return None
        found |= inner.types
    return frozenset(found) or None


def _lists(run: Run, old: View, new: View, where: Where, before: Types, after: Types) -> None:
    gone = frozenset(each for each in before or () if not holds(after, frozenset([each])))
    come = frozenset(each for each in after or () if not holds(before, frozenset([each])))
    places = _union_place(old), _union_place(new)
    if gone:
        run.report.add(where.id("list-of-types-narrowed"), places, what=where, before=Said(_names(gone)))
    if come:
        run.report.add(where.id("list-of-types-widened"), places, what=where, after=Said(_names(come)))


def is_list(run: Run, old: View, new: View) -> bool:
    """True if what ``compare`` says about types is all there is to say about the unions."""
    return _listed(run, old, new) is not None


def _union_place(one: View) -> str:
    return one.at("oneOf" if "oneOf" in one.unions else "anyOf" if "anyOf" in one.unions else "type")


def _null(run: Run, old: View, new: View, where: Where) -> None:
    if old.nullable == new.nullable:
        return
    never, maybe = (old, new) if new.nullable else (new, old)
    if _is_open(never) and not _is_open(maybe):
        return  # what says nothing of its values excludes no null
    event = "became-nullable" if new.nullable else "became-not-nullable"
    run.report.add(where.id(event), (_null_place(old), _null_place(new)), what=where)


def _is_open(one: View) -> bool:
    return one.types is None and _listed_values(one) is None


def _null_place(one: View) -> str:
    return one.places.get("nullable") or one.places.get("x-nullable") or _union_place(one)


def _said(one: View) -> Said:
    types = "anything" if one.types is None else _names(one.types) or "nothing"
    form = one.words.get("format")
    return Said(f"{types} ({form})" if isinstance(form, str) else types)


def _names(types: frozenset[str]) -> str:
    return " or ".join(sorted(types))
