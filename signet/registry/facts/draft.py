"""The edits of one commit, and how services and versions come into being by them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from signet.core.model import names
from signet.core.model.state import Manifest
from signet.errors import Fault, NameRefused, VersionConflict
from signet.registry import documents, editing, layout
from signet.registry.read import RegistryState


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
        before = self.state.bytes_at(path)
        if before is not None:
            documents.parse(model, before, path)  # it is refused by our own reader, before another one sees it
        try:
            data = editing.edited(before, change)
        except ValueError as error:
            raise documents.refused(path, [Fault(path, None, 0, str(error))]) from None
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


def new_name(kind: str, name: str, others: Collection[str]) -> str:
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
            raise conflict(
                f"{service} {version} is registered with another artifact {key!r}: {record.artifacts[key]}.", []
            )
    if artifacts:
        record = record.model_copy(update={"artifacts": {**record.artifacts, **artifacts}})
    if record is not found:
        draft.put_manifest(record)
    return record


def conflict(message: str, faults: list[Fault]) -> VersionConflict:
    """The refusal of other content under a published version, with the way out."""
    return VersionConflict(
        message,
        faults,
        "A published version never changes: publish under the real new version; or make generated values fixed, "
        "if the same build produced both.",
    )
