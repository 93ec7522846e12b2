"""Where each service stands in the graph: consumers to the left of their providers, neighbours near each other.

A layered layout, the same for the same graph: circles are opened, a service stands one column to the right of the last
of its consumers, the order within a column follows the neighbours (their mean, in sweeps to and fro), and heights are
evened out towards them. Services without any edge stand below in rows. It draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

SWEEPS = 12
EVENINGS = 24
TALLEST = 40
"""More services than this in a column stand in several columns beside each other."""

WIDEST = 14
"""More columns than this are gathered: services that all call each other make long chains, which no screen takes."""
FULL = 24
"""About so many services stand in a column that was gathered."""

Edge = tuple[str, str]


class Layout(NamedTuple):
    """By service its column and its height in rows; ``loose`` are those without an edge, by name."""

    places: Mapping[str, tuple[int, float]]
    loose: tuple[str, ...]
    columns: int
    rows: float


def layout(names: Iterable[str], edges: Iterable[Edge]) -> Layout:
    """Places for services and the edges between them; an edge from a service to itself counts for nothing."""
    pairs = sorted({(one, other) for one, other in edges if one != other})
    met = sorted({name for pair in pairs for name in pair})
    forward = _opened(met, pairs)
    columns = _ordered(_split(_gathered(_layers(met, forward))), pairs)
    heights = _evened(columns, pairs)
    places = {name: (at, heights[name]) for at, column in enumerate(columns) for name in column}
    loose = tuple(sorted(set(names) - set(met)))
    return Layout(places, loose, len(columns), max(heights.values(), default=-1.0) + 1)


def _opened(names: Sequence[str], pairs: Sequence[Edge]) -> list[Edge]:
    """The edges without those that close a circle, which are turned round; whom fewest call is looked at first."""
    following: dict[str, list[str]] = {name: [] for name in names}
    for one, other in pairs:
        following[one].append(other)
    state: dict[str, int] = {}
    back: set[Edge] = set()
    called = dict.fromkeys(names, 0)
    for _, other in pairs:
        called[other] += 1
    for root in sorted(names, key=lambda name: (called[name], name)):
        if root in state:
            continue
        state[root] = 1
        stack = [(root, iter(following[root]))]
        while stack:
            name, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                state[name] = 2
                stack.pop()
            elif step not in state:
                state[step] = 1
                stack.append((step, iter(following[step])))
            elif state[step] == 1:
                back.add((name, step))
    return sorted({(other, one) if (one, other) in back else (one, other) for one, other in pairs})


def _layers(names: Sequence[str], forward: Sequence[Edge]) -> list[list[str]]:
    """Columns: each service one to the right of the last of those that lead to it."""
    leading = dict.fromkeys(names, 0)
    following: dict[str, list[str]] = {name: [] for name in names}
    for one, other in forward:
        leading[other] += 1
        following[one].append(other)
    column = dict.fromkeys(names, 0)
    ready = [name for name in names if not leading[name]]
    while ready:
        name = ready.pop(0)
        for other in following[name]:
            column[other] = max(column[other], column[name] + 1)
            leading[other] -= 1
            if not leading[other]:
                ready.append(other)
    found: list[list[str]] = [[] for _ in range(max(column.values(), default=-1) + 1)]
    for name in names:
        found[column[name]].append(name)
    return found


def _gathered(columns: list[list[str]]) -> list[list[str]]:
    """Columns, where there are too many, put together with those beside them; no provider is left of a consumer."""
    if len(columns) <= WIDEST:
        return columns
    full = max(FULL, -(-sum(map(len, columns)) // WIDEST))
    found: list[list[str]] = []
    for column in columns:
        if found and len(found[-1]) + len(column) <= full:
            found[-1] += column
        else:
            found.append(list(column))
    return found


def _split(columns: Sequence[list[str]]) -> list[list[str]]:
    """Columns of a height that a screen takes."""
    found = []
    for column in columns:
        parts = -(-len(column) // TALLEST)
        size = -(-len(column) // max(parts, 1))
        found += [column[at : at + size] for at in range(0, len(column), max(size, 1))]
    return found


def _neighbours(pairs: Sequence[Edge]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
        found.setdefault(other, []).append(one)
    return found


def _ordered(columns: Sequence[list[str]], pairs: Sequence[Edge]) -> list[list[str]]:
    """The same columns, each in the order of the means of its neighbours' positions."""
    near = _neighbours(pairs)
    found = [list(column) for column in columns]
    at = {name: row / max(len(column), 1) for column in found for row, name in enumerate(column)}
    for sweep in range(SWEEPS):
        for column in found if sweep % 2 == 0 else reversed(found):
            means = {name: sum(at[each] for each in near[name]) / len(near[name]) for name in column}
            column.sort(key=lambda name: (means[name], name))
            for row, name in enumerate(column):
                at[name] = row / max(len(column), 1)
    return found


def _evened(columns: Sequence[Sequence[str]], pairs: Sequence[Edge]) -> dict[str, float]:
    """Heights in rows: near the mean of the neighbours, in the order of the column, at least one apart."""
    near = _neighbours(pairs)
    tallest = max((len(column) for column in columns), default=0)
    height = {name: row + (tallest - len(column)) / 2 for column in columns for row, name in enumerate(column)}
    for _ in range(EVENINGS):
        for column in columns:
            wanted = [sum(height[each] for each in near[name]) / len(near[name]) for name in column]
            for name, at in zip(column, _apart(wanted), strict=True):
                height[name] = at
    lowest = min(height.values(), default=0.0)
    return {name: round(at - lowest, 2) for name, at in height.items()}


def _apart(wanted: Sequence[float]) -> list[float]:
    """Heights as near to the wanted ones as being one apart allows: those that collide share their mean."""
    groups: list[tuple[float, int]] = []  # the height of the first, and how many follow it one by one
    for at in wanted:
        first, many = at, 1
        while groups and groups[-1][0] + groups[-1][1] > first:
            above, count = groups.pop()
            first = (above * count + (first - count) * many) / (count + many)
            many += count
        groups.append((first, many))
    return [first + row for first, many in groups for row in range(many)]
