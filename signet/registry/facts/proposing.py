"""Fixtures that are proposed: what exchanges can become and the registry does not have, for a branch of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from signet.core.fixtures import Exchange, Provenance, proposals
from signet.core.fixtures.naming import with_digest
from signet.core.model import names
from signet.core.model.fixture import Fixture
from signet.errors import InvalidData
from signet.registry import documents, fitting, fixtures, layout
from signet.registry.facts.draft import Draft

PROPOSALS = "signet/fixtures/"
MOST_TOLD = 20
_NO_BRANCH = re.compile(r"\.{2,}|\.lock\Z|\.\Z")


def propose(draft: Draft, exchanges: Sequence[Exchange], whose: Provenance) -> tuple[str, str]:
    """Write what is new. Returns what was written, for the commit's subject, and the branch that it is for.

    UnknownName for a service or an environment that is not registered; Undecided where the service has no spec.
    """
    state = draft.state
    whose = replace(whose, service=state.resolve_alias(whose.service), consumer=_consumer(draft, whose.consumer))
    for environment in sorted(whose.environments):
        state.environment(environment)
    found = proposals(exchanges, fitting.spec_of(state, whose.service), whose)
    known = state.every_fixture(whose.service)
    there = {_identity(one) for one in known}
    answered = {(_identity(one), _answer(one)) for one in known}
    added = changed = 0
    left_out = dict(found.left_out)
    for one in found.fixtures:
        if (_identity(one), _answer(one)) in answered:
            continue
        one = _apart(one, known)
        try:
            record = fixtures.document(one)
        except InvalidData as error:
            left_out[one.name] = "; ".join(fault.message for fault in error.faults)
            continue
        draft.put(("fixture", one.service, one.operation, one.name), record)
        added, changed = added + (_identity(one) not in there), changed + (_identity(one) in there)
    _tell(draft, left_out)
    what = f"{whose.service} ({added} new, {changed} changed)" if added or changed else f"{whose.service}, nothing new"
    return what, branch(whose)


def branch(whose: Provenance) -> str:
    """The branch for proposals of one whose: of the provider, or of a consumer, for the same environments."""
    who = f"by-{whose.consumer}" if whose.consumer else "by-provider"
    parts = (whose.service, "-for-".join([who, *sorted(whose.environments)]))
    return PROPOSALS + "/".join(_part(each) for each in parts)


def _part(name: str) -> str:
    """A name as a part of a branch, which may be less than a name may."""
    plain = _NO_BRANCH.sub("-", name)
    return plain if plain == name else f"{plain.strip('-')}-{sha256(name.encode()).hexdigest()[:8]}"


def _consumer(draft: Draft, name: str) -> str:
    return names.checked("service", draft.state.resolve_alias(name)) if name else ""


def _identity(one: Fixture) -> tuple[object, ...]:
    """What a fixture answers, for whom, and who says so."""
    return one.operation, documents.json_bytes(one.request.as_json()), one.source, one.environments


def _answer(one: Fixture) -> bytes:
    return documents.json_bytes(one.response.as_json())


def _apart(one: Fixture, known: Sequence[Fixture]) -> Fixture:
    """The fixture under a name that is not that of one which answers something else."""
    path = layout.path("fixture", one.service, one.operation, one.name)
    for each in known:
        if layout.path("fixture", each.service, each.operation, each.name).casefold() == path.casefold():
            if _identity(each) == _identity(one) and each.name == one.name:
                return one
            whole = [one.operation, one.request.as_json(), one.source.value, sorted(one.environments)]
            return replace(one, name=with_digest(one.name, "", whole))
    return one


def _tell(draft: Draft, left_out: dict[str, str]) -> None:
    told = sorted(left_out.items())
    draft.notes += [f"not proposed: {label}: {why}" for label, why in told[:MOST_TOLD]]
    if len(told) > MOST_TOLD:
        draft.notes.append(f"{len(told) - MOST_TOLD} more were not proposed")
