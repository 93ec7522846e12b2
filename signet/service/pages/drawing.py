"""The graph of services as boxes and lines for a page, placed by ``signet.service.drawing.layers``.

Labels are whole up to a length, and no two boxes overlap. It makes no markup and knows no colours: a template and the
style sheet do, so that boxes are links, and both themes have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from signet.service.answers.graph import GRAVEST
from signet.service.drawing.layers import Layout, layout

HEIGHT, ROW = 30, 40
CHARACTER, PADDING = 7.8, 42
"""How wide a character of a label is, on average at most, and what stands beside the label."""
LONGEST = 28
"""Characters of a label; the whole name is in the title of its box."""
GAP, MARGIN, NARROWEST = 84, 16, 720


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
    places = _placed(layout(told, ((edge["consumer"], edge["provider"]) for edge in edges)))
    states = _states(edges)
    nodes = tuple(
        Node(name, _label(name), *box, HEIGHT, states.get(name, ""), told[name]["external"], told[name]["registered"])
        for name, box in sorted(places.items(), key=lambda one: (one[1], one[0]))
    )
    width = max((node.x + node.width for node in nodes), default=0) + MARGIN
    height = max((node.y + node.height for node in nodes), default=0) + MARGIN
    return Drawing(width, height, nodes, tuple(_edge(edge, places) for edge in edges))


def _states(edges: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for edge in edges:
        for name in (edge["consumer"], edge["provider"]):
            found[name] = min(found.get(name, GRAVEST[-1]), edge["state"], key=GRAVEST.index)
    return found


def _placed(found: Layout) -> dict[str, tuple[int, int, int]]:
    """By service x, y and width; a column is as wide as its widest box, and services that are alone stand below."""
    widths = [0] * found.columns
    for name, (column, _) in found.places.items():
        widths[column] = max(widths[column], _width(name))
    left = [MARGIN + sum(widths[:column]) + column * GAP for column in range(found.columns)]
    boxes = {
        name: (left[column], MARGIN + round(row * ROW), widths[column]) for name, (column, row) in found.places.items()
    }
    widest = max((x + width for x, _, width in boxes.values()), default=0)
    x, y = MARGIN, MARGIN + round((found.rows + 0.3) * ROW) if boxes else MARGIN
    for name in found.loose:
        if x > MARGIN and x + _width(name) > max(widest, NARROWEST):
            x, y = MARGIN, y + ROW
        boxes[name] = (x, y, _width(name))
        x += _width(name) + MARGIN
    return boxes


def _edge(edge: Mapping[str, Any], places: Mapping[str, tuple[int, int, int]]) -> Edge:
    consumer, provider, state = edge["consumer"], edge["provider"], edge["state"]
    (x1, y1, width1), (x2, y2, width2) = places[consumer], places[provider]
    middle = HEIGHT // 2
    if x1 < x2:
        start, end = x1 + width1, x2 - 2
        bend = max((end - start) // 2, 30)
        path = f"M{start} {y1 + middle}C{start + bend} {y1 + middle} {end - bend} {y2 + middle} {end} {y2 + middle}"
    elif x1 == x2:
        side, out = x1 + width1, x1 + width1 + min(30 + abs(y2 - y1) // 8, GAP - 10)
        path = f"M{side} {y1 + middle - 5}C{out} {y1 + middle - 5} {out} {y2 + middle + 5} {side + 2} {y2 + middle + 5}"
    else:
        start, end = x1, x2 + width2 + 2
        bend = max((start - end) // 2, 30)
        path = f"M{start} {y1 + middle}C{start - bend} {y1 + middle} {end + bend} {y2 + middle} {end} {y2 + middle}"
    return Edge(consumer, provider, state, path)


def _label(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _width(name: str) -> int:
    return int(len(_label(name)) * CHARACTER) + PADDING
