"""The facts that can be recorded, one function each: what every command, and whoever embeds Signet, calls.

Each turns its arguments into a statement (``signet.registry.facts``) and lands it as one commit (``landing``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from signet.core import guard as deploy_guard
from signet.core.model import names
from signet.core.model.contract import Contract
from signet.core.model.decision import Candidate, Decision
from signet.errors import GuardSaidNo, UsageError
from signet.registry import documents, git
from signet.registry.facts import environments, founding, people, publishing, results
from signet.registry.facts.draft import Draft, new_name, seen
from signet.registry.facts.publishing import ContractItem, SpecItem
from signet.registry.facts.results import Outcome, Replayed, Tried
from signet.registry.landing import PLAINLY, Origin, Plan, Receipt, Requested, Statement, Writing, land
from signet.registry.opening import PLAIN, Access, open_for_writing
from signet.registry.read import RegistryState, state_at

if TYPE_CHECKING:
    from signet.core.fixtures import Exchange, Provenance

__all__ = ["ContractItem", "Origin", "Outcome", "Receipt", "Replayed", "Requested", "SpecItem", "Tried", "Writing"]


def publish(
    repo: git.Repository,
    items: Sequence[SpecItem | ContractItem],
    *,
    artifacts: Mapping[str, str] | None = None,
    how: Writing = PLAINLY,
) -> Receipt:
    """Specs and contracts in one commit, and ``artifacts`` of the versions that they are of.

    VersionConflict for other content, or another artifact, under a published version.
    """
    _check_artifacts(artifacts)

    def plan(draft: Draft) -> Statement:
        done = []
        for item in items:
            if isinstance(item, SpecItem):
                done.append(publishing.publish_spec(draft, item))
            else:
                done.append(publishing.publish_contract(draft, item))
            if artifacts and item.version is not None:
                publisher = item.service if isinstance(item, SpecItem) else item.consumer or item.contract.consumer
                seen(draft, draft.state.resolve_alias(publisher), item.version, None, artifacts)
        services = {
            one.service if isinstance(one, SpecItem) else one.consumer or one.contract.consumer for one in items
        }
        versions = {one.version for one in items if one.version is not None}
        trailers = {"Signet-Service": ", ".join(sorted(services)), "Signet-Version": ", ".join(sorted(versions))}
        return Statement(draft, "publish", f"publish: {'; '.join(done)}", trailers)

    return land(repo, plan, how)


def register_environment(
    repo: git.Repository,
    name: str,
    *,
    display_name: str | None = None,
    production: bool | None = None,
    order: int | None = None,
    owners: Sequence[str] | None = None,
    how: Writing = PLAINLY,
) -> Receipt:
    """The environment exists from now on; given values are set, others left as they are."""

    def plan(draft: Draft) -> Statement:
        new_name("environment", name, draft.state.environments())
        given = None if owners is None else list(owners)
        values = {"display_name": display_name, "production": production, "order": order, "owners": given}
        people.describe(draft, ("environment", name), documents.EnvironmentFile, values)
        people.owned(draft, ("environment", name), given)
        return Statement(draft, "register-env", f"register: environment {name}", {"Signet-Environment": name})

    return land(repo, plan, how)


def register_service(
    repo: git.Repository,
    name: str,
    *,
    main_branch: str | None = None,
    owners: Sequence[str] | None = None,
    repository: str | None = None,
    aliases: Sequence[str] | None = None,
    external: bool | None = None,
    how: Writing = PLAINLY,
) -> Receipt:
    """The service exists from now on; given values are set, others left as they are."""

    def plan(draft: Draft) -> Statement:
        new_name("service", name, draft.state.services())
        if main_branch is not None:
            names.checked_branch(main_branch)
        _check_aliases(draft.state, name, aliases or ())
        values = {
            "main_branch": main_branch,
            "owners": None if owners is None else list(owners),
            "repository": repository,
            "aliases": None if aliases is None else list(aliases),
            "external": external,
        }
        people.describe(draft, ("service", name), documents.ServiceFile, values)
        people.owned(draft, ("service", name), owners)
        return Statement(draft, "register-service", f"register: service {name}", {"Signet-Service": name})

    return land(repo, plan, how)


def _check_aliases(state: RegistryState, name: str, aliases: Sequence[str]) -> None:
    people.checked_texts(**{f"alias {number}": alias for number, alias in enumerate(aliases, 1)})
    for alias in aliases:
        owner = state.resolve_alias(alias)
        if owner in state.services() and owner != name:
            raise UsageError(f"The alias {alias!r} already means the service {owner}.", "Choose another alias.")


def _check_artifacts(artifacts: Mapping[str, str] | None) -> None:
    for kind, place in (artifacts or {}).items():
        people.checked_texts(**{"artifact": kind, f"artifact {kind}": place})


def register_version(
    repo: git.Repository,
    service: str,
    version: str,
    *,
    branch: str | None = None,
    artifacts: Mapping[str, str] | None = None,
    how: Writing = PLAINLY,
) -> Receipt:
    """The version is known from now on, with no contract, spec or result of its own."""

    _check_artifacts(artifacts)

    def plan(draft: Draft) -> Statement:
        seen(draft, service, version, branch, artifacts)
        trailers = {"Signet-Service": service, "Signet-Version": version}
        return Statement(draft, "register-version", f"register: {service} {version}", trailers)

    return land(repo, plan, how)


def record_spec_test(
    repo: git.Repository,
    service: str,
    version: str,
    *,
    passed: bool,
    spec: SpecItem | None = None,
    branch: str | None = None,
    tool: str = "",
    url: str = "",
    details: Mapping[str, str | int] | None = None,
    how: Writing = PLAINLY,
) -> Receipt:
    """The latest result of a provider version against a spec: the one given, else the one that the version has."""
    people.checked_texts(tool=tool, url=url)

    def plan(draft: Draft) -> Statement:
        outcome = Outcome(passed, branch, tool, url, details or {})
        subject = results.spec_test(draft, service, version, outcome, spec)
        trailers = {"Signet-Service": service, "Signet-Version": version}
        return Statement(draft, "verify", f"verify: {subject}", trailers, about="spec")

    return land(repo, plan, how)


def record_replay(
    repo: git.Repository,
    service: str,
    version: str,
    *,
    passed: bool,
    consumer: str,
    consumer_version: str | None = None,
    contract: Contract | None = None,
    branch: str | None = None,
    tool: str = "",
    url: str = "",
    details: Mapping[str, str | int] | None = None,
    how: Writing = PLAINLY,
) -> Receipt:
    """The latest result of replaying a consumer's contract (the one given, or a version's) at a provider version."""
    people.checked_texts(tool=tool, url=url)

    def plan(draft: Draft) -> Statement:
        outcome = Outcome(passed, branch, tool, url, details or {})
        subject = results.replay(draft, service, version, outcome, consumer, consumer_version, contract)
        trailers = {"Signet-Service": service, "Signet-Version": version}
        return Statement(draft, "verify", f"verify: {subject}", trailers, about=f"contract of {consumer}")

    return land(repo, plan, how)


def record_test(
    repo: git.Repository,
    service: str,
    version: str,
    *,
    tested: tuple[SpecItem | None, Outcome] | None,
    replays: Sequence[Replayed] = (),
    how: Writing = PLAINLY,
) -> Receipt:
    """All results of one run of a provider version in one commit: its spec test, if there was one, and its replays."""
    for outcome in (*([tested[1]] if tested else []), *(one.outcome for one in replays)):
        people.checked_texts(tool=outcome.tool, url=outcome.url)

    def plan(draft: Draft) -> Statement:
        subject = results.several(draft, service, version, tested, replays)
        trailers = {"Signet-Service": service, "Signet-Version": version}
        about = ", ".join([*(["spec"] if tested else []), *sorted({f"contract of {one.consumer}" for one in replays})])
        return Statement(draft, "verify", f"verify: {subject}", trailers, about=about)

    return land(repo, plan, how)


def record_trials(repo: git.Repository, tried: Sequence[Tried], *, how: Writing = PLAINLY) -> Receipt:
    """What the tests of consumers said about provider versions, all of it in one commit."""
    for one in tried:
        people.checked_texts(tool=one.outcome.tool, url=one.outcome.url)

    def plan(draft: Draft) -> Statement:
        subject = results.tried(draft, tried)
        services, versions = ({getattr(one, key) for one in tried} for key in ("service", "version"))
        trailers = {"Signet-Service": ", ".join(sorted(services)), "Signet-Version": ", ".join(sorted(versions))}
        about = ", ".join(sorted({f"tests of {one.consumer}" for one in tried}))
        return Statement(draft, "verify", f"verify: {subject}", trailers, about=about)

    return land(repo, plan, how)


def deploy(
    repo: git.Repository,
    service: str,
    version: str,
    environment: str,
    *,
    instance: str | None = None,
    guard: bool = False,
    ignore: Sequence[str] = (),
    how: Writing = PLAINLY,
) -> Receipt:
    """The version takes its slot. With ``guard``, Deploy Guard is asked on the very head that the push builds on:
    GuardSaidNo carries a decision that is not *yes*, and nothing is recorded."""

    def plan(draft: Draft) -> Statement:
        environments.check_place(draft.state, service, version, environment)
        decision = None
        if guard:
            decision = _guarded(draft.state, service, version, environment, ignore, "recorded in")
        environments.deploy(draft, service, version, environment, instance)
        statement = _placed(draft, "deploy", service, version, environment, instance)
        statement.decision = decision
        return statement

    return land(repo, plan, how)


def promote(
    repo: git.Repository,
    service: str,
    source: str,
    target: str,
    *,
    version: str | None = None,
    ignore: Sequence[str] = (),
    how: Writing = PLAINLY,
) -> Receipt:
    """What is deployed in ``source`` is wanted in ``target``: ``desired`` there, until its deployment is recorded.

    Deploy Guard is asked on the head that the push builds on, as for a guarded deployment. UsageError where ``source``
    has nothing of the service, or several versions and none is named.
    """

    def plan(draft: Draft) -> Statement:
        state = draft.state
        environments.check_place(state, service, version, source)
        environments.check_place(state, service, version, target)
        chosen = environments.promoted(state, service, source, version)
        decision = _guarded(state, service, chosen, target, ignore, "promoted to")
        environments.wish(draft, service, chosen, target)
        trailers = {"Signet-Service": service, "Signet-Version": chosen, "Signet-Environment": target}
        subject = f"promote: {service} {chosen} from {source} to {target}"
        return Statement(draft, "promote", subject, trailers, decision)

    if source == target:
        raise UsageError(f"{source} cannot be promoted to itself.", "Name two environments: --from and --to.")
    return land(repo, plan, how)


def _guarded(
    state: RegistryState, service: str, version: str, environment: str, ignore: Sequence[str], done: str
) -> Decision:
    decision = deploy_guard.decide(state, [Candidate(service, version)], environment, ignore=ignore)
    if decision.verdict != "yes":
        raise GuardSaidNo(
            f"{service} {version} was not {done} {environment}: Deploy Guard says {decision.verdict}.",
            "Nothing was changed; each reason says what helps.",
            decision,
        )
    return decision


def undeploy(
    repo: git.Repository,
    service: str,
    environment: str,
    *,
    version: str | None = None,
    instance: str | None = None,
    how: Writing = PLAINLY,
) -> Receipt:
    """Empties one slot. An empty slot is no change."""

    def plan(draft: Draft) -> Statement:
        environments.check_place(draft.state, service, version, environment)
        gone = environments.undeploy(draft, service, environment, version, instance)
        return _placed(draft, "undeploy", service, gone, environment, instance)

    return land(repo, plan, how)


def release(
    repo: git.Repository,
    service: str,
    version: str,
    environment: str,
    *,
    how: Writing = PLAINLY,
) -> Receipt:
    """The version is supported there from now on, beside all others."""

    plan = _supported("release", environments.release, service, version, environment)
    return land(repo, plan, how)


def end_support(
    repo: git.Repository,
    service: str,
    version: str,
    environment: str,
    *,
    how: Writing = PLAINLY,
) -> Receipt:
    """Ends that release. Deployments and releases do not touch each other."""

    plan = _supported("end-support", environments.end_support, service, version, environment)
    return land(repo, plan, how)


def _supported(
    event: str, change: Callable[[Draft, str, str, str], None], service: str, version: str, environment: str
) -> Plan:
    def plan(draft: Draft) -> Statement:
        environments.check_place(draft.state, service, version, environment)
        change(draft, service, version, environment)
        return _placed(draft, event, service, version, environment, None)

    return plan


_PREPOSITIONS = {"undeploy": "from", "end-support": "in"}


def _placed(draft: Draft, event: str, service: str, version: str, environment: str, instance: str | None) -> Statement:
    what = f"{service} {version}".strip()
    where = environment + (f" ({instance})" if instance else "")
    trailers = {"Signet-Service": service, "Signet-Version": version, "Signet-Environment": environment}
    return Statement(draft, event, f"{event}: {what} {_PREPOSITIONS.get(event, 'to')} {where}", trailers)


def propose_fixtures(
    repo: git.Repository, exchanges: Sequence[Exchange], whose: Provenance, *, how: Writing = PLAINLY
) -> Receipt:
    """What exchanges can become of new fixtures, as one commit on a branch of its own, which a newer one replaces.

    The registry's branch stays; merging approves. What was left out, and why, is in the notes of the receipt.
    """
    from signet.registry.facts import proposing

    def plan(draft: Draft) -> Statement:
        subject, branch = proposing.propose(draft, exchanges, whose)
        trailers = {"Signet-Service": whose.service, "Signet-Environment": ", ".join(sorted(whose.environments))}
        return Statement(draft, "propose-fixtures", f"fixtures: {subject}", trailers, branch=branch)

    return land(repo, plan, how)


def delete_integration(repo: git.Repository, consumer: str, provider: str, *, how: Writing = PLAINLY) -> Receipt:
    """Removes all contracts of a consumer with a provider, from all its versions, and their replays, in one commit."""

    def plan(draft: Draft) -> Statement:
        count = publishing.delete_integration(draft, consumer, provider)
        if not draft.edits:
            draft.notes.append(f"{consumer} has no contract with {provider}")
        subject = f"delete: integration of {consumer} with {provider} ({count} versions)"
        about = f"{consumer} with {provider}"
        return Statement(draft, "delete-integration", subject, {"Signet-Service": consumer}, about=about)

    return land(repo, plan, how)


def initialise(
    location: str,
    *,
    name: str,
    bare: bool = False,
    branch: str = "main",
    update: bool = False,
    how: Writing = PLAINLY,
    access: Access = PLAIN,
) -> Receipt:
    """Make a registry of a repository: the template's files as one commit. A registry stays as it is.

    With ``update``, a registry gets the files of this Signet instead, but for those that people changed. ``location``
    is a path (created where nothing is there) or the URL of a remote. UsageError where the repository holds other files
    than it may: see ``facts.founding``.
    """
    people.checked_texts(name=name)
    if not update and not git.is_url(location):
        folder = Path(location)
        if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
            git.create(folder, bare=bare, branch=branch)
    repo = open_for_writing(location, access)

    def plan(draft: Draft) -> Statement:
        if update:
            return Statement(draft, "init", founding.renew(draft, name, branch=repo.branch))
        is_clone = repo.kind == "worktree"
        subject = founding.found(draft, name, repo.location, branch=repo.branch, is_clone=is_clone)
        return Statement(draft, "init", subject)

    return land(repo, plan, how, read=state_at if update else RegistryState)
