"""Any schemas and any values, whether they make sense together or not; most values nearly fit.

Only keywords that the dialect has are drawn, in the shapes that it gives them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from signet.core.formats import text
from tests.core.drawn_leaves import FORMATS, PATTERNS

NAMES = st.sampled_from(["a", "b", "c", "x-d"])
TELLING = [each for goods, bads in [*PATTERNS.values(), *FORMATS.values()] for each in (*goods, *bads)]
"""Texts on both sides of a pattern or format."""
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-4, 4)
    | st.sampled_from([0.5, 2.25, Decimal("0.3"), 1.0, -0.0, 1e2, 2**31, -(2**31) - 1, 2**63, 10**25])
    | st.sampled_from(["", "a", "bb", "ccc", "é", "🙂", "\u0065\u0301", "a\n", "١", "1"])
    | st.sampled_from(TELLING)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
)


def keyword(name: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A schema of one keyword."""
    return st.fixed_dictionaries({name: values})


LEAVES: list[st.SearchStrategy[dict[str, Any]]] = [
    keyword("type", st.sampled_from(["string", "integer", "number", "boolean", "object", "array"])),
    keyword("enum", st.lists(VALUES, min_size=1, max_size=3, unique_by=text.dump)),
    keyword("minimum", st.integers(-3, 3)),
    keyword("maximum", st.integers(-3, 3) | st.sampled_from([0.25, 2**53 + 1])),
    keyword("multipleOf", st.sampled_from([1, 2, 0.5, Decimal("0.1"), 10])),
    keyword("minLength", st.integers(0, 3)),
    keyword("maxLength", st.integers(0, 3)),
    keyword("pattern", st.sampled_from(["^a", "b$", "c{2}", "^(a|bb)+$", "^.$", r"\d", r"\bé", *PATTERNS])),
    keyword("format", st.sampled_from([*FORMATS, "int32", "int64", "password", "of-our-own"])),
    keyword("minItems", st.integers(0, 3)),
    keyword("maxItems", st.integers(0, 2)),
    st.just({"uniqueItems": True}),
    keyword("required", st.lists(NAMES, min_size=1, max_size=2, unique=True)),
    keyword("minProperties", st.integers(0, 2)),
    keyword("maxProperties", st.integers(0, 2)),
]


def composed(inner: st.SearchStrategy[Any], newer: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas made of schemas; since 3.1 a flag is one."""
    inner = inner | st.booleans() if newer else inner
    several = st.lists(inner, min_size=1, max_size=3)
    kinds = [
        keyword("properties", st.dictionaries(NAMES, inner, max_size=3)),
        keyword("additionalProperties", inner | st.booleans()),
        keyword("items", inner),
        keyword("not", inner),
        *(keyword(name, several) for name in ("allOf", "oneOf", "anyOf")),
        st.just({"$ref": "#/components/schemas/R"}),
    ]
    return st.one_of(kinds + (_newer(inner, several) if newer else _older()))


def _older() -> list[st.SearchStrategy[dict[str, Any]]]:
    typed = st.sampled_from(["string", "integer", "object"])
    return [
        st.fixed_dictionaries({"minimum": st.integers(-3, 3), "exclusiveMinimum": st.booleans()}),
        st.fixed_dictionaries({"maximum": st.integers(-3, 3), "exclusiveMaximum": st.booleans()}),
        st.fixed_dictionaries({"type": typed, "nullable": st.booleans()}),
        st.fixed_dictionaries(
            {"type": typed, "nullable": st.booleans(), "enum": st.lists(SCALARS, min_size=1, max_size=3)}
        ),
        st.just({"type": "string", "format": "byte"}),
    ]


def _newer(inner: st.SearchStrategy[Any], several: st.SearchStrategy[Any]) -> list[st.SearchStrategy[dict[str, Any]]]:
    names = st.lists(NAMES, max_size=2)
    return [
        keyword("patternProperties", st.dictionaries(st.sampled_from(["^x-", "a"]), inner, max_size=2)),
        keyword("prefixItems", several),
        st.fixed_dictionaries({"if": inner, "then": inner, "else": inner}),
        st.fixed_dictionaries({"if": inner, "then": inner}),
        st.fixed_dictionaries(
            {"contains": inner}, optional={"minContains": st.integers(0, 2), "maxContains": st.integers(0, 2)}
        ),
        keyword("propertyNames", inner),
        keyword("unevaluatedProperties", inner),
        keyword("unevaluatedItems", inner),
        keyword("const", VALUES),
        keyword("dependentRequired", st.dictionaries(NAMES, names, max_size=2)),
        keyword("dependentSchemas", st.dictionaries(NAMES, inner, max_size=2)),
        keyword("type", st.sampled_from([["string", "null"], ["object", "integer"], "null"])),
        keyword("exclusiveMinimum", st.integers(-3, 3)),
        keyword("exclusiveMaximum", st.integers(-3, 3)),
    ]


def schemas(newer: bool) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of 3.1, or of 3.0."""

    def both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        whole = {**one, **other}
        return {"$ref": whole["$ref"]} if "$ref" in whole and not newer else whole  # 3.0 ignores what stands beside it

    leaves = st.one_of(LEAVES)
    return st.recursive(
        st.builds(both, leaves, leaves),
        lambda inner: st.builds(both, composed(inner, newer), composed(inner, newer) | leaves),
        max_leaves=5,
    )
