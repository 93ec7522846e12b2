"""Every changed record is read as whoever asks would read it: parsed, held against its path, and hashed again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from signet.core.formats import text
from signet.errors import InvalidData, SignetError
from signet.registry import documents, fixtures, layout, webhooks
from signet.registry.check.changed import Changed, Difference
from signet.registry.check.findings import Finding, of_faults
from signet.registry.read import RegistryState


def check(found: Difference) -> Iterator[Finding]:
    """The faults of each record that is there now, with their lines."""
    if found.after.mark(layout.REGISTRY) is None:
        yield Finding("registry-removed", layout.REGISTRY, "is not there; without it this is no registry")
    for one in found.inside:
        if one.is_readable:
            error = fault(found.after, one)
            if error is not None:
                yield from of_faults(error, one.path)


def fault(state: RegistryState, one: Changed) -> InvalidData | None:
    """Why a record of a state cannot be used; None if it can."""
    assert one.identity is not None  # noqa: S101 - only records are asked about
    try:
        _READERS[one.kind](state, one.path, one.identity)
    except InvalidData as error:
        return error
    return None


def line(state: RegistryState, path: str, pointer: str) -> int:
    """The line of a place in a file of people or machines; 0 where it cannot be told."""
    try:
        data = state.bytes_at(path)
        return text.read(data, path, scalars_are_text=path.endswith(".yaml")).line(pointer) if data else 0
    except SignetError:
        return 0


def _registry(state: RegistryState, path: str, _identity: layout.Identity) -> None:
    documents.parse(documents.RegistryFile, state.bytes_at(path) or b"", path)


def _fixture(state: RegistryState, path: str, _identity: layout.Identity) -> None:
    fixtures.parsed(state.bytes_at(path) or b"", path)


def _webhook(state: RegistryState, path: str, identity: layout.Identity) -> None:
    webhooks.parsed(state.bytes_at(path) or b"", path)


def _content(state: RegistryState, _path: str, identity: layout.Identity) -> None:
    kind, *names, short = identity
    record = state.stored(kind, *names, short)
    assert record is not None  # noqa: S101 - it is there
    if kind == "spec":
        state.spec(names[0], record.digest)
    else:
        state.contract(names[0], names[1], record.digest)


_READERS: dict[str, Callable[[RegistryState, str, layout.Identity], object]] = {
    "registry": _registry,
    "environment": lambda state, _path, identity: state.environment(identity[1]),
    "placement": lambda state, _path, identity: state.placement_file(identity[1], identity[2]),
    "service": lambda state, _path, identity: state.service(identity[1]),
    "agreed-spec": lambda state, _path, identity: state.agreed(identity[1]),
    "spec": _content,
    "contract": _content,
    "manifest": lambda state, _path, identity: state.manifest(identity[1], identity[2]),
    "head": lambda state, path, identity: state.head_at(path, identity[1]),
    "spec-test": lambda state, _path, identity: state.spec_test(identity[1], identity[2]),
    "replay": lambda state, _path, identity: state.replay(*identity[1:]),
    "fixture": _fixture,
    "webhook": _webhook,
}
