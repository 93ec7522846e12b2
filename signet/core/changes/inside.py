"""The schemas inside a schema, one keyword after the other: added, removed, or walked where both documents have one."""

from __future__ import annotations

from collections.abc import Mapping

from signet.core.changes import schemas
from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.changes.views import View
from signet.core.changes.where import Where
from signet.core.compare.source import Node

ONES = {
    "items": "items",
    "contains": "contains",
    "propertyNames": "property-names",
    "unevaluatedItems": "unevaluated-items",
    "unevaluatedProperties": "unevaluated-properties",
    "contentSchema": "content-schema",
    "then": "then",
    "else": "else",
}
"""Keywords with one schema, and their events; what fits these schemas more narrowly fits the whole more narrowly."""
DOUBTFUL = {"if": "if", "not": "not"}
"""Keywords whose schema restricts the other way round, or now one way and now the other."""
ANYWHERE = Where("request-body", "request", "the schema")
"""Where nothing that differs is left out."""
MAPS = {"dependentSchemas": "dependent-schema", "patternProperties": "pattern-property"}


def compare(run: Run, old: View, new: View, where: Where) -> None:
    """Tell what became of the schemas inside."""
    for keyword, event in ONES.items():
        _one(run, old, new, where, keyword, event)
    for keyword, event in DOUBTFUL.items():
        _doubtful(run, old, new, where, keyword, event)
    for keyword, event in MAPS.items():
        _map(run, old, new, where, keyword, event)
    _prefix(run, old, new, where)
    _additional(run, old, new, where)


def _one(run: Run, old: View, new: View, where: Where, keyword: str, event: str) -> None:
    before, after = old.node(keyword), new.node(keyword)
    places = old.at(keyword), new.at(keyword)
    if before is not None and after is not None:
        run.later(before, after, where.inside(keyword))
    elif before is not None:
        if not _says_nothing(before):
            run.report.add(where.id(f"{event}-removed"), places, what=where, before=before.schema)
    elif after is not None and not _says_nothing(after):
        run.report.add(where.id(f"{event}-added"), places, what=where, after=after.schema)


def _doubtful(run: Run, old: View, new: View, where: Where, keyword: str, event: str) -> None:
    """``if`` and ``not``: whatever changes in them may be for better or worse."""
    before, after = old.node(keyword), new.node(keyword)
    if before is None or after is None:
        _one(run, old, new, where, keyword, event)
    elif not schemas.are_same(run, before, after, ANYWHERE):
        if keyword == "if":
            run.later(before, after, where.inside(keyword))
        run.report.add(where.id(f"{event}-changed"), (old.at(keyword), new.at(keyword)), what=where)


def _says_nothing(node: Node) -> bool:
    return node.schema is True or node.schema == {}


def _map(run: Run, old: View, new: View, where: Where, keyword: str, event: str) -> None:
    before, after = old.entries(keyword), new.entries(keyword)
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one is not None and other is not None:
            run.later(one, other, where.inside(keyword).inside(name))
        elif one is not None:
            run.report.add(where.id(f"{event}-removed"), (one.pointer, new.at(keyword)), what=where, before=Said(name))
        elif other is not None:
            run.report.add(where.id(f"{event}-added"), (old.at(keyword), other.pointer), what=where, after=Said(name))


def _prefix(run: Run, old: View, new: View, where: Where) -> None:
    keyword = "prefixItems"
    before, after = _listed(old), _listed(new)
    for position in range(max(len(before), len(after))):
        if position < len(before) and position < len(after):
            run.later(before[position], after[position], where.inside(keyword).inside(str(position)))
        elif position < len(before):
            places = before[position].pointer, new.at(keyword)
            run.report.add(where.id("prefix-items-removed"), places, what=where, before=before[position].schema)
        else:
            places = old.at(keyword), after[position].pointer
            run.report.add(where.id("prefix-items-added"), places, what=where, after=after[position].schema)


def _listed(one: View) -> list[Node]:
    value = one.words.get("prefixItems")
    at = one.at("prefixItems")
    return [Node(each, f"{at}/{position}") for position, each in enumerate(value)] if isinstance(value, list) else []


def _additional(run: Run, old: View, new: View, where: Where) -> None:
    keyword = "additionalProperties"
    before, after = _said(old), _said(new)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        run.later(Node(before, old.at(keyword)), Node(after, new.at(keyword)), where.inside(keyword))
        return
    event = ""
    if after is False and before is not False:
        event = "map-removed" if isinstance(before, Mapping) else "additional-properties-forbidden"
    elif before is False and after is not False:
        event = "additional-properties-allowed"
    elif isinstance(after, Mapping) and before is True:
        event = "additional-properties-restricted"
    elif isinstance(before, Mapping) and after is True:
        event = "additional-properties-unrestricted"
    if event:
        run.report.add(where.id(event), (old.at(keyword), new.at(keyword)), what=where)


def _said(one: View) -> bool | Mapping[str, object]:
    """``additionalProperties`` as it counts: a schema that says nothing allows everything."""
    value = one.words.get("additionalProperties", True)
    if isinstance(value, Mapping):
        return value or True
    return value is not False
