"""Two schemas, keyword by keyword: the walk that all the others are parts of.

Each pair is walked once below one body or parameter, so circles end and a schema that is used often is told once.
"""

from __future__ import annotations

from signet.core.changes import inside, lifecycle, limits, properties, types, unions, values
from signet.core.changes.run import DEEPEST, Run, key_of
from signet.core.changes.views import View, view, without_strangers
from signet.core.changes.where import Where
from signet.core.compare.source import Node
from signet.core.compare.texts import Unjudgeable


def compare(run: Run, old: Node, new: Node, where: Where) -> None:
    """Tell everything that changed from one schema to the other."""
    key = key_of(old, new, where)
    if run.is_twin(old, new) or not run.begins(key):
        return
    if run.depth >= DEEPEST:
        run.report.give_up(f"{where.what} goes deeper than {DEEPEST} schemas")
        return
    with run.walking(key):
        try:
            views(run, view(run.base, old), view(run.revision, new), where)
        except Unjudgeable as error:
            run.report.give_up(f"{where.what}: {error.why}")


def views(run: Run, old: View, new: View, where: Where) -> None:
    """The same for two views."""
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
    if run.is_twin(old, new):
        return True
    key = key_of(old, new, where)
    if key in run.clean:
        return True
    if key not in run.known:
        run.known[key] = True  # a circle is the same if nothing on it differs
        fork = run.fork()
        compare(fork, old, new, where)
        run.join(fork)
        run.known[key] = not fork.report.changes and not fork.report.unseen
    return run.known[key]


def are_same_views(run: Run, old: View, new: View, where: Where) -> bool:
    """The same for two views."""
    fork = run.fork()
    fork.depth += 1
    if fork.depth >= DEEPEST:
        return False
    views(fork, old, new, where)
    run.join(fork)
    return not fork.report.changes and not fork.report.unseen
