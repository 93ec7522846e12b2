"""The graph of services as SVG: boxes, and a curve from each consumer to its provider, in the style of its state.

Styles differ in dashes, width and a sign, never in colour alone. Presentation attributes carry the look, so that a page
whose policy forbids styles inside documents shows it too, and its style sheet may say otherwise by class. No script.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from signet.service.drawing.layers import Layout, layout

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 148, 26, 92, 12, 16
LETTERS = 20
LOOSE_A_ROW = 6

DARK = """
@media (prefers-color-scheme: dark) {
  .graph { background: #16181d }
  .node rect { fill: #22262e; stroke: #8b94a3 }
  .node text { fill: #eef1f5 }
  .edge path { stroke: #9aa4b2 }
  .edge.bad path { stroke: #ff8d85 }
  .edge.open path { stroke: #e2b85c }
  .edge.good path { stroke: #6fcf97 }
}
"""


class Style(NamedTuple):
    """How an edge of a state looks; ``sign`` stands in its middle."""

    kind: str
    colour: str
    dashes: str
    width: float
    sign: str


STYLES = {
    "verified": Style("good", "#1f7a4d", "", 1.4, ""),
    "not verified yet": Style("open", "#8a6100", "6 4", 1.4, ""),
    "no provider": Style("bad", "#b3261e", "2 3", 1.8, "∅"),
    "unreadable": Style("bad", "#b3261e", "8 3 2 3", 1.8, "!"),
    "failed": Style("bad", "#b3261e", "", 2.4, "✗"),
    "incompatible": Style("bad", "#b3261e", "", 2.4, "✗"),
}


def svg(graph: dict[str, Any], *, link: Callable[[str], str] | None = None, standalone: bool = True) -> str:
    """A graph, as ``answers.graph`` tells it. ``link`` gives each service the address of its page.

    ``standalone`` brings the style for dark screens along; a page that has its own passes False.
    """
    found = layout(
        (node["service"] for node in graph["nodes"]), ((one["consumer"], one["provider"]) for one in graph["edges"])
    )
    at = _corners(found)
    wide = max((x for x, _ in at.values()), default=0) + WIDTH + MARGIN
    high = max((y for _, y in at.values()), default=0) + HEIGHT + MARGIN
    words = f"Services: {len(graph['nodes'])}, integrations: {len(graph['edges'])}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="graph" role="img" width="{wide:g}" height="{high:g}" '
        f'viewBox="0 0 {wide:g} {high:g}" font-family="system-ui, sans-serif" font-size="12" '
        f"aria-label={quoteattr(words)}>"
    )
    marks = (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#6b7482"/></marker></defs>'
    )
    edges = [_edge(one, at) for one in graph["edges"]]
    nodes = [_node(one, at[one["service"]], link) for one in graph["nodes"]]
    style = [f"<style>{DARK}</style>"] if standalone else []
    return "\n".join([head, f"<title>{escape(words)}</title>", *style, marks, *edges, *nodes, "</svg>"]) + "\n"


def _corners(found: Layout) -> dict[str, tuple[float, float]]:
    """By service, the upper left corner of its box."""
    step_x, step_y = WIDTH + GAP_X, HEIGHT + GAP_Y
    at: dict[str, tuple[float, float]] = {
        name: (MARGIN + x * step_x, MARGIN + y * step_y) for name, (x, y) in found.places.items()
    }
    below = MARGIN + (found.rows + (0.5 if found.places else 0)) * step_y
    many = max(found.columns, LOOSE_A_ROW)
    for number, name in enumerate(found.loose):
        row, column = divmod(number, many)
        at[name] = (MARGIN + column * (WIDTH + GAP_Y), below + row * step_y)
    return at


def _node(node: dict[str, Any], corner: tuple[float, float], link: Callable[[str], str] | None) -> str:
    name, (x, y) = node["service"], corner
    shown = name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"
    said = ", ".join([name, *(["external"] if node["external"] else []), *node["versions"]])
    said += "" if node["registered"] else ", not registered"
    dashes = ' stroke-dasharray="4 3"' if node["external"] or not node["registered"] else ""
    box = (
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="5" fill="#ffffff" '
        f'stroke="#4a5260"{dashes}/>'
        f'<text x="{x + WIDTH / 2:g}" y="{y + 17:g}" text-anchor="middle" fill="#1b1f24">{escape(shown)}</text>'
    )
    titled = f'<g class="node" data-service={quoteattr(name)}><title>{escape(said)}</title>{box}</g>'
    return f"<a href={quoteattr(link(name))}>{titled}</a>" if link is not None else titled


def _edge(edge: dict[str, Any], at: dict[str, tuple[float, float]]) -> str:
    style = STYLES[edge["state"]]
    (x1, y1), (x2, y2) = at[edge["consumer"]], at[edge["provider"]]
    y1, y2 = y1 + HEIGHT / 2, y2 + HEIGHT / 2
    if edge["consumer"] == edge["provider"]:
        path = f"M{x1 + WIDTH:g} {y1 - 4:g}c26 -14 26 22 0 10"
        middle = (x1 + WIDTH + 20, y1)
    else:
        ends = (x1 + WIDTH, x2) if x1 < x2 else (x1, x2 + WIDTH) if x1 > x2 else (x1 + WIDTH, x2 + WIDTH)
        bend = 40 if x1 <= x2 else -40
        far = -40 if x1 < x2 else 40
        path = f"M{ends[0]:g} {y1:g}C{ends[0] + bend:g} {y1:g} {ends[1] + far:g} {y2:g} {ends[1]:g} {y2:g}"
        middle = ((ends[0] + ends[1]) / 2 + (30 if x1 == x2 else 0), (y1 + y2) / 2)
    said = f"{edge['consumer']} with {edge['provider']}: {edge['state']}"
    dashes = f' stroke-dasharray="{style.dashes}"' if style.dashes else ""
    line = (
        f'<path d="{path}" fill="none" stroke="{style.colour}" stroke-width="{style.width:g}"{dashes} '
        'marker-end="url(#arrow)"/>'
    )
    sign = (
        f'<text x="{middle[0]:g}" y="{middle[1] + 4:g}" text-anchor="middle" fill="{style.colour}" '
        f'font-weight="bold">{style.sign}</text>'
        if style.sign
        else ""
    )
    sides = f"data-consumer={quoteattr(edge['consumer'])} data-provider={quoteattr(edge['provider'])}"
    return f'<g class="edge {style.kind}" {sides}><title>{escape(said)}</title>{line}{sign}</g>'
