"""Attacks as data: the rows of ``tests/attacks``, and the cases that they stand for. It runs nothing.

The form of a row is described in ``tests/attacks/README.md``.
"""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "attacks"
KEYS = {
    *("id", "threat", "note", "proved-by", "slow", "fresh", "each", "registries", "limits"),
    *(
        "first",
        "seen",
        "before",
        "put",
        "odd",
        "commits",
        "head",
        "config",
        "files",
        "folders",
        "environment",
        "gitconfig",
        "service",
        "hook",
    ),
    *("run", "expect", "journey", "every-option", "twin", "twin-same"),
}
EXPECTED = {
    *("ask", "exit", "code", "says", "never", "verdict", "reasons", "answer", "form", "blobs", "changes", "tree"),
    *("published", "made", "out"),
}
DATA = {"questions.yaml", "journey.yaml", "forged_hooks.yaml", "page_texts.yaml", "webhook_urls.yaml"}
_VARIABLE = re.compile(r"\$\{([\w.-]+)\}")


MANY, QUICK_SHARE = 4, 4
"""Of an axis with more values than this, the quick tests have every fourth; the slow ones have all others."""


@dataclass(frozen=True)
class Case:
    """One attack, with its variables filled in but for those that only the registry knows.

    Where a row has several axes, the quick cases are those that differ from the first one along one axis only.
    """

    id: str
    row: Mapping[str, Any]
    registry: str
    is_twin: bool = False
    is_slow: bool = False

    def get(self, key: str, default: Any = None) -> Any:
        """What the row says under a key."""
        return self.row.get(key, default)


@cache
def rows() -> tuple[dict[str, Any], ...]:
    """Every row of every table."""
    found = []
    for path in sorted(FOLDER.glob("T*.yaml")):
        found += _read(path)
    return tuple(found)


@cache
def table(name: str) -> Any:
    """What another table of the folder holds: the questions, the journey."""
    return _read(FOLDER / name)


def _read(path: Path) -> Any:
    """By the parser in C: the rows are read before the first test is run."""
    return yaml.load(path.read_bytes(), yaml.CSafeLoader)


def cases() -> list[Case]:
    """Every case of every row that runs here, and the harmless twin of each row."""
    found: list[Case] = []
    for row in rows():
        if "proved-by" in row:
            continue
        found += _cases(row, row["id"], is_twin=False)
        if "twin" in row:
            found += _cases(_twin(row), f"{row['id']}/twin", is_twin=True)
    return found


def _twin(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with what its twin says instead; what the twin sets to null is not there."""
    merged = {key: value for key, value in row.items() if key != "twin"}
    for key, value in row["twin"].items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict) and key != "expect"
        merged[key] = _kept({**merged[key], **value}) if both else value
    return _kept(merged)


def _kept(mapping: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if value is not None}


def _cases(row: Mapping[str, Any], name: str, *, is_twin: bool) -> Iterator[Case]:
    axes = [
        [(axis, str(label), value) for label, value in _labelled(values).items()]
        for axis, values in row.get("each", {}).items()
    ]
    registries = row.get("registries", ["bare"])
    for chosen in itertools.product(*axes):
        variables = {axis: value for axis, _, value in chosen}
        for registry in registries:
            parts = [label for _, label, _ in chosen] + ([registry] if len(registries) > 1 else [])
            filled = {key: value for key, value in row.items() if key != "each"}
            for _ in range(3):  # a value may hold variables itself
                filled = substituted(filled, variables)
            places = [axis.index(one) for one, axis in zip(chosen, axes, strict=True)]
            others = sum(map(bool, places)) + (registry != registries[0])
            is_rest = any(len(axis) > MANY and at % QUICK_SHARE for at, axis in zip(places, axes, strict=True))
            is_slow = bool(row.get("slow")) or others > (0 if is_twin else 1) or is_rest
            yield Case("-".join([name, *parts]), filled, registry, is_twin, is_slow)


def is_a_test(name: str) -> bool:
    """Is there a test of this name, ``tests/...::Class::test``, as pytest would find it? It is read, not imported."""
    path, *inside = name.split("::")
    return path.rpartition("/")[2].startswith("test_") and _holds(_written_in(path), inside)


@cache
def _written_in(path: str) -> list[ast.stmt]:
    file = FOLDER.parents[1] / path
    return ast.parse(file.read_text(encoding="utf-8")).body if file.is_file() else []


def _holds(body: list[ast.stmt], inside: list[str]) -> bool:
    first, *rest = inside
    if rest:
        classes = [one for one in body if isinstance(one, ast.ClassDef) and one.name == first]
        return first.startswith("Test") and any(_holds(one.body, rest) for one in classes)
    functions = [one.name for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    return first.startswith("test") and first in functions


def _labelled(values: list[Any] | dict[Any, Any]) -> dict[Any, Any]:
    return values if isinstance(values, dict) else dict(enumerate(values))


def substituted(value: Any, variables: Mapping[str, Any]) -> Any:
    """The value with ``${name}`` and ``${name.key}`` replaced everywhere.

    A text that is one variable becomes its value; unknown names stay.
    """
    if isinstance(value, str):
        whole = _VARIABLE.fullmatch(value)
        if whole:
            return _looked_up(whole[1], variables, value)
        return _VARIABLE.sub(lambda match: str(_looked_up(match[1], variables, match[0])), value)
    if isinstance(value, list):
        return [substituted(item, variables) for item in value]
    if isinstance(value, dict):
        return {substituted(key, variables): substituted(item, variables) for key, item in value.items()}
    return value


def _looked_up(name: str, variables: Mapping[str, Any], otherwise: str) -> Any:
    first, _, rest = name.partition(".")
    if first not in variables:
        return otherwise
    found = variables[first]
    for part in rest.split(".") if rest else ():
        found = found.get(part)  # what one value of an axis does not say is null
    return found


def content(value: Any, of: Mapping[str, bytes]) -> bytes:
    """The bytes that a content stands for: a text, ``json``, ``hex``, ``repeat``, ``series``, ``of``..., a list."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, list):
        return b"".join(content(item, of) for item in value)
    if "json" in value:
        return json.dumps(value["json"]).encode()
    if "hex" in value:
        return bytes.fromhex(value["hex"])
    if "repeat" in value:
        one, times = value["repeat"], value["times"]
        if isinstance(one, str) and "#" in one and value.get("numbered"):
            return "".join(one.replace("#", str(number)) for number in range(times)).encode()
        return content(one, of) * times
    if "series" in value:
        numbers = range(value["times"])
        return "".join(value["series"].replace("<n>", str(n)).replace("<next>", str(n + 1)) for n in numbers).encode()
    if "utf-16" in value:
        return str(value["utf-16"]).encode("utf-16" + value.get("order", ""))
    if "of" in value:
        data = of[value["of"]]
        for old, new in value.get("replace", {}).items():
            assert old.encode() in data, f"{value['of']} does not hold {old!r}"
            data = data.replace(old.encode(), content(new, of))
        return content(value.get("before", ""), of) + data + content(value.get("after", ""), of)
    raise AssertionError(f"this is no content: {value!r}")
