"""Pact files, versions 1 to 4, to a Contract: every fault at once, one normal form for all versions.

It does not compare and does not evaluate matchers; it only finds them (``signet.core.formats.matchers``) and decodes
bodies (``signet.core.formats.bodies``). What is read is decided by the structure of an interaction, not by the version
that the file claims: only the ``{content, contentType, encoded}`` wrapping of bodies needs version 4.

``Interaction.request`` holds ``method``, ``path``, ``query`` and ``headers`` (each a tuple of name,
value, pointer), ``rules`` (tuple of ``matchers.Rule``), ``generators`` (tuple of ``generators.Generator``), and where a
body is expected ``body`` (a ``bodies.Body``).
``Interaction.response`` holds ``status`` (and ``says_status``: it is written) in place of method, path and query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from signet.core.formats import matchers, text
from signet.core.formats.sides import Side
from signet.core.model.contract import Contract, Interaction
from signet.errors import Fault, InvalidData

KINDS = {
    "synchronous/http": "http",
    "asynchronous/messages": "async",
    "synchronous/messages": "sync",
}
VERSIONS = {2: "2.0.0", 3: "3.0.0", 4: "4.0"}
MEANINGLESS = ("_id", "key", "comments", "interactionMarkup")
PAIR_REMEDY = "A Pact file names its pair as {'consumer': {'name': ...}, 'provider': {'name': ...}}."


def looks_like(value: Any) -> bool:
    """True if a parsed document is meant to be a Pact file."""
    if not isinstance(value, dict) or "openapi" in value or "swagger" in value:
        return False
    return any(isinstance(value.get(key), list) for key in ("interactions", "messages"))


def contract(document: text.Document, *, consumer: str | None = None, provider: str | None = None) -> Contract:
    """Read a Pact file; InvalidData with every fault and its place.

    ``consumer`` and ``provider`` stand in for the names in the document.
    """
    reader = _Reader(document)
    found = reader.contract(consumer, provider)
    if reader.faults:
        raise InvalidData(
            f"{document.name} is not a contract that can be read.",
            sorted(reader.faults, key=lambda fault: (fault.line, fault.pointer or "")),
            "Write the file again with the tool that made it, or mend the places that are named.",
        )
    return found


def merged(contracts: Sequence[Contract]) -> Contract:
    """Several Pact files of one pair as one contract; the same interaction counts once.

    InvalidData if they are of different pairs, or of Pact versions that cannot stand in one file.
    """
    if not contracts:
        raise ValueError("no contracts to merge")
    first = contracts[0]
    if len(contracts) == 1:
        return first
    pairs = {(each.consumer, each.provider) for each in contracts}
    if len(pairs) > 1:
        raise InvalidData("These contracts are not of one consumer with one provider.", (), "Publish them one by one.")
    versions = {_version(each.source) for each in contracts}
    if len(versions) > 1:
        raise InvalidData(
            f"The contracts of {first.consumer} with {first.provider} are written in different Pact versions "
            f"({', '.join(map(str, sorted(versions)))}).",
            (),
            "Write all of them in one version of the Pact specification, or publish them as one file.",
        )
    together = {key: [item for each in contracts for item in _items(each.source, key)] for key in _LISTS}
    version = versions.pop()
    value = _document(first.consumer, first.provider, version, together)
    return contract(text.Document("the merged contract", text.dump(value, 2), value, "json"))


def stored(contract: Contract) -> dict[str, Any]:
    """The plain JSON value that is kept: interactions sorted, of the metadata the Pact version only.

    It is a function of the pair and of what the digest covers, so equal digests of one pair give equal bytes.
    """
    version = _version(contract.source)
    return _document(
        contract.consumer, contract.provider, version, {key: _items(contract.source, key) for key in _LISTS}
    )


def alone(contract: Contract, interaction: Interaction) -> dict[str, Any]:
    """A Pact file of one interaction of a contract, in the Pact version of the whole."""
    key, _, position = interaction.pointer.lstrip("/").partition("/")
    item = _canonical(contract.source[key][int(position)], _is_v4(contract.source) and key == "interactions")
    return _document(contract.consumer, contract.provider, _version(contract.source), {key: [item]})


_LISTS = ("interactions", "messages")


def _items(source: Any, key: str) -> list[Any]:
    wraps = _is_v4(source)
    return [_canonical(item, wraps and key == "interactions") for item in source.get(key) or []]


def _document(consumer: str, provider: str, version: int, lists: Mapping[str, list[Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {"consumer": {"name": consumer}, "provider": {"name": provider}}
    for key, items in lists.items():
        once = {text.dump(item): item for item in items}
        if once or key == "interactions":
            value[key] = [once[form] for form in sorted(once)]
    value["metadata"] = {"pactSpecification": {"version": VERSIONS[version]}}
    return value


def _canonical(item: Mapping[str, Any], is_v4: bool) -> dict[str, Any]:
    kept = {key: value for key, value in item.items() if key not in MEANINGLESS}
    if is_v4:
        kept.setdefault("type", "Synchronous/HTTP")
    return kept


def _claimed(source: Mapping[str, Any]) -> Any:
    metadata = source.get("metadata")
    if not isinstance(metadata, dict):
        return None
    for key in ("pactSpecification", "pact-specification", "pactSpecificationVersion"):
        claim = metadata.get(key)
        if isinstance(claim, dict):
            claim = claim.get("version")
        if claim is not None:
            return claim
    return None


def _is_v4(source: Mapping[str, Any]) -> bool:
    items = [item for item in source.get("interactions") or [] if isinstance(item, dict)]
    return str(_claimed(source) or "").startswith("4") or any("type" in item for item in items)


def _version(source: Mapping[str, Any]) -> int:
    """The Pact version that the structure needs: 4 wraps bodies, 3 sorts matching rules by category."""
    if _is_v4(source):
        return 4
    if source.get("messages"):
        return 3
    for item in source.get("interactions") or []:
        sides = [item.get("request"), item.get("response")]
        rules = [side.get("matchingRules") for side in sides if isinstance(side, dict)]
        if "providerStates" in item or any(matchers.by_category(each) for each in rules if each):
            return 3
        if any(isinstance(side, dict) and isinstance(side.get("query"), dict) for side in sides):
            return 3
    return 2


class _Reader:
    """Collects the faults of one document while it reads."""

    def __init__(self, document: text.Document) -> None:
        self.document = document
        self.faults: list[Fault] = []

    def fault(self, pointer: str, message: str) -> None:
        self.faults.append(self.document.fault(pointer, message))

    def contract(self, consumer: str | None, provider: str | None) -> Contract:
        source = self.document.value
        if not isinstance(source, dict):
            self.fault("", "a Pact file is an object with 'consumer', 'provider' and 'interactions'")
            return Contract("", "", (), "", source)
        consumer = self.name(source, "consumer", consumer)
        provider = self.name(source, "provider", provider)
        claim = str(_claimed(source) or "")
        if claim and claim[:1] not in "1234":
            self.fault("/metadata", f"Pact specification {claim!r} is not one of versions 1 to 4")
        if not any(key in source for key in _LISTS):
            self.fault("", "there is no list 'interactions'")
        for key in _LISTS:
            if not isinstance(source.get(key, []), list):
                self.fault(f"/{key}", f"'{key}' is not a list")
        if self.faults:
            return Contract(consumer, provider, (), "", source)
        interactions = self.interactions(source)
        canonical = (
            {text.dump_read(item) for key in _LISTS for item in _items(source, key)} if not self.faults else set()
        )
        return Contract(consumer, provider, tuple(interactions), text.digest(sorted(canonical)), source)

    def name(self, source: Mapping[str, Any], role: str, given: str | None) -> str:
        if given is not None:
            return given
        party = source.get(role)
        name = party.get("name") if isinstance(party, dict) else None
        if not isinstance(name, str) or not name.strip():
            place = f"/{role}" if role in source else ""
            self.fault(place, f"the name of the {role} is missing. {PAIR_REMEDY}")
            return ""
        return name

    def interactions(self, source: Mapping[str, Any]) -> list[Interaction]:
        found: list[Interaction] = []
        wraps = _is_v4(source)
        for key in _LISTS:
            for position, item in enumerate(source.get(key) or []):
                pointer = f"/{key}/{position}"
                if isinstance(item, dict):
                    found.append(self.interaction(len(found), item, pointer, key, wraps))
                else:
                    self.fault(pointer, "an interaction is an object")
        return found

    def interaction(self, index: int, item: Mapping[str, Any], pointer: str, key: str, wraps: bool) -> Interaction:
        description = self.described(item, pointer)
        kind = "async" if key == "messages" else "http"
        declared = item.get("type")
        if declared is not None and key == "interactions":
            if not isinstance(declared, str):
                self.fault(f"{pointer}/type", "the type of an interaction is a text")
            kind = KINDS.get(str(declared).lower(), "unknown")
        if kind != "http":
            return Interaction(index, description, pointer, kind)
        sides: list[dict[str, Any]] = []
        for side in ("request", "response"):
            value = item.get(side)
            if not isinstance(value, dict):
                self.fault(f"{pointer}/{side}" if side in item else pointer, f"'{side}' is missing or not an object")
                value = None
            sides.append(Side(self.fault, f"{pointer}/{side}", value, wraps).read(side) if value is not None else {})
        return Interaction(index, description, pointer, kind, *sides)

    def described(self, item: Mapping[str, Any], pointer: str) -> str:
        description = item.get("description", "")
        if not isinstance(description, str):
            self.fault(f"{pointer}/description", "the description is not a text")
        return str(description)
