"""The graph of services in Mermaid, for READMEs and wikis. Names stand in quotes and are escaped; ids are numbers."""

from __future__ import annotations

from typing import Any

ARROWS = {"verified": "-->", "not verified yet": "-.->"}
"""How the good and the open look; everything else is a thick arrow. Words say the state as well."""


def mermaid(graph: dict[str, Any]) -> str:
    """A graph, as ``answers.graph`` tells it."""
    ids = {node["service"]: f"s{number}" for number, node in enumerate(graph["nodes"])}
    lines = ["flowchart LR"]
    for node in graph["nodes"]:
        label = _quoted(node["service"] + (" (external)" if node["external"] else ""))
        lines.append(f"  {ids[node['service']]}[{label}]")
    for edge in graph["edges"]:
        arrow = ARROWS.get(edge["state"], "==>")
        label = "" if edge["state"] == "verified" else f"|{_quoted(edge['state'])}|"
        lines.append(f"  {ids[edge['consumer']]} {arrow}{label} {ids[edge['provider']]}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    safe = "".join(char if char.isalnum() or char in " ._-()+" else f"#{ord(char)};" for char in text)
    return f'"{safe}"'
