"""Two schemas, keyword by keyword: the walk that all the others are parts of.

Each pair is told once below one body or parameter, by the shortest way to it.
"""

from __future__ import annotations

from signet.core.changes import inside, lifecycle, limits, properties, types, unions, values
from signet.core.changes.run import DEEPEST, LOCAL_STEPS, Key, Local, Run, Waiting, key_of
from signet.core.changes.views import View, target, view, without_strangers
from signet.core.changes.where import Where
from signet.core.compare.source import Node
from signet.core.compare.texts import Unjudgeable


def compare(run: Run, old: Node, new: Node, where: Where) -> None:
    """Tell everything that changed from one schema to the other, at a body, a parameter or a header."""
    run.walked.clear()
    run.later(old, new, where)
    finish(run)


def finish(run: Run, *, first: bool = False) -> None:
    """Compare all pairs that wait, and those inside them; ``first``: until something is told."""
    told: set[Key] = set()
    assumed = run.memory.assumed
    while run.queue:
        one = run.queue.popleft()
        if one.key is None:
            met = _met(run, one)
            if met is None or met.key is None or met.key in run.walked:
                continue
            one = met
            run.walked[met.key] = []
        if one.key is None or one.key in run.memory.clean:
            continue
        run.spend()
        local = _local(run, one.key, one)
        _tell(run, one.key, local, one.where)
        if local.records or local.unseen:
            told.add(one.key)
            if first:
                run.queue.clear()
                return
    if run.memory.assumed == assumed:
        run.remember_clean(told)


def _met(run: Run, one: Waiting) -> Waiting | None:
    """The pair with what its references lead to; None where both are surely the same, or nobody can tell."""
    try:
        old, new = target(run.base, one.old), target(run.revision, one.new)
    except Unjudgeable as error:
        run.report.give_up(error.why, one.where)
        return None
    return None if run.is_twin(old, new) else Waiting(old, new, one.where, key_of(run, old, new, one.where))


def _local(run: Run, key: Key, one: Waiting) -> Local:
    """What a pair says by itself; worked out when it is met first."""
    memory = run.memory
    if key in memory.local:
        return memory.local[key]
    if key in memory.open:
        memory.assumed += 1
        return Local(one.where, (), (), ())
    assumed = memory.assumed
    memory.open.add(key)
    try:
        found = _worked_out(run, one)
    finally:
        memory.open.discard(key)
    if memory.assumed == assumed or not memory.open:
        memory.local[key] = found
    return found


def _worked_out(run: Run, one: Waiting) -> Local:
    run.spend(LOCAL_STEPS)
    aside = run.aside()
    try:
        views(aside, view(run.base, one.old), view(run.revision, one.new), one.where)
    except Unjudgeable as error:
        aside.report.give_up(error.why, one.where)
    inside = tuple(met for each in aside.queue if (met := _met(aside, each)) is not None)
    return Local(one.where, tuple(aside.notes.records), tuple(aside.notes.places_unseen), inside)


def _tell(run: Run, key: Key, local: Local, where: Where) -> None:
    """Tell of one place what was worked out at another."""
    for name, places, what, before, after in local.records:
        run.report.add(name, places, what=what.moved(local.where, where), before=before, after=after)
    for why, at in local.unseen:
        run.report.give_up(why, at.moved(local.where, where))
    clean, walked = run.memory.clean, run.walked
    for each in local.inside:
        if each.key is None or each.key in clean:
            continue
        if each.key in walked:
            walked[each.key].append(key)
        else:
            walked[each.key] = [key]
            run.queue.append(each._replace(where=each.where.moved(local.where, where)))


def views(run: Run, old: View, new: View, where: Where) -> None:
    """Tell what changed from one view to the other; what is inside them waits."""
    old, new = unions.levelled(run, old, new, where)
    lifecycle.of_schema(run, old, new, where)
    if unions.claims(run, old, new, where):
        return
    types.compare(run, old, new, where)
    old, new = without_strangers(old, new)
    values.compare(run, old, new, where)
    limits.compare(run, old, new, where)
    properties.compare(run, old, new, where)
    inside.compare(run, old, new, where)
    unions.compare(run, old, new, where)


def are_same(run: Run, old: Node, new: Node, where: Where) -> bool:
    """True if nothing changed from one schema to the other; nothing is told."""
    aside = run.aside(depth=1)
    one = _met(aside, Waiting(old, new, where))
    if one is None or one.key is None:
        return aside.notes.is_empty
    key, known = one.key, run.memory.known
    if key in run.memory.clean:
        return True
    if key not in known:
        if aside.depth >= DEEPEST:
            return False
        assumed = run.memory.assumed
        aside.queue.append(one._replace(key=None))
        finish(aside, first=True)
        if run.memory.assumed != assumed and aside.notes.is_empty:
            return True
        known[key] = aside.notes.is_empty
    return known[key]


def are_same_views(run: Run, old: View, new: View, where: Where) -> bool:
    """The same for two views."""
    if run.depth >= DEEPEST:
        return False
    aside = run.aside(depth=1)
    views(aside, old, new, where)
    if aside.notes.is_empty:
        finish(aside, first=True)
    return aside.notes.is_empty
