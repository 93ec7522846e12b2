"""Paths against path templates: what a name stands for, and no work without end."""

from __future__ import annotations

import pytest

from signet.core.compare.routes import Routes
from signet.core.compare.source import Source


def matched(template: str, path: str, servers: str = "") -> dict[str, str] | None:
    """The texts of the path parameters, None where the path is another."""
    root = {"paths": {template: {"get": {}}}, "servers": [{"url": servers}]}
    found = Routes(Source(root, "3.0")).matches(path, "GET")
    return dict(found[0].values) if found else None


@pytest.mark.parametrize(
    ("template", "path", "values"),
    [
        ("/{a}", "/x", {"a": "x"}),
        ("/{a}.json", "/x.json", {"a": "x"}),
        ("/{a}.json", "/.json", None),
        ("/{a}.json", "/x.json.json", {"a": "x.json"}),
        ("/{a}-{b}", "/1-2-3", {"a": "1", "b": "2-3"}),
        ("/{a}-{b}.{c}", "/1-2", None),
        ("/{a}{b}", "/xyz", {"a": "x", "b": "yz"}),
        ("/{a}{b}", "/x", None),
        ("/v{a}", "/V1", {"a": "1"}),
        ("/v{a}/X", "/v1/x", {"a": "1"}),
        ("/({a})", "/(1)", {"a": "1"}),
        ("/x%20{a}", "/x 1", {"a": "1"}),
    ],
)
def test_names_stand_for_the_shortest_texts(template: str, path: str, values: dict[str, str] | None) -> None:
    assert matched(template, path) == values


def test_templates_and_servers_that_invite_backtracking_are_answered_at_once() -> None:
    many = "".join(f"{{{name}}}" for name in "abcdefghijklmnop")
    assert matched(f"/{many}x", "/" + "a" * 200) is None
    assert matched("/a", "/" + "b" * 200 + "/c", f"/{many}") is None
    assert matched("/a", "/" + "b" * 200 + "/a", f"/{many}") == {}
