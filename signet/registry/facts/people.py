"""What people say about services and environments, set by a command."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from signet.errors import InvalidData, UsageError
from signet.registry import documents, editing, layout, owning, template
from signet.registry.facts.draft import Draft

LONGEST = 10_000
"""Characters of a text that is given to a command."""


def describe(draft: Draft, identity: layout.Identity, model: type[documents.Record], values: Mapping[str, Any]) -> None:
    """Create a people's file, or set the given values (None: leave as it is) in the one that is there."""
    data = draft.state.bytes_at(layout.path(*identity))
    before = None if data is None else documents.parse(model, data, layout.path(*identity))
    wanted = {key: value for key, value in values.items() if value is not None}
    for key, value in wanted.items():
        for text in value if isinstance(value, list) else [value]:
            checked_texts(**({key: text} if isinstance(text, str) else {}))
    if before is not None and all(getattr(before, key) == value for key, value in wanted.items()):
        return

    def change(mapping: Any) -> None:
        for key, value in wanted.items():
            editing.put_key(mapping, key, value, model)
        if not mapping:
            mapping[next(iter(values))] = None

    draft.edit(identity, model, change)


def owned(draft: Draft, identity: layout.Identity, owners: Sequence[str] | None) -> None:
    """CODEOWNERS goes along with owners that are set, where ``signet init`` made it and nobody changed it since."""
    before = draft.state.bytes_at(owning.CODEOWNERS)
    is_first = not any(draft.state.entry(one) for one in owning.PLACES[: owning.PLACES.index(owning.CODEOWNERS)])
    if owners is None or before is None or not is_first:
        return
    if not template.is_unchanged(before):
        draft.notes.append(f"{owning.CODEOWNERS} was changed by people and stays as it is")
        return
    try:
        data = draft.state.bytes_at(layout.REGISTRY) or b""
        registry = documents.parse(documents.RegistryFile, data, layout.REGISTRY)
        made, notes = owning.codeowners(draft.state, registry, {identity: owners})
    except InvalidData as error:
        draft.notes.append(f"{owning.CODEOWNERS} stays as it is: {error.message}")
        return
    draft.notes.extend(note for note in notes if note.startswith(layout.path(*identity)))
    stamped = template.stamped(owning.CODEOWNERS, made)
    if stamped != before:
        draft.edits[owning.CODEOWNERS] = stamped


def checked_texts(**texts: str) -> None:
    """UsageError for a text of an option that no record can hold: control characters, no UTF-8, or very long."""
    for key, value in texts.items():
        if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in value):
            raise UsageError(f"The value of {key} holds a line break or a control character.", "Pass plain text.")
        if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
            raise UsageError(f"The value of {key} is not UTF-8 text.", "Pass plain text.")
        if len(value) > LONGEST:
            raise UsageError(f"The value of {key} has more than {LONGEST:,} characters.", "Pass a shorter one.")
