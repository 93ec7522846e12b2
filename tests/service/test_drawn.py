"""Pictures: the same bytes for the same graph, legible with 300 services, and nothing of a name but its letters."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signet.service.answers.graph import GRAVEST
from signet.service.drawing import svg as drawing
from signet.service.drawing.badge import LOOKS, badge
from signet.service.drawing.layers import layout
from signet.service.drawing.mermaid import mermaid
from signet.service.drawing.svg import STYLES, svg

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    *("<script>alert(1)</script>", "a\"onload='x'", "]]>", "&amp;<!--", "javascript:x", "%%{init}%%"),
    *('end"]; click s0 "javascript:x"', "a`b|c", "\u202etxt", "x" * 500),
]


def graph(names: list[str], edges: list[tuple[str, str, str]]) -> dict[str, Any]:
    nodes = [{"service": one, "registered": True, "external": False, "versions": ["1"]} for one in names]
    told = [{"consumer": a, "provider": b, "state": s, "code": "x", "states": {s: 1}} for a, b, s in edges]
    return {"nodes": nodes, "edges": told, "environment": None, "service": None}


def shop(size: int, seed: int = 1) -> dict[str, Any]:
    """A graph of many services, some in circles, some alone."""
    draw = random.Random(seed)
    names = [f"service-{number:03}" for number in range(size)]
    edges = {
        (draw.choice(names[: size - size // 10]), draw.choice(names[: size - size // 10])) for _ in range(size * 3)
    }
    return graph(names, [(one, other, draw.choice(GRAVEST)) for one, other in sorted(edges)])


def boxes(picture: str) -> list[tuple[float, float]]:
    root = ElementTree.fromstring(picture)  # noqa: S314 - it is ours
    found = [one for one in root.iter(f"{SVG}g") if one.get("class", "").startswith("node")]
    corners = []
    for one in found:
        box = one.find(f"{SVG}rect")
        assert box is not None
        corners.append((float(box.get("x", "")), float(box.get("y", ""))))
    return corners


@pytest.mark.parametrize("size", [1, 5, 60, 300])
def test_no_two_boxes_overlap_and_all_are_inside(size: int) -> None:
    began = time.process_time()
    picture = svg(shop(size))
    assert time.process_time() - began < 5
    corners = boxes(picture)
    assert len(corners) == size
    root = ElementTree.fromstring(picture)  # noqa: S314 - it is ours
    wide, high = float(root.get("width", "")), float(root.get("height", ""))
    columns: dict[float, list[float]] = {}
    for x, y in corners:
        assert 0 <= x <= wide - drawing.WIDTH and 0 <= y <= high - drawing.HEIGHT
        columns.setdefault(x, []).append(y)
    for heights in columns.values():
        assert all(below - above >= drawing.HEIGHT for above, below in pairwise(sorted(heights)))
    places = sorted(columns)
    near = [(a, b) for a, b in pairwise(places) if b - a < drawing.WIDTH]
    for a, b in near:  # the loose ones below may stand in columns of their own
        assert not any(abs(y - z) < drawing.HEIGHT for y in columns[a] for z in columns[b])


def test_the_same_graph_in_any_order_is_the_same_picture() -> None:
    told = shop(60)
    shuffled = {**told, "nodes": told["nodes"][::-1], "edges": told["edges"][::-1]}
    one, other = svg(told), svg(shuffled)
    assert one == svg(told)
    assert sorted(boxes(one)) == sorted(boxes(other))


def test_consumers_stand_left_of_their_providers() -> None:
    places = layout(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")]).places
    assert places["a"][0] < places["b"][0] < places["c"][0] < places["d"][0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=80))
def test_every_service_has_one_place_of_its_own(pairs: list[tuple[int, int]]) -> None:
    names = [f"s{number}" for number in range(31)]
    found = layout(names, [(names[one], names[other]) for one, other in pairs])
    assert sorted([*found.places, *found.loose]) == sorted(names)
    rows: dict[int, list[float]] = {}
    for column, row in found.places.values():
        rows.setdefault(column, []).append(row)
    for heights in rows.values():
        assert all(below - above > 0.98 for above, below in pairwise(sorted(heights)))


def test_every_state_has_a_look_that_is_more_than_a_colour() -> None:
    assert set(STYLES) == set(GRAVEST)
    good = STYLES["verified"]
    for state, style in STYLES.items():
        if state != "verified":
            assert (style.dashes, style.width, style.sign) != (good.dashes, good.width, good.sign)
    assert len({sign for sign, _ in LOOKS.values()}) == len(LOOKS)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_wherever_it_is_drawn(name: str) -> None:
    told = graph([name, "b"], [(name, "b", "failed")])
    picture = svg(told, link=lambda one: f"/services/{one}")
    pictures = [picture, *(badge({"label": name, "verdict": one}) for one in LOOKS)]
    for one in pictures:
        root = ElementTree.fromstring(one)  # noqa: S314
        tags = {element.tag.removeprefix(SVG) for element in root.iter()}
        assert tags <= {"svg", "g", "title", "desc", "rect", "text", "tspan", "path", "defs", "marker", "style", "a"}
        assert not any(key.lower().startswith("on") for element in root.iter() for key in element.keys())  # noqa: SIM118
    lines = mermaid(told).splitlines()
    assert len(lines) == 4 and lines[0] == "flowchart LR"
    assert all(line.count('"') in (0, 2) for line in lines)
    assert not any(char in lines[1] for char in "<>&`|\u202e")
