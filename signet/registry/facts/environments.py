"""What is live where: slots, wishes and releases in the environment files that people may edit, too."""

from __future__ import annotations

from typing import Any

from signet.core.guard import check_names
from signet.core.model import names
from signet.core.model.decision import Candidate
from signet.errors import UnknownName, UsageError
from signet.registry import documents, editing, layout
from signet.registry.facts.draft import Draft
from signet.registry.read import RegistryState


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
        new = {"version": editing.quoted(version)}
        if instance is not None:
            new["instance"] = editing.quoted(instance)
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


def promoted(state: RegistryState, service: str, source: str, version: str | None) -> str:
    """The version to promote: the one that is deployed in ``source``, or the one of several that is named.

    UsageError where there is none, or no single one.
    """
    there = sorted({one.version for one in state.placement_file(source, service).deployed})
    if version is not None and version not in there:
        named = f"; deployed there: {', '.join(there)}" if there else ""
        raise UsageError(
            f"{service} {version} is not deployed in {source}{named}.",
            "What is promoted runs there already: record its deployment first, or name another version.",
        )
    if not there:
        raise UsageError(
            f"Nothing of {service} is deployed in {source}, so there is nothing to promote.",
            f"Deploy it there first: signet update-deployment --name {service} --version VERSION "
            f"--environment {source}.",
        )
    if version is None and len(there) > 1:
        raise UsageError(
            f"Several versions of {service} are deployed in {source}: {', '.join(there)}.", "Choose one: --version."
        )
    return version or there[0]


def wish(draft: Draft, service: str, version: str, environment: str) -> None:
    """The version is wanted there from now on, and counts as live beside what is deployed until that is recorded.

    It takes the place of another wish. No change where the version is wanted already, or is all that is deployed.
    """
    file = draft.state.placement_file(environment, service)
    if file.desired == version:
        return
    if file.desired is None and file.deployed and {one.version for one in file.deployed} == {version}:
        draft.notes.append(f"{service} {version} is deployed in {environment} already")
        return

    def change(mapping: Any) -> None:
        editing.put_key(mapping, "desired", editing.quoted(version), documents.PlacementFile)

    draft.edit(("placement", environment, service), documents.PlacementFile, change)
    if file.desired is not None:
        draft.notes.append(f"{service} {file.desired} was desired in {environment} before")


def _still_desired(draft: Draft, service: str, version: str, environment: str) -> None:
    draft.notes.append(f"{service} {version} is still desired in {environment} and counts as live")


def _list(mapping: Any, key: str) -> Any:
    if mapping.get(key) is None:
        editing.put_key(mapping, key, [], documents.PlacementFile)
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
        items.insert(next(later, len(items)), editing.quoted(version))

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
