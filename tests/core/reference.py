"""The reference for what a schema means: openapi-schema-validator, given exact numbers, and an engine of ECMA patterns.

It is offline, as everything here; references are looked up in the document that is handed in.
"""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

from openapi_schema_validator import OAS30ReadValidator, OAS30Validator, OAS30WriteValidator, OAS31Validator
from openapi_schema_validator._regex import has_ecma_regex
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

WHOLE = "urn:spec"
_PYTHONS = ("float", "double")
"""Formats that the reference reads as types of Python; every number has them. (It crashes on ``byte`` with an é.)"""


def _checker(validator: Any) -> Any:
    checker = copy.copy(validator.FORMAT_CHECKER)
    checker.checkers = {
        name: (check, (*(raises if isinstance(raises, tuple) else (raises,)), UnicodeEncodeError))
        for name, (check, raises) in checker.checkers.items()
        if name not in _PYTHONS
    }
    return checker


_VALIDATORS: dict[tuple[str, str], Any] = {
    ("3.0", ""): OAS30Validator,
    ("3.0", "request"): OAS30WriteValidator,
    ("3.0", "response"): OAS30ReadValidator,
}
_CHECKERS = {validator: _checker(validator) for validator in (*_VALIDATORS.values(), OAS31Validator)}


def is_valid(schema: Any, value: Any, root: Any, dialect: str, side: str = "") -> bool:
    """True if the reference takes a value, as a request, as a whole response, or on its own."""
    assert has_ecma_regex(), "patterns are ECMA's; Python's engine reads some of them otherwise"
    validator = OAS31Validator if dialect == "3.1" else _VALIDATORS["3.0", side]
    whole = Resource(exact({**root, "schema": schema}), DRAFT202012)
    registry: Any = Registry().with_resource(WHOLE, whole)
    held = validator({"$ref": f"{WHOLE}#/schema"}, registry=registry, format_checker=_CHECKERS[validator])
    return bool(held.is_valid(exact(value)))


def exact(value: Any) -> Any:
    """A value whose numbers are whole or decimal: 1.0 is 1, and 0.1 is a tenth."""
    if isinstance(value, dict):
        return {key: exact(child) for key, child in value.items()}
    if isinstance(value, list):
        return [exact(child) for child in value]
    if isinstance(value, (float, Decimal)) and not isinstance(value, bool):
        number = Decimal(repr(value)) if isinstance(value, float) else value
        return int(number) if number == number.to_integral_value() else number
    return value
