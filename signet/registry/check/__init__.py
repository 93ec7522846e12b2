"""Is this registry, or this change of it, allowed? Every fault, with its place; no file is changed.

The recipe:
1. The tree that is looked at: the revision, merged into its base in the object store (``git.merged``). No work tree.
2. The policy, and the format, are those of the base: a change does not choose who checks it (T60).
3. What differs (``changed``), by the rules, one module each: ``places``, ``records``, ``growth``, ``references``,
   ``aliases``, ``leaks``, ``owners``, ``fits``. Without a base everything counts as new.

What merging does to those who are live is ``signet.core.whatif``, which is asked with both states.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from signet.errors import InvalidData
from signet.registry import documents, git, layout
from signet.registry.check import aliases, fits, growth, leaks, owners, places, records, references
from signet.registry.check.changed import Difference
from signet.registry.check.findings import RULES, Finding, Rule, of_faults, ordered
from signet.registry.read import RegistryState, state_at

__all__ = ["RULES", "Checked", "Finding", "Rule", "check", "published"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. ``before`` is empty for a whole tree; ``revision`` is the commit that was asked about.

    ``protected`` are the environments that may not turn red, ``severities`` how grave changes of
    specs are; both are the base's word.
    """

    before: RegistryState
    after: RegistryState
    base: str | None
    revision: str | None
    findings: tuple[Finding, ...]
    protected: frozenset[str]
    severities: documents.ChangesPolicy
    changed: int
    difference: Difference = field(repr=False)

    @property
    def faults(self) -> int:
        """How many findings are errors."""
        return sum(one.level == "error" for one in self.findings)


def check(repo: git.Repository, base: str | None, revision: str | None) -> Checked:
    """What is wrong with ``revision``, merged into ``base``; without a base, with its whole tree. Both are commits.

    Raises RegistryUnreachable, ShallowClone or UsageError where they cannot be read or merged, or are no registry.
    """
    merge = git.merged(repo, base, revision) if base and revision else git.Merged(revision or "")  # 1
    before, after = RegistryState(repo, base), RegistryState(repo, merge.commit or None)
    after.like = before
    if not (_is_founded(after) or _is_founded(before)):
        state_at(repo, revision)  # says that this is no registry at all
    found = Difference(before, after)
    policy, broken = _policy(before, after)  # 2
    findings = list(broken)
    if not any(one.pointer == "/format" for one in broken):  # 3
        findings += _merging(repo, base, revision, merge)
        findings += _by_the_rules(found)
    severities = policy.changes if policy is not None else documents.ChangesPolicy()
    protected = _protected(policy, before, after)
    return Checked(before, after, base, revision, ordered(findings), protected, severities, _count(found), found)


def published(found: Checked) -> tuple[tuple[str, str], ...]:
    """The versions (service, version) that a change publishes with a spec that was not there before."""
    new = {(one.identity[1], one.identity[2]) for one in found.difference.of("spec") if one.identity and not one.before}
    services = {service for service, _ in new}
    versions = []
    for one in found.difference.of("manifest"):
        if one.identity is None or one.before is not None or one.identity[1] not in services:
            continue
        try:
            manifest = found.after.manifest(one.identity[1], one.identity[2])
        except InvalidData:
            continue
        if manifest is not None and manifest.spec and (manifest.service, layout.short(manifest.spec)) in new:
            versions.append((manifest.service, manifest.version))
    return tuple(versions)


def _policy(before: RegistryState, after: RegistryState) -> tuple[documents.RegistryFile | None, list[Finding]]:
    """The base's ``signet.yaml``; that of the change where the base has none, or a broken one that it mends."""
    broken: list[Finding] = []
    for state in (before, after):
        try:
            data = state.bytes_at(layout.REGISTRY)
            if data is not None:
                return documents.parse(documents.RegistryFile, data, layout.REGISTRY), []
        except InvalidData as error:
            broken = list(of_faults(error, layout.REGISTRY))
    return None, broken


def _protected(policy: documents.RegistryFile | None, before: RegistryState, after: RegistryState) -> frozenset[str]:
    """The protected environments by the base's policy; those of production that are new with the change, too."""
    if policy is not None and policy.check is not None and policy.check.protected is not None:
        return frozenset(policy.check.protected)
    known = _environments(before)
    before.expect(("environment", name) for name in known)
    return frozenset(
        name
        for state, names in ((before, known), (after, _environments(after) - known))
        for name in names
        if _is_production(state, name)
    )


def _is_founded(state: RegistryState) -> bool:
    try:
        return state.mark(layout.REGISTRY) is not None
    except InvalidData:
        return True  # a tree that readers would not agree about


def _environments(state: RegistryState) -> frozenset[str]:
    try:
        return frozenset(state.environments())
    except InvalidData:
        return frozenset()  # something else stands in the place of the folder, which is a finding


def _is_production(state: RegistryState, name: str) -> bool:
    try:
        return state.environment(name).production
    except InvalidData:
        return True  # who cannot read it, cannot say that it needs no protection


def _merging(repo: git.Repository, base: str | None, revision: str | None, merge: git.Merged) -> Iterator[Finding]:
    for path in merge.conflicts:
        yield Finding("merge-conflict", path, "was changed in different ways here and in the base; mend it by a merge")
    for commit in git.octopuses(repo, base, revision) if base and revision else ():
        yield Finding("octopus-merge", ".", f"the commit {commit[:10]} merges more than two parents")


def _by_the_rules(found: Difference) -> Iterator[Finding]:
    try:
        found.fetch()
    except InvalidData as error:
        yield Finding("tree-invalid", ".", error.message)
        return
    for rule in (places, records, growth, references, aliases, leaks, owners, fits):
        try:
            yield from rule.check(found)
        except InvalidData as error:  # a folder that is none, or whose tree is broken
            yield from of_faults(error, ".", "tree-invalid")


def _count(found: Difference) -> int:
    try:
        return len(found.all)
    except InvalidData:
        return 0
