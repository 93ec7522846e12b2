"""Webhooks and callbacks: requests that the provider sends, so that everything is the other way round.

What is sent to the consumer is read as an answer is; what the consumer answers is judged as a request is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from signet.core.changes import answers, media, parameters, schemas
from signet.core.changes.report import Operation as Told
from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.changes.where import Where
from signet.core.compare import operations
from signet.core.compare.operations import Operation
from signet.core.compare.source import Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.structure import METHODS

Items = dict[str, tuple[Mapping[str, Any], str]]


def compare(run: Run) -> None:
    """Tell what became of the webhooks of the documents."""
    _named(
        run, _items(run.base, run.base.root, "webhooks", ""), _items(run.revision, run.revision.root, "webhooks", "")
    )
    run.report.operation = Told()


def callbacks(run: Run, old: Mapping[str, Any], new: Mapping[str, Any], places: tuple[str, str]) -> None:
    """Tell what became of the callbacks of an operation; the changes count as the operation's."""
    if "callbacks" in old or "callbacks" in new:
        told = run.report.operation
        before, after = _expressions(run.base, old, places[0]), _expressions(run.revision, new, places[1])
        _named(run, before, after, "callback", told)
        run.report.operation = told


def _items(source: Source, owner: Mapping[str, Any], key: str, pointer: str) -> Items:
    named = source.entries(owner, key, pointer)
    return {name: source.resolved(value, at) for name, value, at in named if not name.startswith("x-")}


def _expressions(source: Source, owner: Mapping[str, Any], pointer: str) -> Items:
    """The path items of all callbacks, each under the callback's name and its expression."""
    found: Items = {}
    for name, (value, at) in _items(source, owner, "callbacks", pointer).items():
        for expression, item, place in source.entries({"callback": value}, "callback", ""):
            if isinstance(item, dict):
                found[f"{name} {expression}"] = source.resolved(item, at + place.removeprefix("/callback"))
    return found


def _named(run: Run, before: Items, after: Items, kind: str = "webhook", told: Told | None = None) -> None:
    base, revision = ("", "") if told is None else (None, None)
    for name in sorted(before.keys() | after.keys()):
        run.report.operation = told or Told("WEBHOOK", name)
        if name not in after:
            run.report.add(f"{kind}-removed", (before[name][1], revision or ""), before=Said(name))
        elif name not in before:
            run.report.add(f"{kind}-added", (base or "", after[name][1]), after=Said(name))
        else:
            for method in METHODS:
                if all(isinstance(item.get(method), dict) for item, _ in (before[name], after[name])):
                    _operation(run, name, method, before[name], after[name])


def _operation(
    run: Run, name: str, method: str, old: tuple[Mapping[str, Any], str], new: tuple[Mapping[str, Any], str]
) -> None:
    run.spend()
    try:
        before = operations.operation(run.base, method, name, *old)
        after = operations.operation(run.revision, method, name, *new)
        _parameters(run, before, after)
        _body(run, before, after)
        answers.compare(run, before, after, answers.CONSUMER)
    except Unjudgeable as error:
        run.report.give_up(error.why)


def _body(run: Run, old: Operation, new: Operation) -> None:
    if old.body is None or new.body is None:
        if old.body is not None:
            run.report.add("webhook-body-removed", (old.body.pointer, new.pointer))
        elif new.body is not None:
            run.report.add("webhook-body-added", (old.pointer, new.body.pointer))
        return
    where = Where("webhook-body", "webhook", "the webhook's body")
    media.compare(run, old.body, new.body, media.WEBHOOK, where, "")


def _parameters(run: Run, old: Operation, new: Operation) -> None:
    before = {(each.place, each.name.lower()): each for each in old.parameters}
    after = {(each.place, each.name.lower()): each for each in new.parameters}
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if one is None and other is not None:
            run.report.add("webhook-parameter-added", (old.pointer, other.pointer), what=parameters.told(other))
        elif other is None and one is not None:
            run.report.add("webhook-parameter-removed", (one.pointer, new.pointer), what=parameters.told(one))
        elif one is not None and other is not None:
            if one.required and not other.required:
                name = "webhook-parameter-became-optional"
                run.report.add(name, (one.pointer, other.pointer), what=parameters.told(other))
            if one.node is not None and other.node is not None:
                where = Where("webhook-parameter", "webhook-parameter", parameters.told(other), is_text=True)
                schemas.compare(run, one.node, other.node, where)
