"""The graph on a page: boxes that do not overlap, labels that fit, no more columns than a screen can be moved over."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from signet.service.drawing.layers import WIDEST
from signet.service.pages.drawing import CHARACTER, HEIGHT, LONGEST, Drawing, drawn


def graph(names: list[str], edges: set[tuple[str, str]]) -> dict[str, Any]:
    nodes = [{"service": name, "registered": True, "external": False, "versions": []} for name in names]
    told = [{"consumer": one, "provider": other, "state": "verified"} for one, other in sorted(edges)]
    return {"nodes": nodes, "edges": told}


def assert_legible(found: Drawing) -> None:
    for one in found.nodes:
        assert one.x >= 0 and one.x + one.width <= found.width
        assert one.y >= 0 and one.y + one.height <= found.height
        assert len(one.label) <= LONGEST and len(one.label) * CHARACTER < one.width
    columns: dict[int, list[tuple[int, int]]] = {}
    for one in found.nodes:
        columns.setdefault(one.x, []).append((one.y, one.width))
    for boxes in columns.values():
        assert all(below - above >= HEIGHT for (above, _), (below, _) in pairwise(sorted(boxes)))
    rows = sorted(found.nodes, key=lambda one: one.x)
    for number, one in enumerate(rows):
        for other in rows[number + 1 :]:
            apart = other.x >= one.x + one.width or abs(one.y - other.y) >= HEIGHT
            assert apart, (one, other)


services = st.lists(st.text("abcdefgh-0123456789", min_size=1, max_size=64), min_size=1, max_size=25, unique=True)


@given(services, st.data())
def test_no_graph_has_boxes_that_overlap(names: list[str], data: st.DataObject) -> None:
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names))
    edges = data.draw(st.sets(pairs, max_size=60))
    found = drawn(graph(names, edges))
    assert_legible(found)
    assert {node.service for node in found.nodes} == set(names)
    assert {(edge.consumer, edge.provider) for edge in found.edges} == edges
    assert drawn(graph(list(reversed(names)), edges)) == found


def test_three_hundred_services_that_all_call_each_other_fit_on_few_screens() -> None:
    chance = random.Random(1)
    names = [f"service-{number:04}" for number in range(300)]
    edges = {(one, names[chance.randrange(300)]) for one in names for _ in range(4)}
    found = drawn(graph(names, edges))
    assert_legible(found)
    assert len({node.x for node in found.nodes}) <= WIDEST + 2
    assert found.width < 4_000 and found.height < 2_500


def test_consumers_stand_left_of_their_providers() -> None:
    shop = {
        ("accounting", "cart"),
        ("cart", "catalog"),
        ("cart", "inventory"),
        ("catalog", "item"),
        ("inventory", "item"),
    }
    found = drawn(graph(["accounting", "cart", "catalog", "inventory", "item", "alone"], shop))
    at = {node.service: node for node in found.nodes}
    assert all(at[one].x < at[other].x for one, other in shop)
    assert at["alone"].y > max(node.y for name, node in at.items() if name != "alone")
