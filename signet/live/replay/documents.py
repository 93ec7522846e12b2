"""Contracts taken apart for the verifier: one interaction a document, with the values of its provider states put in.

What is left out is left out on purpose: plugins (they are programs), and ``pending`` (it would turn a failure into a
pass). It sends nothing and judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from signet.core.formats import pact
from signet.core.model.contract import Contract, Interaction
from signet.live.replay import structural

_EXPRESSION = re.compile(r"\$\{([^}]*)\}")


def one(contract: Contract, interaction: Interaction, is_structural: bool) -> dict[str, Any]:
    """The Pact file of one interaction of a contract."""
    document = pact.alone(contract, interaction)
    item = document["interactions"][0]
    document["interactions"] = [{key: value for key, value in item.items() if key != "pending"}]
    return structural.loosened(document) if is_structural else document


def item_of(contract: Contract, interaction: Interaction) -> Mapping[str, Any]:
    """The interaction as the document has it."""
    key, _, position = interaction.pointer.lstrip("/").partition("/")
    item: Mapping[str, Any] = contract.source[key][int(position)]
    return item


def why_skipped(interaction: Interaction, item: Mapping[str, Any]) -> str:
    """Why an interaction cannot be replayed over HTTP; an empty text if it can."""
    if interaction.kind in ("async", "sync"):
        return "a message; a replay over HTTP cannot judge it"
    if interaction.kind != "http":
        return f"an interaction of type {item.get('type')!r}; a replay over HTTP cannot judge it"
    plugins = item.get("pluginConfiguration")
    if isinstance(plugins, dict) and plugins:
        return f"it needs the Pact plugin {', '.join(sorted(map(str, plugins)))}, and no plugins are loaded"
    return ""


def with_values(document: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the values that its generators take from provider states, which stand beside parameters."""
    item = dict(document["interactions"][0])
    states = item.get("providerStates")
    if values and isinstance(states, list) and states:
        first, *others = states
        params = {key: value for each in others for key, value in (each.get("params") or {}).items() if key in values}
        item["providerStates"] = [{**first, "params": {**(first.get("params") or {}), **params, **values}}]
    return {**document, "interactions": [item]}


def expressions(item: Mapping[str, Any]) -> set[str]:
    """The names that the generators of an interaction want from its provider states."""
    found: set[str] = set()
    for side in (item.get("request"), item.get("response")):
        for generator in _generators(side.get("generators") if isinstance(side, dict) else None):
            expression = str(generator.get("expression", ""))
            found.update(_EXPRESSION.findall(expression) if "${" in expression else [expression])
    return {name for name in found if name}


def _generators(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        if value.get("type") == "ProviderState":
            yield value
            return
        for child in value.values():
            yield from _generators(child)
