"""Where the services of a graph stand on a page, and how the lines between them run: always the same for the same graph.

Consumers stand left of their providers, in columns; who calls nobody and is called by nobody stands below. No two boxes
overlap. It makes no markup and knows no colours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

HEIGHT, ROW = 30, 42
CHARACTER, PADDING = 7.8, 42
"""How wide a character of a label is at most, on average, and what stands beside the label."""
LONGEST = 28
"""Characters of a label; the whole name is in the title of its box."""
GAP, MARGIN = 84, 16
TALLEST = 26
"""Boxes in one column; a layer that has more is continued beside it."""
ROUNDS = 6
GRAVEST = ("incompatible", "failed", "unreadable", "no provider", "not verified yet", "verified")


class Node(NamedTuple):
    """A service as a box; ``state`` is the gravest of its integrations, empty where it has none."""

    service: str
    label: str
    x: int
    y: int
    width: int
    height: int
    state: str
    external: bool
    registered: bool


class Edge(NamedTuple):
    """A line from a consumer to a provider, as an SVG path."""

    consumer: str
    provider: str
    state: str
    path: str


class Drawing(NamedTuple):
    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def drawn(graph: Mapping[str, Any]) -> Drawing:
    """The drawing of a graph as ``signet.service.answers.graph`` tells it."""
    told = {node["service"]: node for node in graph["nodes"]}
    edges = [edge for edge in graph["edges"] if edge["consumer"] in told and edge["provider"] in told]
    calls: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        calls[edge["consumer"]].add(edge["provider"])
    met = {name for edge in edges for name in (edge["consumer"], edge["provider"])}
    columns = _ordered(_layers(sorted(met), calls), calls)
    columns = [part for column in columns for part in _parts(column)]
    places, width, height = _placed(columns)
    alone, height = _below(sorted(set(told) - met), width, height)
    states = _states(edges)
    nodes = tuple(
        Node(name, _label(name), *box, HEIGHT, states.get(name, ""), told[name]["external"], told[name]["registered"])
        for name, box in (places | alone).items()
    )
    right = max((node.x + node.width for node in nodes), default=0) + MARGIN
    return Drawing(max(width, right), height, nodes, tuple(_edge(edge, places) for edge in edges))


def _states(edges: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for edge in edges:
        for name in (edge["consumer"], edge["provider"]):
            found[name] = min(found.get(name, GRAVEST[-1]), edge["state"], key=GRAVEST.index)
    return found


def _layers(names: list[str], calls: Mapping[str, set[str]]) -> list[list[str]]:
    """Columns from left to right: every service is left of those it calls, but for calls that close a circle."""
    depth: dict[str, int] = {}
    open_now: set[str] = set()
    for root in names:
        stack = [(root, iter(sorted(calls.get(root, ()))))]
        open_now.add(root)
        while stack:
            name, rest = stack[-1]
            provider = next((one for one in rest if one not in depth and one not in open_now), None)
            if provider is not None and root not in depth:
                open_now.add(provider)
                stack.append((provider, iter(sorted(calls.get(provider, ())))))
                continue
            stack.pop()
            open_now.discard(name)
            if name not in depth:
                depth[name] = 1 + max((depth[one] for one in calls.get(name, ()) if one in depth), default=-1)
    deepest = max(depth.values(), default=-1)
    layers: list[list[str]] = [[] for _ in range(deepest + 1)]
    for name in names:
        layers[deepest - depth[name]].append(name)
    return layers


def _ordered(layers: list[list[str]], calls: Mapping[str, set[str]]) -> list[list[str]]:
    """The same columns, each in an order in which its lines cross little: by the middle of the neighbours' places."""
    called: dict[str, set[str]] = defaultdict(set)
    for consumer, providers in calls.items():
        for provider in providers:
            called[provider].add(consumer)
    for number in range(ROUNDS):
        place = {name: (row + 0.5) / len(layer) for layer in layers for row, name in enumerate(layer)}
        near = calls if number % 2 else called
        for layer in layers:
            middle = {name: _middle([place[one] for one in near.get(name, ())], place[name]) for name in layer}
            layer.sort(key=lambda name: (middle[name], name))
    return layers


def _middle(places: list[float], own: float) -> float:
    return sum(places) / len(places) if places else own


def _parts(column: list[str]) -> list[list[str]]:
    """A column in parts that are not too tall, all about as tall as each other."""
    count = -(-len(column) // TALLEST)
    size = -(-len(column) // count) if count else 1
    return [column[start : start + size] for start in range(0, len(column), size)]


def _placed(columns: list[list[str]]) -> tuple[dict[str, tuple[int, int, int]], int, int]:
    """By service x, y and width, with the size of it all; columns are centred beside each other."""
    tallest = max(map(len, columns), default=0)
    found: dict[str, tuple[int, int, int]] = {}
    x = MARGIN
    for column in columns:
        width = max(_width(name) for name in column)
        top = MARGIN + (tallest - len(column)) * ROW // 2
        for row, name in enumerate(column):
            found[name] = (x, top + row * ROW, width)
        x += width + GAP
    return found, max(x - GAP + MARGIN, 0), tallest * ROW + 2 * MARGIN if columns else MARGIN


def _below(names: list[str], width: int, height: int) -> tuple[dict[str, tuple[int, int, int]], int]:
    """Services that are alone, in rows below the others."""
    found: dict[str, tuple[int, int, int]] = {}
    x, y = MARGIN, height
    for name in names:
        own = _width(name)
        if x > MARGIN and x + own > max(width, 720):
            x, y = MARGIN, y + ROW
        found[name] = (x, y, own)
        x += own + 16
    return found, y + ROW + MARGIN if names else height


def _edge(edge: Mapping[str, Any], places: Mapping[str, tuple[int, int, int]]) -> Edge:
    consumer, provider, state = edge["consumer"], edge["provider"], edge["state"]
    (x1, y1, width1), (x2, y2, width2) = places[consumer], places[provider]
    middle = HEIGHT // 2
    if x1 < x2:
        start, end = (x1 + width1, y1 + middle), (x2 - 2, y2 + middle)
        bend = max((end[0] - start[0]) // 2, 30)
        path = f"M{start[0]} {start[1]}C{start[0] + bend} {start[1]} {end[0] - bend} {end[1]} {end[0]} {end[1]}"
    else:
        start, end = (x1 + width1 // 2, y1 + HEIGHT), (x2 + width2 // 2, y2 + HEIGHT + 2)
        deep = max(start[1], end[1]) + 40
        path = f"M{start[0]} {start[1]}C{start[0]} {deep} {end[0]} {deep} {end[0]} {end[1]}"
    return Edge(consumer, provider, state, path)


def _label(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _width(name: str) -> int:
    return int(len(_label(name)) * CHARACTER) + PADDING
