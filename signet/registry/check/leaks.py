"""Changed files, looked over for secrets: once merged, nothing is ever forgotten. No finding repeats one.

What is surely a secret is an error in contracts and fixtures, which are recorded from what services said. In specs and
in people's files it is a warning: there, examples of cards and keys are written on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from signet.core.formats import secrets, text
from signet.errors import InvalidData
from signet.registry import documents
from signet.registry.check.changed import Changed, Difference
from signet.registry.check.findings import Finding
from signet.registry.check.records import line
from signet.registry.read import RegistryState

RECORDED = ("contract", "fixture")
WRITTEN = ("agreed-spec", "spec", "service", "environment", "placement", "registry")
TOLD = 5
"""Suspicions of one file that are told."""


def check(found: Difference) -> Iterator[Finding]:
    """What looks like a secret in a changed file; text that is only as random as one is asked about in records."""
    for one in found.of(*RECORDED, *WRITTEN):
        yield from _in(found, one)


def _in(found: Difference, one: Changed) -> Iterator[Finding]:
    suspected = 0
    is_recorded = one.kind in RECORDED
    for leak in _leaks(found.after, one):
        if not (leak.sure or is_recorded):
            continue
        is_error = leak.sure and is_recorded
        suspected += not is_error
        if is_error or suspected <= TOLD:
            code = "secret-found" if is_error else "secret-suspected"
            where = line(found.after, one.path, leak.pointer)
            yield Finding(code, one.path, f"holds what looks like {leak.kind}", leak.pointer, where)
    if suspected > TOLD:
        yield Finding("secret-suspected", one.path, f"has {suspected - TOLD} more such places", "", 1)


def _leaks(state: RegistryState, one: Changed) -> Iterator[secrets.Leak]:
    """What looks like a secret; nothing for a broken file, which is a finding of its own."""
    assert one.identity is not None  # noqa: S101 - only records are looked over
    try:
        if one.kind in ("contract", "spec"):
            record = state.stored(*one.identity)
            if isinstance(record, documents.ContractFile):
                yield from secrets.scan(record.pact, "/pact")
            elif record is not None:
                yield from secrets.scan(record.document, "/document")
        elif one.kind == "agreed-spec":
            agreed = state.agreed(one.identity[1])
            yield from secrets.scan(agreed.source if agreed is not None else None)
        else:
            data = state.bytes_at(one.path) or b""
            yield from secrets.scan(text.read(data, one.path, scalars_are_text=one.path.endswith(".yaml")).value)
    except InvalidData:
        return
