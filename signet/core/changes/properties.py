"""The properties of an object: there or not, required or not, and who may see them."""

from __future__ import annotations

from signet.core.changes.keywords import SUBJECTS
from signet.core.changes.law import REQUEST
from signet.core.changes.run import Run
from signet.core.changes.views import View, view
from signet.core.changes.where import Where
from signet.core.compare.source import Node


def compare(run: Run, old: View, new: View, where: Where) -> None:
    """Tell what became of the properties, and walk those that both have."""
    is_sent = SUBJECTS[where.prefix].direction == REQUEST
    for name in sorted(old.properties.keys() | new.properties.keys()):
        before, after = old.properties.get(name), new.properties.get(name)
        inner = where.property(name)
        if before is None and after is not None:
            _added(run, old, new, inner, after, is_sent)
        elif after is None and before is not None:
            _removed(run, old, new, inner, before, is_sent)
        elif before is not None and after is not None:
            _kept(run, old, new, inner, (before, after), is_sent)
    if is_sent and not where.is_muted:
        _undescribed(run, old, new, where)


def _undescribed(run: Run, old: View, new: View, where: Where) -> None:
    """Properties that are required although no schema has them; in an answer nobody can rely on them."""
    described = old.properties.keys() | new.properties.keys()
    for name in sorted(old.required.keys() ^ new.required.keys()):
        if name in new.required and name not in new.properties:
            event = "became-required"
        elif name in old.required and name not in described:
            event = "became-optional"
        else:
            continue
        places = old.required.get(name, old.at("required")), new.required.get(name, new.at("required"))
        run.report.add(f"{where.tree}-property-{event}", places, what=where.property(name))


def _added(run: Run, old: View, new: View, inner: Where, node: Node, is_sent: bool) -> None:
    if inner.is_muted:
        return
    own, is_required = view(run.revision, node), inner.path[-1] in new.required
    if is_sent:
        kind = "required" if is_required and not own.flag("readOnly") else "optional"
        default = "-with-default" if kind == "required" and "default" in own.words else ""
        name = f"new-{kind}-{inner.tree}-property{default}"
    else:
        hidden = "write-only-" if own.flag("writeOnly") else ""
        name = f"{inner.tree}-{'required' if is_required else 'optional'}-{hidden}property-added"
    run.report.add(name, (old.at("properties"), node.pointer), what=inner)


def _removed(run: Run, old: View, new: View, inner: Where, node: Node, is_sent: bool) -> None:
    if inner.is_muted:
        return
    own, places = view(run.base, node), (node.pointer, new.at("properties"))
    if is_sent:
        is_closed = False in (new.words.get("additionalProperties"), new.words.get("unevaluatedProperties"))
        name = f"{inner.tree}-{'closed-' if is_closed else ''}property-removed"
    else:
        kind = "required" if inner.path[-1] in old.required else "optional"
        name = f"{inner.tree}-{kind}-{'write-only-' if own.flag('writeOnly') else ''}property-removed"
    run.report.add(name, places, what=inner)


def _kept(run: Run, old: View, new: View, inner: Where, nodes: tuple[Node, Node], is_sent: bool) -> None:
    before, after = view(run.base, nodes[0]), view(run.revision, nodes[1])
    name = inner.path[-1]
    if not inner.is_muted:
        _visible(run, inner, (before, after), name in new.required)
        _required(run, (old, new), inner, (before, after), is_sent)
    if is_sent and after.flag("readOnly") and inner.tree == "request":
        inner = inner.muted("request-read-only-property")
    elif not is_sent and after.flag("writeOnly") and inner.tree == "response":
        inner = inner.muted("response-write-only-property")
    run.later(*nodes, inner)


def _visible(run: Run, inner: Where, own: tuple[View, View], is_required: bool) -> None:
    kind = "required" if is_required else "optional"
    for keyword, word in (("readOnly", "read-only"), ("writeOnly", "write-only")):
        was, now = own[0].flag(keyword), own[1].flag(keyword)
        if was != now:
            event = f"became-{'' if now else 'not-'}{word}"
            places = own[0].at(keyword), own[1].at(keyword)
            run.report.add(f"{inner.tree}-{kind}-property-{event}", places, what=inner)


def _required(run: Run, owners: tuple[View, View], inner: Where, own: tuple[View, View], is_sent: bool) -> None:
    name = inner.path[-1]
    was, now = (name in owner.required for owner in owners)
    if was == now or (is_sent and own[1].flag("readOnly")):
        return
    event = "became-required" if now else "became-optional"
    if is_sent:
        default = "-with-default" if now and "default" in own[1].words else ""
        told = f"{inner.tree}-property-{event}{default}"
    else:
        told = f"{inner.tree}-{'write-only-' if own[1].flag('writeOnly') else ''}property-{event}"
    places = (
        owners[0].required.get(name, owners[0].at("required")),
        owners[1].required.get(name, owners[1].at("required")),
    )
    run.report.add(told, places, what=inner)
