"""Specs and contracts that are named on the command line: a file, or a name in the registry.

What exists as a file, or looks like a path, is a file; two files need no registry. It compares nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signet.cli import files
from signet.cli.formats import Side

if TYPE_CHECKING:
    from signet.core.model.contract import Contract
    from signet.core.model.spec import Spec
    from signet.registry.read import RegistryState


def is_file(text: str) -> bool:
    """Is it a path, and not a name in the registry? What exists or looks like a path is one."""
    path = Path(text)
    return files.is_file(path) or "/" in text or path.suffix in files.ENDINGS


def spec(text: str, state: RegistryState | None) -> tuple[Spec, Side]:
    """``FILE``, ``SERVICE`` (its agreed spec) or ``SERVICE@VERSION``, and what it was read from.

    UnknownName for names that the registry does not know; Undecided (``spec-missing``) where there is no spec.
    """
    if state is None or is_file(text):
        read = files.spec(Path(text))
        return read.spec, Side(text, read.document, origin=read.origin)
    from signet.registry import stored

    return stored.spec(text, state)


def contract(text: str, state: RegistryState | None, provider: str | None) -> tuple[Contract, Side]:
    """``FILE`` or ``CONSUMER@VERSION``, and what it was read from; ``provider`` says which of several is meant."""
    if state is None or is_file(text):
        read = files.contract(Path(text))
        return read.contract, Side(text, read.document)
    from signet.registry import stored

    return stored.contract(text, state, provider)
