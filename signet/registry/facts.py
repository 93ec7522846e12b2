"""Each kind of fact as the edits that it makes to the tree. Pure over a state: nothing is committed here.

A ``Draft`` collects the edits of one commit; facts of one commit see each other. Every function refuses before it
edits, and stating what holds already edits nothing. Two facts that do not concern the same thing give the same tree
in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from signet.core.formats import pact, text
from signet.core.guard import check_names, spec_of
from signet.core.model import names
from signet.core.model.contract import Contract
from signet.core.model.decision import Candidate
from signet.core.model.spec import Spec
from signet.core.model.state import Manifest
from signet.errors import Fault, NameRefused, UnknownName, UsageError, VersionConflict
from signet.registry import documents, layout
from signet.registry.read import RegistryState

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


class Draft:
    """The edits of one commit over a state; reading through it sees them."""

    def __init__(self, state: RegistryState, *, commit: str = "", build_url: str = "") -> None:
        self.state = state
        self.commit = commit
        self.build_url = build_url
        self.edits: dict[str, bytes | None] = {}
        self.notes: list[str] = []
        self._manifests: dict[tuple[str, str], documents.ManifestFile] = {}

    def put(self, identity: layout.Identity, record: documents.Record) -> None:
        """Write a machine's record at its place."""
        self.edits[layout.path(*identity)] = documents.to_json(record)

    def edit(self, identity: layout.Identity, model: type[documents.Record], change: Callable[[Any], None]) -> None:
        """Edit a people's file in place; the result is checked before it counts."""
        path = layout.path(*identity)
        data = documents.edited(self.state.bytes_at(path), change)
        documents.parse(model, data, path)
        self.edits[path] = data

    def remove(self, path: str) -> None:
        """Delete a file."""
        self.edits[path] = None

    def manifest(self, service: str, version: str) -> documents.ManifestFile | None:
        """A version as this commit leaves it."""
        drafted = self._manifests.get((service, version))
        if drafted is not None:
            return drafted
        found = self.state.manifest(service, version)
        return None if found is None else _manifest_file(found)

    def put_manifest(self, record: documents.ManifestFile) -> None:
        """Write a version."""
        self._manifests[(record.service, record.version)] = record
        self.put(("manifest", record.service, record.version), record)


def _manifest_file(found: Manifest) -> documents.ManifestFile:
    return documents.ManifestFile(
        service=found.service,
        version=found.version,
        branches=list(found.branches),
        spec=found.spec,
        contracts=dict(found.contracts),
        commit=found.commit,
        build_url=found.build_url,
        artifacts=dict(found.artifacts),
    )


# --- names that a fact brings into being


def new_name(kind: str, name: str, others: Sequence[str] | frozenset[str]) -> str:
    """A name that may come into being: well-formed, and not another one in different case. NameRefused says why not."""
    names.checked(kind, name)
    other = names.clash(name, others)
    if other is not None:
        raise NameRefused(
            f"{name!r} cannot be the name of a {kind}: {other!r} differs from it only in case.", f"Use {other!r}."
        )
    return name


def seen(
    draft: Draft, service: str, version: str, branch: str | None, artifacts: Mapping[str, str] | None = None
) -> documents.ManifestFile:
    """The version is known from now on, and was seen on ``branch``: the head moves if it is new there."""
    new_name("service", service, draft.state.services())
    new_name("version", version, draft.state.versions(service))
    found = draft.manifest(service, version)
    record = found or documents.ManifestFile(
        service=service, version=version, commit=draft.commit, build_url=draft.build_url
    )
    if branch is not None and branch not in record.branches:
        names.checked_branch(branch)
        record = record.model_copy(update={"branches": sorted([*record.branches, branch])})
        draft.put(("head", service, branch), documents.HeadFile(service=service, branch=branch, version=version))
    for key, value in (artifacts or {}).items():
        if record.artifacts.get(key, value) != value:
            raise _conflict(
                f"{service} {version} is registered with another artifact {key!r}: {record.artifacts[key]}.", []
            )
    if artifacts:
        record = record.model_copy(update={"artifacts": {**record.artifacts, **artifacts}})
    if record is not found:
        draft.put_manifest(record)
    return record


# --- publishing


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
        raise _conflict(
            f"{service} {item.version} is already published with another spec.", _spec_differences(item, old)
        )
    if record.spec is None:
        draft.put_manifest(record.model_copy(update={"spec": item.spec.digest}))
    _keep_spec(draft, service, item.spec)
    return f"{service} {item.version} (spec)"


def _keep_spec(draft: Draft, service: str, spec: Spec) -> None:
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
        raise _conflict(
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


def _conflict(message: str, faults: list[Fault]) -> VersionConflict:
    return VersionConflict(
        message,
        faults,
        "A published version never changes: publish under the real new version; or make generated values fixed, "
        "if the same build produced both.",
    )


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


# --- results


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result: passed or not, by which ``tool``, to be read at ``url``, and the ``branch`` that the version is of."""

    passed: bool
    branch: str | None = None
    tool: str = ""
    url: str = ""

    @property
    def word(self) -> Literal["passed", "failed"]:
        """The result as the records have it."""
        return "passed" if self.passed else "failed"


def spec_test(draft: Draft, service: str, version: str, outcome: Outcome, item: SpecItem | None) -> str:
    """The latest spec test of a provider version; without an item, against the spec that the version has."""
    service = draft.state.resolve_alias(service)
    seen(draft, service, version, outcome.branch)
    spec = item.spec if item is not None else _own_spec(draft, service, version)
    _keep_spec(draft, service, spec)
    record = documents.SpecTestFile(
        service=service, version=version, spec=spec.digest, result=outcome.word, tool=outcome.tool, url=outcome.url
    )
    draft.put(("spec-test", service, version), record)
    return f"{service} {version} {outcome.word}"


def _own_spec(draft: Draft, service: str, version: str) -> Spec:
    state = draft.state
    digest = spec_of(state, service, version)
    if digest is not None:
        return state.spec(service, digest)
    agreed = state.agreed(service)
    if agreed is None:
        raise UsageError(
            f"{service} {version} has no spec that it could be tested against.",
            "Pass the tested spec with --spec FILE, or publish it first; for a replay pass --consumer.",
        )
    return agreed


def replay(
    draft: Draft,
    service: str,
    version: str,
    outcome: Outcome,
    consumer: str,
    consumer_version: str | None,
    contract: Contract | None,
) -> str:
    """The latest replay of a consumer's contract by a provider version. The contract: a document, or a version's."""
    service, consumer = draft.state.resolve_alias(service), draft.state.resolve_alias(consumer)
    seen(draft, service, version, outcome.branch)
    if contract is not None:
        new_name("service", consumer, draft.state.services())
        digest = contract.digest
    elif consumer_version is not None:
        digest = _contract_of(draft.state, consumer, consumer_version, service)
    else:
        raise UsageError(
            f"It is not said which contract of {consumer} was replayed.",
            "Pass --consumer-version, or the contract itself with --contract FILE.",
        )
    record = documents.ReplayFile(
        service=service,
        version=version,
        consumer=consumer,
        contract=digest,
        result=outcome.word,
        tool=outcome.tool,
        url=outcome.url,
    )
    draft.put(("replay", service, version, consumer, digest), record)
    return f"{service} {version} {outcome.word} (contract of {consumer})"


def _contract_of(state: RegistryState, consumer: str, version: str, provider: str) -> str:
    check_names(state, [Candidate(consumer, version)], None)
    manifest = state.manifest(consumer, version)
    contracts = manifest.contracts if manifest is not None else {}
    if provider not in contracts:
        raise UsageError(
            f"{consumer} {version} has no contract with {provider}.",
            f"It has contracts with: {', '.join(sorted(contracts)) or 'nobody'}.",
        )
    return contracts[provider]


# --- environments


def check_place(state: RegistryState, service: str, version: str | None, environment: str) -> None:
    """Service, version (where given) and environment exist, and the service is one of ours: UnknownName, UsageError."""
    if version is not None:
        check_names(state, [Candidate(service, version)], environment)
    else:
        unknown = []
        if service not in state.services():
            near = names.nearest(service, state.services())
            unknown.append(("unknown-service", "service", service, near))
        if environment not in state.environments():
            near = names.nearest(environment, state.environments())
            unknown.append(("unknown-environment", "environment", environment, near))
        if unknown:
            raise UnknownName(unknown, "Nothing was recorded; 'signet status' lists what the registry knows.")
    if state.service(service).external:
        raise UsageError(
            f"{service} is external: nobody deploys it here, its agreed spec is live everywhere.",
            "Take 'external: true' out of its service.yaml if that is wrong.",
        )


def deploy(draft: Draft, service: str, version: str, environment: str, instance: str | None) -> None:
    """The version takes the slot (service, environment, instance) and replaces what was in it."""
    if instance is not None:
        names.checked("instance", instance)
    file = draft.state.placement_file(environment, service)
    held = next((index for index, one in enumerate(file.deployed) if one.instance == instance), None)
    arrived = file.desired == version
    if held is not None and file.deployed[held].version == version and not arrived:
        return

    def change(mapping: Any) -> None:
        slots = _list(mapping, "deployed")
        new = {"version": documents.quoted(version)}
        if instance is not None:
            new["instance"] = documents.quoted(instance)
        if held is None:
            later = (index for index, one in enumerate(file.deployed) if (one.instance or "") > (instance or ""))
            slots.insert(next(later, len(slots)), new)
        elif isinstance(slots[held], dict):
            slots[held]["version"] = new["version"]
        else:
            slots[held] = new
        if arrived:
            del mapping["desired"]

    draft.edit(("placement", environment, service), documents.PlacementFile, change)
    if file.desired is not None and not arrived:
        _still_desired(draft, service, file.desired, environment)


def _still_desired(draft: Draft, service: str, version: str, environment: str) -> None:
    draft.notes.append(f"{service} {version} is still desired in {environment} and counts as live")


def _list(mapping: Any, key: str) -> Any:
    if mapping.get(key) is None:
        documents.put_key(mapping, key, [], documents.PlacementFile)
    return mapping[key]


def undeploy(draft: Draft, service: str, environment: str, version: str | None, instance: str | None) -> str:
    """Empties one slot; an empty slot, or one that holds another version than the one named, is left as it is.

    Returns the version that was in the slot.
    """
    file = draft.state.placement_file(environment, service)
    held = next((index for index, one in enumerate(file.deployed) if one.instance == instance), None)
    where = f"{environment}, instance {instance}" if instance else environment
    if held is None:
        draft.notes.append(f"nothing of {service} is deployed to {where}")
        return version or ""
    there = file.deployed[held].version
    if version is not None and there != version:
        draft.notes.append(f"{where} holds {service} {there}, not {version}")
        return version
    _take_out(draft, service, environment, file, "deployed", held)
    if file.desired is not None:
        _still_desired(draft, service, file.desired, environment)
    return there


def release(draft: Draft, service: str, version: str, environment: str) -> None:
    """The version is supported there from now on, beside all others."""
    file = draft.state.placement_file(environment, service)
    if any(one.version == version for one in file.released):
        return

    def change(mapping: Any) -> None:
        later = (index for index, one in enumerate(file.released) if one.version > version)
        items = _list(mapping, "released")
        items.insert(next(later, len(items)), documents.quoted(version))

    draft.edit(("placement", environment, service), documents.PlacementFile, change)


def end_support(draft: Draft, service: str, version: str, environment: str) -> None:
    """Ends one release; deployments are not touched."""
    file = draft.state.placement_file(environment, service)
    held = next((index for index, one in enumerate(file.released) if one.version == version), None)
    if held is None:
        draft.notes.append(f"{service} {version} is not released to {environment}")
    else:
        _take_out(draft, service, environment, file, "released", held)


def _take_out(
    draft: Draft, service: str, environment: str, file: documents.PlacementFile, key: str, index: int
) -> None:
    """Take one item out of a list of a placement; a file that says nothing any more goes."""
    identity = ("placement", environment, service)
    if len(file.deployed) + len(file.released) == 1 and file.desired is None:
        draft.remove(layout.path(*identity))
        return

    def change(mapping: Any) -> None:
        del mapping[key][index]
        if not mapping[key]:
            del mapping[key]

    draft.edit(identity, documents.PlacementFile, change)


# --- people's files


def describe(draft: Draft, identity: layout.Identity, model: type[documents.Record], values: Mapping[str, Any]) -> None:
    """Create a people's file, or set the given values (None: leave as it is) in the one that is there."""
    data = draft.state.bytes_at(layout.path(*identity))
    before = None if data is None else documents.parse(model, data, layout.path(*identity))
    wanted = {key: value for key, value in values.items() if value is not None}
    if before is not None and all(getattr(before, key) == value for key, value in wanted.items()):
        return

    def change(mapping: Any) -> None:
        for key, value in wanted.items():
            documents.put_key(mapping, key, value, model)
        if not mapping:
            mapping[next(iter(values))] = None

    draft.edit(identity, model, change)


# --- deleting, on purpose only


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


def checked_texts(**texts: str) -> None:
    """UsageError for a text of an option that holds a line break or a control character."""
    for key, value in texts.items():
        if any(ord(char) < 32 or ord(char) == 127 for char in value):
            raise UsageError(f"The value of {key} holds a line break or a control character.", "Pass plain text.")
