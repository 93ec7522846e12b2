"""A repository becomes a registry, and later gets what a newer Signet would write there."""

from __future__ import annotations

from signet import __version__
from signet.errors import UsageError
from signet.registry import documents, layout, owning, template
from signet.registry.facts.draft import Draft

BESIDE = "SIGNET.md"
"""Where the registry's README goes in a repository that has one of its own."""


def found(draft: Draft, name: str, where: str, *, branch: str, is_clone: bool) -> str:
    """The files of a new registry, beside those that are there; a registry stays as it is. The subject.

    UsageError where a file of the repository would be overwritten, or be read as a part of the registry; and where it
    holds more than a forge puts into a new one, unless it is a clone with a work tree (``is_clone``), from which
    nothing has left this machine yet.
    """
    state = draft.state
    if state.entry(layout.REGISTRY) is not None:
        draft.notes.append(f"{where} is a registry already")
        return "init"
    present = sorted(one.name for one in state.listing(""))
    strange = [one for one in present if not one.startswith((".", "README", "LICENSE"))]
    if strange and not is_clone:
        raise UsageError(
            f"{where} is not empty: it holds {', '.join(strange[:5])}.",
            "A registry is best a repository of its own: create a new one. To make this one a registry beside what "
            "it holds, clone it, run 'signet init CLONE', look at the commit, and push it.",
        )
    roots = [f"{root}/" for root in layout.ROOTS if root in present]
    wanted = template.files(name, branch)
    if any(one.casefold().startswith("readme") for one in present):
        wanted[BESIDE] = wanted.pop(template.README)
    if not roots:
        wanted.update(_owners(draft, documents.RegistryFile(format="1")))
    taken = roots + [path for path, data in wanted.items() if state.bytes_at(path) not in (None, data)]
    if taken:
        raise UsageError(
            f"{where} already holds {', '.join(sorted(taken))}, where the files of a registry go.",
            "Nothing was overwritten. Move or delete these files first, or make the registry a repository of its own.",
        )
    draft.edits.update(wanted)
    return f"init: registry {name}"


def renew(draft: Draft, name: str, *, branch: str) -> str:
    """What this Signet would write today: the owners' file, workflows and guides. The subject.

    A file that people changed stays as it is, and is told; one that is not there is written. ``name`` is for a registry
    without one in ``signet.yaml``.
    """
    state = draft.state
    data = state.bytes_at(layout.REGISTRY) or b""
    registry = documents.parse(documents.RegistryFile, data, layout.REGISTRY)
    wanted = {
        path: content
        for path, content in template.files(registry.name or name, branch).items()
        if not path.startswith(template.PEOPLES)
    }
    readme = state.bytes_at(template.README)
    if readme is not None and not template.is_signets(readme):
        wanted[BESIDE] = wanted.pop(template.README)
    wanted.update(_owners(draft, registry))
    for path, content in wanted.items():
        before = state.bytes_at(path)
        if before is None or (before != content and template.is_unchanged(before)):
            draft.edits[path] = content
        elif before != content:
            draft.notes.append(f"{path} was changed by people and stays as it is; delete it to have ours")
    return f"init: workflows, owners and guides of signet {__version__}"


def _owners(draft: Draft, registry: documents.RegistryFile) -> dict[str, bytes]:
    """CODEOWNERS by its path; nothing where people have put one of their own in another place."""
    theirs = next((one for one in owning.PLACES if one != owning.CODEOWNERS and draft.state.entry(one)), None)
    if theirs is not None:
        draft.notes.append(f"{theirs} is yours; no {owning.CODEOWNERS} is made beside it")
        return {}
    data, notes = owning.codeowners(draft.state, registry)
    draft.notes.extend(notes)
    return {owning.CODEOWNERS: template.stamped(owning.CODEOWNERS, data)}
