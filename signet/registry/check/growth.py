"""What never changes: files that are named by their digest stay, and a version only grows (design: registry.md).

The policy's version, where ``signet.yaml`` keeps one, rises by one with each change, so that no change brings back an
older policy (safety: T08); and no record loses its signature (T11). Both hold against the base, in every trust mode.

The one shrink is a deleted integration: all contracts of a consumer with a provider are gone, from all its versions,
and so are the results of replaying them. What was broken before may be mended.
"""

from __future__ import annotations

from collections.abc import Iterator

from signet.core.model.state import Manifest
from signet.errors import InvalidData
from signet.registry import documents, layout
from signet.registry.check.changed import Changed, Difference
from signet.registry.check.findings import Finding
from signet.registry.check.records import fault, line
from signet.registry.read import RegistryState

LASTING = ("spec", "contract", "manifest", "head", "spec-test", "replay")
"""The kinds of records that are never taken away alone."""
SIGNATURE = ".sig"


def check(found: Difference) -> Iterator[Finding]:
    """Contents that changed, versions that shrank, records that are gone; nothing of it for a whole tree."""
    yield from _policy(found)
    yield from _signatures(found)
    for one in found.inside:
        if one.before is None or one.identity is None or one.kind not in LASTING:
            continue
        if not one.before.is_file or fault(found.before, one) is not None:
            continue  # it was broken
        if one.after is None:
            if not _is_deleted(found, one):
                yield Finding("record-removed", one.path, "was published, and is gone")
        elif one.kind in ("spec", "contract"):
            yield Finding("content-changed", one.path, "is named by its digest and never changes; publish a new one")
        elif one.kind == "manifest" and one.after.is_file and fault(found.after, one) is None:
            yield from _version(found, one)


def _policy(found: Difference) -> Iterator[Finding]:
    for one in found.of("registry"):
        was, now = (_policy_version(state) for state in (found.before, found.after))
        if one.before is None or (was, now) == (0, 0) or now == was + 1 or fault(found.after, one) is not None:
            continue
        what = f"has the version {now}" if now else "has no version"
        said = f"{what}; the policy before has {was or 'none'}, so a changed one is version {was + 1}"
        yield Finding("policy-version", one.path, said, "/version", line(found.after, one.path, "/version"))


def _policy_version(state: RegistryState) -> int:
    """The version of a policy; 0 where it has none, or cannot be read, which is a finding of its own."""
    try:
        record = documents.parse(documents.RegistryFile, state.bytes_at(layout.REGISTRY) or b"", layout.REGISTRY)
    except InvalidData:
        return 0
    return record.version or 0


def _signatures(found: Difference) -> Iterator[Finding]:
    for one in found.all:  # that of signet.yaml lies outside of the registry's folders
        record = one.path.removesuffix(SIGNATURE)
        if one.after is not None or record == one.path or layout.identity(record) is None:
            continue
        if found.after.mark(record) is not None:
            yield Finding("signature-removed", one.path, f"is gone, and {record} is not")


def is_deleted(found: Difference, consumer: str, provider: str) -> bool:
    """Is the integration deleted as a whole? Versions that still name the provider are found as missing references."""
    return not _contracts(found.after, consumer, provider)


def _contracts(state: RegistryState, consumer: str, provider: str) -> bool:
    try:
        return bool(state.listing(f"services/{consumer}/contracts/{provider}"))
    except InvalidData:
        return True


def _is_deleted(found: Difference, one: Changed) -> bool:
    match one.identity:
        case ("contract", consumer, provider, _):
            return is_deleted(found, consumer, provider)
        case ("replay", provider, version, consumer, _):
            stays = found.after.mark(f"services/{provider}/versions/{version}.json") is not None
            return stays and is_deleted(found, consumer, provider)
    return False


def _version(found: Difference, one: Changed) -> Iterator[Finding]:
    assert one.identity is not None  # noqa: S101 - it is a manifest
    _, service, version = one.identity
    old, new = found.before.manifest(service, version), found.after.manifest(service, version)
    assert old is not None and new is not None  # noqa: S101 - both were read
    for pointer, message in _shrunk(found, old, new):
        yield Finding("version-changed", one.path, message, pointer, line(found.after, one.path, pointer))


def _shrunk(found: Difference, old: Manifest, new: Manifest) -> Iterator[tuple[str, str]]:
    """Where a version says less, or something else, than it did: pointer and words."""
    if old.spec not in (None, new.spec):
        yield "/spec", f"names another spec than the one it was published with, {_short(old.spec)}"
    for provider, digest in sorted(old.contracts.items()):
        if provider not in new.contracts:
            if not is_deleted(found, old.service, provider):
                yield "/contracts", f"has no contract with {provider} any more"
        elif new.contracts[provider] != digest:
            yield f"/contracts/{provider}", f"names another contract with {provider} than {_short(digest)}"
    for branch in old.branches:
        if branch not in new.branches:
            yield "/branches", f"was seen on the branch {branch}, and does not say so any more"
    for kind, place in sorted(old.artifacts.items()):
        if new.artifacts.get(kind) != place:
            yield "/artifacts", f"has another artifact {kind} than {place}"
    for name, was, now in (("commit", old.commit, new.commit), ("build_url", old.build_url, new.build_url)):
        if was != now:
            yield f"/{name}", f"says another {name} than that of its first publish"


def _short(digest: str | None) -> str:
    return (digest or "")[:16]
