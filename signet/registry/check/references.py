"""What a changed record names must be there; and what is gone, nobody may name any more.

Looked at is what is new in a record: what it said before was looked at when it was said. It reads what is named, where
a name alone (the first digits of a digest) does not settle it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from signet.core.formats.text import escape
from signet.core.model.state import Manifest
from signet.errors import InvalidData
from signet.registry import documents, fixtures, layout
from signet.registry.check.changed import Changed, Difference
from signet.registry.check.findings import Finding
from signet.registry.check.growth import is_deleted
from signet.registry.check.records import fault, line
from signet.registry.read import RegistryState

_Named = Iterator[tuple[str, str, str]]
"""Code, pointer and words."""


def check(found: Difference) -> Iterator[Finding]:
    """References of changed records; versions that still name a deleted integration; places without environment."""
    found.after.expect(_named(found))
    for one in found.of(*_RULES):
        if fault(found.after, one) is None:
            for code, pointer, message in _RULES[one.kind](found, one):
                yield Finding(code, one.path, message, pointer, line(found.after, one.path, pointer))
    yield from _deleted(found)
    yield from _without_environment(found)


def _named(found: Difference) -> Iterator[tuple[str, ...]]:
    """What changed versions and results name, for ``State.expect``."""
    for one in found.of("manifest", "spec-test"):
        if fault(found.after, one) is not None or one.identity is None:
            continue
        _, service, version = one.identity
        manifest = found.after.manifest(service, version) if one.kind == "manifest" else None
        test = found.after.spec_test(service, version) if one.kind == "spec-test" else None
        if test is not None:
            yield ("spec", service, test.spec)
        if manifest is not None:
            yield from (("contract", service, provider, digest) for provider, digest in manifest.contracts.items())
            yield from [("spec", service, manifest.spec)] if manifest.spec else []


def _manifest(found: Difference, one: Changed) -> _Named:
    new, old = _version(found.after, one), _earlier(found, one)
    assert new is not None  # noqa: S101 - it was read
    state = found.after
    if new.spec is not None and (old is None or old.spec != new.spec) and not has_spec(state, new.service, new.spec):
        yield "reference-missing", "/spec", f"names the spec {new.spec[:16]}, which is not there"
    for provider, digest in sorted(new.contracts.items()):
        is_new = old is None or old.contracts.get(provider) != digest
        if is_new and _stored(state, "contract", new.service, provider, digest) != digest:
            what = f"names the contract {digest[:16]} with {provider}, which is not there"
            yield "reference-missing", f"/contracts/{escape(provider)}", what


def _earlier(found: Difference, one: Changed) -> Manifest | None:
    if one.before is None or not one.before.is_file:
        return None
    try:
        return _version(found.before, one)
    except InvalidData:
        return None


def _version(state: RegistryState, one: Changed) -> Manifest | None:
    assert one.identity is not None  # noqa: S101 - it is a manifest
    return state.manifest(one.identity[1], one.identity[2])


def has_spec(state: RegistryState, service: str, digest: str) -> bool:
    """Is a spec stored by its digest, or is it the agreed one?"""
    if _stored(state, "spec", service, digest) == digest:
        return True
    try:
        return state.agreed_spec(service) == digest
    except InvalidData:
        return False


def _stored(state: RegistryState, kind: str, *names: str) -> str | None:
    *services, digest = names
    try:
        record = state.stored(kind, *services, layout.short(digest))
    except InvalidData:
        return digest  # it is there and broken, which is a finding of its own
    return None if record is None else record.digest


def _head(found: Difference, one: Changed) -> _Named:
    head = found.after.head_at(one.path, one.path.split("/")[1])
    assert head is not None  # noqa: S101 - it was read
    if head.version not in found.after.versions(head.service):
        yield "reference-missing", "/version", f"names {head.service} {head.version}, which is not there"
        return
    try:
        manifest = found.after.manifest(head.service, head.version)
    except InvalidData:
        return
    if manifest is not None and head.branch not in manifest.branches:
        what = f"names {head.service} {head.version}, which was never seen on the branch {head.branch}"
        yield "reference-missing", "/version", what


def _result(found: Difference, one: Changed) -> _Named:
    assert one.identity is not None  # noqa: S101 - it is a result
    _, service, version, *_ = one.identity
    if version not in found.after.versions(service):
        yield "reference-missing", "/version", f"is a result of {service} {version}, which is not there"


def _spec_test(found: Difference, one: Changed) -> _Named:
    yield from _result(found, one)
    assert one.identity is not None  # noqa: S101 - it is a result
    test = found.after.spec_test(one.identity[1], one.identity[2])
    if test is not None and not has_spec(found.after, test.service, test.spec):
        yield "reference-missing", "/spec", f"is a test against the spec {test.spec[:16]}, which is not there"


def _replay(found: Difference, one: Changed) -> _Named:
    yield from _result(found, one)
    assert one.identity is not None  # noqa: S101 - it is a result
    replay = found.after.replay(*one.identity[1:])
    if replay is None:
        return
    if _stored(found.after, "contract", replay.consumer, replay.service, replay.contract) != replay.contract:
        what = f"is a replay of the contract {replay.contract[:16]} of {replay.consumer}, which is not there"
        yield "reference-loose", "/contract", what


def _placement(found: Difference, one: Changed) -> _Named:
    assert one.identity is not None  # noqa: S101 - it is a placement
    _, environment, service = one.identity
    state = found.after
    if environment not in state.environments():
        yield "reference-missing", "", f"is in {environment}, which has no environments/{environment}.yaml"
    if service not in state.services():
        yield "reference-missing", "", f"is about {service}, which is no service of this registry"
        return
    known = state.versions(service)
    for pointer, version in _placed(state.placement_file(environment, service)):
        if version not in known:
            yield "reference-missing", pointer, f"names {service} {version}, which is not there"


def _placed(file: documents.PlacementFile) -> Iterator[tuple[str, str]]:
    for at, slot in enumerate(file.deployed):
        yield f"/deployed/{at}", slot.version
    if file.desired is not None:
        yield "/desired", file.desired
    for at, released in enumerate(file.released):
        yield f"/released/{at}", released.version


def _fixture(found: Difference, one: Changed) -> _Named:
    record = fixtures.parsed(found.after.bytes_at(one.path) or b"", one.path)
    for at, environment in enumerate(record.environments):
        if environment not in found.after.environments():
            yield "reference-loose", f"/environments/{at}", f"counts in {environment}, which is no environment"


def _registry(found: Difference, one: Changed) -> _Named:
    record = documents.parse(documents.RegistryFile, found.after.bytes_at(one.path) or b"", one.path)
    for at, environment in enumerate((record.check.protected if record.check else None) or ()):
        if environment not in found.after.environments():
            yield "reference-missing", f"/check/protected/{at}", f"protects {environment}, which is no environment"


_RULES: dict[str, Callable[[Difference, Changed], _Named]] = {
    "registry": _registry,
    "placement": _placement,
    "manifest": _manifest,
    "head": _head,
    "spec-test": _spec_test,
    "replay": _replay,
    "fixture": _fixture,
}


def _deleted(found: Difference) -> Iterator[Finding]:
    """Where an integration was deleted, no version of the consumer may name the provider; only here others are read."""
    gone = {(one.identity[1], one.identity[2]) for one in found.removed("contract") if one.identity}
    for consumer, provider in sorted(gone):
        if not is_deleted(found, consumer, provider):
            continue
        state = found.after
        state.expect(("manifest", consumer, version) for version in state.versions(consumer))
        for version in sorted(state.versions(consumer)):
            path = layout.path("manifest", consumer, version)
            try:
                manifest = state.manifest(consumer, version)
            except InvalidData:
                continue
            if manifest is not None and provider in manifest.contracts:
                pointer = f"/contracts/{escape(provider)}"
                what = f"still has a contract with {provider}, and all of them are gone"
                yield Finding("reference-missing", path, what, pointer, line(state, path, pointer))


def _without_environment(found: Difference) -> Iterator[Finding]:
    for one in found.removed("environment"):
        assert one.identity is not None  # noqa: S101 - it is an environment
        name = one.identity[1]
        yield Finding("environment-removed", one.path, "is gone; nobody asks about this environment any more")
        for entry in found.after.listing(f"environments/{name}"):
            what = f"is in {name}, which has no environments/{name}.yaml any more"
            yield Finding("reference-missing", f"environments/{name}/{entry.name}", what)
    for one in found.removed("agreed-spec"):
        assert one.identity is not None  # noqa: S101 - it is a spec
        consumers = sorted(found.after.consumers(one.identity[1]))
        if consumers:
            what = f"is gone, and {', '.join(consumers)} {'has' if len(consumers) == 1 else 'have'} contracts with it"
            yield Finding("agreed-spec-removed", one.path, what)
