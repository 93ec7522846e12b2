"""Who is live in an environment, and who calls whom there: step 2 of Deploy Guard's recipe, for all that ask it.

What was found for one state is kept with it, and ``carried`` to a later one by looking at those alone that changed.
It judges nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

from signet.core.model.state import Manifest, State
from signet.errors import Fault, InvalidData

Live = Mapping[str, tuple[str, ...]]
"""By service, its live versions."""
Callers = Mapping[str, tuple[tuple[str, str], ...]]
"""By provider, the live versions that have a contract with it."""


def meeting(state: State, environment: str | None, needs: Sequence[tuple[str, ...]]) -> tuple[Live, Callers | None]:
    """Who is live there, and who calls whom; None where a manifest is broken, as only some questions need it.

    ``needs`` are facts that are asked for anyway: where something has to be fetched, they come with it.
    """
    kept = getattr(state, "derived", {})
    found: tuple[Live, Callers | None] | None = kept.get(("meeting", environment))
    if found is None:
        actual = live_versions(state, environment)
        found = kept["meeting", environment] = (actual, _callers(state, actual, environment, needs))
    return found


def carried(before: State, after: State, changed: Collection[tuple[str, ...]]) -> None:
    """Have ``after`` know who meets whom where ``before`` knew it; ``changed`` are the facts whose files differ.

    Only the services that something changed of are looked at. Where a file of theirs is broken nothing is kept, and
    whoever asks looks at everybody.
    """
    known, kept = getattr(before, "derived", {}), getattr(after, "derived", {})
    for key, found in [*known.items()]:
        if key[0] == "meeting" and found[1] is not None:
            try:
                kept[key] = _carried(before, after, changed, key[1], found)
            except InvalidData:
                continue


def _carried(
    before: State,
    after: State,
    changed: Collection[tuple[str, ...]],
    environment: str | None,
    found: tuple[Live, Callers],
) -> tuple[Live, Callers]:
    actual, callers = dict(found[0]), dict(found[1])
    placed = after.placements(environment) if environment is not None else {}
    for service in sorted(_touched(changed, environment)):
        was = actual.pop(service, ())
        if environment is not None:
            now = placed[service].versions if service in placed else ()
        else:
            head = after.head(service, after.service(service).main_branch) if service in after.services() else None
            now = () if head is None else (head,)
        if now:
            actual[service] = now
        calls = {version: live_manifest(after, service, version, environment).contracts for version in now}
        called = {one for version in was for one in live_manifest(before, service, version, environment).contracts}
        for provider in called.union(*calls.values()):
            calling = callers.pop(provider, ())
            first, end = bisect_left(calling, (service,)), bisect_left(calling, (f"{service}\0",))
            mine = tuple((service, version) for version in now if provider in calls[version])
            if others := (*calling[:first], *mine, *calling[end:]):
                callers[provider] = others
    return actual, callers


def _touched(changed: Collection[tuple[str, ...]], environment: str | None) -> set[str]:
    """The services that may be live in other versions, or call others, after a change."""
    of_a_service = ("manifest",) if environment is not None else ("manifest", "head", "service")
    found = {one[1] for one in changed if one[0] in of_a_service}
    return found | {one[2] for one in changed if one[0] == "placement" and one[1] == environment}


def _callers(
    state: State,
    actual: Mapping[str, tuple[str, ...]],
    environment: str | None,
    needs: Sequence[tuple[str, ...]],
) -> Callers | None:
    live = [("manifest", service, version) for service, versions in actual.items() for version in versions]
    state.expect([*live, *needs])
    found: dict[str, list[tuple[str, str]]] = {}
    try:
        for service, versions in sorted(actual.items()):
            for version in versions:
                for provider in live_manifest(state, service, version, environment).contracts:
                    found.setdefault(provider, []).append((service, version))
    except InvalidData:
        return None
    return {provider: tuple(calling) for provider, calling in found.items()}


def live_versions(state: State, environment: str | None) -> dict[str, tuple[str, ...]]:
    """By service, the live versions in an environment, or for None the heads of all main branches."""
    if environment is not None:
        placed = state.placements(environment).items()
        return {name: versions for name, place in placed if (versions := place.versions)}
    names = sorted(state.services())
    state.expect(("service", name) for name in names)
    branches = {name: state.service(name).main_branch for name in names}
    state.expect(("head", name, branch) for name, branch in branches.items())
    heads = {name: state.head(name, branch) for name, branch in branches.items()}
    return {name: (head,) for name, head in heads.items() if head is not None}


def live_manifest(state: State, service: str, version: str, environment: str | None) -> Manifest:
    """A version that is live in an environment (None: heads its main branch); InvalidData if nobody knows it."""
    manifest = state.manifest(service, version)
    if manifest is not None:
        return manifest
    if environment is not None:
        file = state.where(("placement", environment, service))
    else:
        file = state.where(("head", service, state.service(service).main_branch))
    raise InvalidData(
        f"{file} names {service} {version}, and the registry does not know this version.",
        [Fault(file, None, 0, f"names the unknown version {version}")],
        f"Register it: signet register-version --name {service} --version {version}; or mend the file.",
    )
