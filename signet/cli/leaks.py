"""Contracts that are about to be published, looked over for secrets: once in a registry, nothing is ever forgotten.

What is surely a secret is refused, and what is only as random as one is told. Neither message repeats it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from signet.cli import render
from signet.errors import InvalidData

if TYPE_CHECKING:
    from signet.cli.files import ContractFile

_TOLD = 5


def refuse(contracts: Sequence[ContractFile]) -> None:
    """InvalidData, with the place of each, if a contract holds what is surely a secret."""
    from signet.core.formats import secrets

    faults, files = [], set()
    for one in contracts:
        unsure = []
        for leak in secrets.scan(one.document.value):
            fault = one.document.fault(leak.pointer, f"this looks like {leak.kind}")
            if leak.sure:
                faults.append(fault)
                files.add(str(one.path))
            else:
                unsure.append(fault)
        for fault in unsure[:_TOLD]:
            render.note(f"is this a secret? {fault}")
        if len(unsure) > _TOLD:
            render.note(f"is this a secret? {len(unsure) - _TOLD} more places in {one.path}")
    if faults:
        raise InvalidData(
            f"{', '.join(sorted(files))} may hold secrets; nothing was recorded.",
            faults,
            "Put an example in their place, and make them invalid if they are real; --allow-secrets publishes them.",
            code="secret-found",
        )
