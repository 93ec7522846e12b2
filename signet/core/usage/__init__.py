"""Who relies on what of a provider: operations and fields of its spec, by the contracts of the versions that matter.

The versions that matter are those that are live in any environment or head their main branch, as in ``owed``. A field
that no contract names is used by nobody who said so. Contracts are judged by ``signet.core.compare``, not here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from signet.core.compare import prepare
from signet.core.live_versions import live_manifest
from signet.core.model.contract import Contract
from signet.core.model.names import nearest
from signet.core.model.spec import Spec
from signet.core.model.state import State
from signet.core.owed import Because, relevant
from signet.core.usage.fields import Field, declared, operations, used
from signet.errors import UnknownName, UsageError

__all__ = [
    "Field",
    "FieldUsage",
    "Library",
    "OperationUsage",
    "Relying",
    "Usage",
    "Use",
    "field_named",
    "operation_named",
    "relying",
    "usage",
]


class Library(State, Protocol):
    """A state that also has the contracts themselves."""

    def contract(self, consumer: str, provider: str, digest: str) -> Contract:
        """A stored contract by its full digest."""


@dataclass(frozen=True, slots=True)
class Relying:
    """A consumer version that matters, why it does, and its contract with the provider (full digest)."""

    consumer: str
    version: str
    reasons: tuple[Because, ...]
    contract: str

    def as_json(self) -> dict[str, Any]:
        """The consumer version as a JSON object."""
        return {
            "consumer": self.consumer,
            "version": self.version,
            "contract": self.contract,
            "reasons": [reason.as_json() for reason in self.reasons],
        }


class Use(NamedTuple):
    """An interaction of a consumer version that uses something, and where its contract says so (JSON pointer)."""

    by: Relying
    interaction: int
    description: str
    pointer: str

    def as_json(self) -> dict[str, Any]:
        """The use as a JSON object."""
        own = {"interaction": self.interaction, "description": self.description, "contract_pointer": self.pointer}
        return self.by.as_json() | own


class FieldUsage(NamedTuple):
    """A field, where the spec says it, and who uses it."""

    field: Field
    pointer: str
    uses: tuple[Use, ...]

    def as_json(self) -> dict[str, Any]:
        """The field as a JSON object."""
        return {
            "side": self.field.side,
            "status": self.field.status or None,
            "field": self.field.name,
            "spec_pointer": self.pointer,
            "uses": [use.as_json() for use in self.uses],
        }


class OperationUsage(NamedTuple):
    """An operation with its fields, and who uses it."""

    method: str
    path: str
    pointer: str
    uses: tuple[Use, ...]
    fields: tuple[FieldUsage, ...]

    @property
    def name(self) -> str:
        """``GET /items/{id}``."""
        return f"{self.method} {self.path}"

    def as_json(self) -> dict[str, Any]:
        """The operation as a JSON object."""
        return {
            "operation": self.name,
            "spec_pointer": self.pointer,
            "uses": [use.as_json() for use in self.uses],
            "fields": [field.as_json() for field in self.fields],
        }


class Usage(NamedTuple):
    """All operations of a spec; ``elsewhere`` are interactions for which the spec has no operation."""

    operations: tuple[OperationUsage, ...]
    elsewhere: tuple[Use, ...]


def relying(state: State, provider: str, environment: str | None = None) -> tuple[Relying, ...]:
    """The consumer versions that matter and have a contract with a provider; only those live in an environment.

    UnknownName for a service or environment that the registry does not know.
    """
    known = [
        ("unknown-service", "service", provider, state.services()),
        *([("unknown-environment", "environment", environment, state.environments())] if environment else []),
    ]
    unknown = [(code, kind, name, nearest(name, names)) for code, kind, name, names in known if name not in names]
    if unknown:
        raise UnknownName(unknown, "'signet status' lists services and environments.")
    consumers = state.consumers(provider)
    chosen = {one: why for one, why in relevant(state).items() if one[0] in consumers}
    if environment is not None:
        chosen = {one: why for one, why in chosen.items() if any(each.environment == environment for each in why)}
    state.expect(("manifest", *one) for one in chosen)
    found = []
    for (consumer, version), why in chosen.items():
        contract = live_manifest(state, consumer, version, why[0].environment).contracts.get(provider)
        if contract is not None:
            found.append(Relying(consumer, version, why, contract))
    return tuple(found)


def usage(state: Library, provider: str, spec: Spec, environment: str | None = None) -> Usage:
    """Who uses what of a spec of a provider; InvalidData for a contract that cannot be read."""
    routes = prepare(spec).routes
    users = relying(state, provider, environment)
    state.expect(("contract", one.consumer, provider, one.contract) for one in users)
    whole: dict[tuple[str, str], list[Use]] = {}
    parts: dict[tuple[str, str], dict[Field, tuple[str, list[Use]]]] = {}
    elsewhere: list[Use] = []
    for user in users:
        for each in state.contract(user.consumer, provider, user.contract).interactions:
            use = Use(user, each.index, each.description, each.pointer)
            found = used(routes, each)
            if found is None:
                elsewhere.append(use)
                continue
            key = (found.method, found.path)
            whole.setdefault(key, []).append(use)
            for field, (pointer, place) in found.fields.items():
                uses = parts.setdefault(key, {}).setdefault(field, (place, []))[1]
                uses.append(use._replace(pointer=pointer))
    listed = []
    for one in operations(routes):
        key = (one.method.upper(), one.path)
        fields = _fields(declared(routes, one), parts.get(key, {}))
        listed.append(OperationUsage(*key, one.pointer, tuple(whole.get(key, ())), fields))
    return Usage(tuple(listed), tuple(elsewhere))


def _fields(said: Mapping[Field, str], uses: Mapping[Field, tuple[str, list[Use]]]) -> tuple[FieldUsage, ...]:
    """The declared fields in the order of the spec, then those inside schemas that contain themselves."""
    rest = {field: uses[field][0] for field in sorted(uses) if field not in said}
    return tuple(
        FieldUsage(field, place, tuple(uses[field][1] if field in uses else ()))
        for field, place in (*said.items(), *rest.items())
    )


def operation_named(found: Usage, name: str) -> OperationUsage:
    """The operation that ``METHOD /path`` names, or a path with one method; UnknownName for others."""
    method, _, path = name.strip().rpartition(" ")
    alike = [one for one in found.operations if _bare(one.path) == _bare(path) and method.upper() in ("", one.method)]
    exact = [one for one in alike if one.path == path] or alike
    if len(exact) == 1:
        return exact[0]
    names = [one.name for one in exact or found.operations]
    if len(exact) > 1:
        raise UsageError(f"{name} has several operations: {', '.join(names)}.", "Name one of them.")
    near = nearest(name, names)
    raise UnknownName([("unknown-operation", "operation", name, near)], "'signet usage SERVICE' lists the operations.")


def _bare(path: str) -> str:
    return re.sub(r"\{[^{}/]*\}", "{}", path.strip())


def field_named(found: OperationUsage, name: str) -> tuple[FieldUsage, ...]:
    """The fields of an operation that ``price``, ``$.price`` or ``response:price`` names; UnknownName for others."""
    side, _, own = name.rpartition(":")
    wanted = re.sub(r"\[\*\]", "[]", own.removeprefix("$.").removeprefix("$"))
    fields = [one for one in found.fields if one.field.name == wanted and side in ("", one.field.side)]
    if fields:
        return tuple(fields)
    near = nearest(wanted, sorted({one.field.name for one in found.fields}))
    raise UnknownName([("unknown-field", "field", name, near)], f"'signet usage SERVICE \"{found.name}\"' lists them.")
