"""Specs and contracts: published, kept by their digests, and taken out again on purpose only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from signet.core.formats import pact, text
from signet.core.model import names
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec
from signet.errors import Fault, UnknownName
from signet.registry import documents, layout
from signet.registry.facts.draft import Draft, conflict, new_name, seen

DIFFERENCES = 10


@dataclass(frozen=True, slots=True)
class SpecItem:
    """A spec to publish or to test with. Without a version it is the agreed spec; ``text`` is then stored as it is."""

    spec: Spec
    text: bytes
    service: str
    version: str | None = None
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class ContractItem:
    """A contract to publish; ``consumer`` overrides the name in the document."""

    contract: Contract
    version: str
    branch: str | None = None
    consumer: str | None = None


def publish_spec(draft: Draft, item: SpecItem) -> str:
    """The agreed spec, or the spec of a version. Returns what was published, for the commit's subject."""
    service = new_name("service", draft.state.resolve_alias(item.service), draft.state.services())
    if item.version is None:
        if draft.state.agreed_spec(service) != item.spec.digest:
            draft.edits[layout.path("agreed-spec", service)] = item.text
        return f"{service} (agreed spec)"
    record = seen(draft, service, item.version, item.branch)
    if record.spec is not None and record.spec != item.spec.digest:
        old = draft.state.spec(service, record.spec)
        raise conflict(
            f"{service} {item.version} is already published with another spec.", _spec_differences(item, old)
        )
    if record.spec is None:
        draft.put_manifest(record.model_copy(update={"spec": item.spec.digest}))
    keep_spec(draft, service, item.spec)
    return f"{service} {item.version} (spec)"


def keep_spec(draft: Draft, service: str, spec: Spec) -> None:
    """Store a spec by its digest, where it is not stored yet."""
    identity = ("spec", service, spec.digest)
    path = layout.path(*identity)
    if draft.state.entry(path) is not None:
        draft.state.spec(service, spec.digest)  # hashed again: two contents with one prefix are a hard error
    else:
        draft.put(identity, documents.SpecFile(service=service, digest=spec.digest, document=spec.source))


def publish_contract(draft: Draft, item: ContractItem) -> str:
    """What a consumer version expects of a provider. Returns what was published, for the commit's subject."""
    state = draft.state
    consumer = new_name("service", state.resolve_alias(item.consumer or item.contract.consumer), state.services())
    provider = new_name("service", state.resolve_alias(item.contract.provider), state.services())
    record = seen(draft, consumer, item.version, item.branch)
    digest = item.contract.digest
    before = record.contracts.get(provider)
    if before is not None and before != digest:
        drafted = f"services/{consumer}/contracts/{provider}/{layout.short(before)}.json" in draft.edits
        old = None if drafted else state.contract(consumer, provider, before)
        raise conflict(
            f"{consumer} {item.version} is already published with another contract with {provider}.",
            _contract_differences(item, old),
        )
    if before is None:
        draft.put_manifest(record.model_copy(update={"contracts": {**record.contracts, provider: digest}}))
    identity = ("contract", consumer, provider, digest)
    if state.entry(layout.path(*identity)) is not None:
        state.contract(consumer, provider, digest)  # hashed again
    else:
        stored = documents.ContractFile(
            service=consumer, provider=provider, digest=digest, pact=pact.stored(item.contract)
        )
        draft.put(identity, stored)
    if provider not in state.services():
        near = names.nearest(provider, state.services())
        hint = f"; did you mean {near}?" if near else ""
        draft.notes.append(f"{provider} is not known to the registry yet{hint}")
    return f"{consumer} {item.version} (contract with {provider})"


def _spec_differences(item: SpecItem, old: Spec) -> list[Fault]:
    name = f"{item.service} spec"
    return [Fault(name, pointer, 0, words) for pointer, words in _differences(old.source, item.spec.source)]


def _contract_differences(item: ContractItem, old: Contract | None) -> list[Fault]:
    if old is None:
        return []
    before = {text.dump(one): one for one in pact.stored(old)["interactions"]}
    after = {text.dump(one): one for one in pact.stored(item.contract)["interactions"]}
    faults = []
    for words, mine, other in (("published", before, after), ("new", after, before)):
        for key, one in mine.items():
            if key not in other:
                what = f"only the {words} contract has the interaction {one.get('description', '')!r}"
                faults.append(Fault(f"{item.contract.consumer}-{item.contract.provider}", None, 0, what))
    return faults[:DIFFERENCES]


def _differences(old: Any, new: Any, pointer: str = "") -> list[tuple[str, str]]:
    """The first differences of two values: JSON pointer, and what is different."""
    if isinstance(old, dict) and isinstance(new, dict):
        pairs = [(f"{pointer}/{text.escape(key)}", key in old, key in new, key) for key in sorted({*old, *new})]
        found: list[tuple[str, str]] = []
        for place, in_old, in_new, key in pairs:
            if in_old and in_new:
                found += _differences(old[key], new[key], place)
            else:
                found.append((place, "only in the published one" if in_old else "only in the new one"))
            if len(found) >= DIFFERENCES:
                break
        return found[:DIFFERENCES]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        found = []
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            found += _differences(left, right, f"{pointer}/{index}")
        return found[:DIFFERENCES]
    return [] if text.dump(old) == text.dump(new) else [(pointer, "published and new differ here")]


def delete_integration(draft: Draft, consumer: str, provider: str) -> int:
    """Removes all contracts of a consumer with a provider, and their replays. Returns from how many versions."""
    state = draft.state
    if consumer not in state.services():
        near = names.nearest(consumer, state.services())
        raise UnknownName([("unknown-service", "service", consumer, near)], "Nothing was deleted.")
    state.expect(("manifest", consumer, version) for version in state.versions(consumer))
    count = 0
    for version in sorted(state.versions(consumer)):
        record = draft.manifest(consumer, version)
        if record is not None and provider in record.contracts:
            left = {name: digest for name, digest in record.contracts.items() if name != provider}
            draft.put_manifest(record.model_copy(update={"contracts": left}))
            count += 1
    folder = f"services/{consumer}/contracts/{provider}"
    for one in state.listing(folder):
        draft.remove(f"{folder}/{one.name}")
    root = f"services/{provider}/verifications"
    for version_entry in state.listing(root):
        for one in state.listing(f"{root}/{version_entry.name}"):
            path = f"{root}/{version_entry.name}/{one.name}"
            found = layout.identity(path)
            if found is not None and found[0] == "replay" and found[3] == consumer:
                draft.remove(path)
    return count
