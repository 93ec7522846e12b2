"""``state_at(commit) -> RegistryState``: what the tree at one commit says, read late and only what is asked for.

The tree is the state: nothing here looks at messages, dates, a work tree, or another commit. A file that is needed and
broken raises InvalidData naming it; what is not asked for is not read, so it cannot change an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from signet.core.formats import openapi, pact, text
from signet.core.model import names
from signet.core.model.comparison import Comparison
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec
from signet.core.model.state import Environment, Manifest, Placement, Service
from signet.core.model.verification import Replay, SpecTest
from signet.errors import Fault, InvalidData, UnknownName, UsageError
from signet.registry import documents, git, layout

if TYPE_CHECKING:
    from signet.core.compare import Prepared

R = TypeVar("R", bound=documents.Record)


def state_at(repo: git.Repository, commit: str | None) -> RegistryState:
    """The state at a commit; None is a repository without commits.

    UsageError where the commit is no registry; InvalidData where ``signet.yaml`` is broken or of a later format.
    """
    state = RegistryState(repo, commit)
    founded = state.entry(layout.REGISTRY)
    if founded is None:
        raise UsageError(
            f"{repo.location} is not a registry: it has no {layout.REGISTRY}.",
            "Make it one with 'signet init', or pass another --registry.",
            code="not-a-registry",
        )
    state._unread = founded.id
    if not git.lacks(repo, founded.id):
        state._check_format()
    return state


class RegistryState:
    """``signet.core.model.state.State`` over one commit of a repository, with the contents behind the digests."""

    def __init__(self, repo: git.Repository, commit: str | None) -> None:
        self.repo = repo
        self.commit = commit
        self._folders = {""}
        self._unread: str | None = None
        self._texts: dict[str, str] = {}
        self._records: dict[str, documents.Record | None] = {}
        self._versions: dict[str, frozenset[str]] = {}
        self._contracts: dict[tuple[str, ...], Contract] = {}
        self._specs: dict[tuple[str, ...], Spec] = {}
        self._agreed: dict[str, Spec | None] = {}
        self._prepared: dict[str, Prepared] = {}
        self._comparisons: dict[tuple[str, str], Comparison] = {}

    # --- files

    def entry(self, path: str) -> git.Entry | None:
        """The tree entry at a path; InvalidData for what is no regular file, or stands below what is no directory."""
        if self.commit is None:
            return None
        found = git.entry(self.repo, self.commit, path)
        if found is None:
            self._check_folder(path.rpartition("/")[0])
        elif not found.is_file:
            raise documents.refused(path, [Fault(path, None, 0, f"is not a regular file (mode {found.mode:o})")])
        return found

    def bytes_at(self, path: str) -> bytes | None:
        """The content of a file, or None; InvalidData above 20 MB (the size is looked up first)."""
        if self._unread is not None:
            self._check_format()
        found = self.entry(path)
        if found is None:
            return None
        try:
            return git.blob(self.repo, found.id, text.MAX_BYTES)
        except InvalidData as error:
            raise documents.refused(path, [Fault(path, None, 0, error.message)]) from None

    def _check_format(self) -> None:
        """Parse ``signet.yaml``, once, before any other file; in a clone without blobs it is fetched with the first."""
        self._unread = None
        data = self.bytes_at(layout.REGISTRY)
        assert data is not None  # noqa: S101 - its entry was found
        documents.parse(documents.RegistryFile, data, layout.REGISTRY)

    def _fetch(self, ids: Iterable[str]) -> None:
        git.prefetch(self.repo, [*ids, self._unread] if self._unread is not None else ids)

    def listing(self, path: str) -> tuple[git.Entry, ...]:
        """The entries of a directory; none where nothing is there, InvalidData where something else is.

        A file or a link in place of ``environments/production`` would make everything that is live there invisible.
        """
        if self.commit is None:
            return ()
        self._check_folder(path)
        return git.entries(self.repo, self.commit, path)

    def _check_folder(self, path: str) -> None:
        if path in self._folders or self.commit is None:
            return
        above, _, _ = path.rpartition("/")
        if above:
            self._check_folder(above)
        found = git.entry(self.repo, self.commit, path)
        if found is not None and not found.is_tree:
            raise documents.refused(path, [Fault(path, None, 0, f"is not a directory (mode {found.mode:o})")])
        self._folders.add(path)

    def _record(self, model: type[R], identity: layout.Identity, **fields: str) -> R | None:
        path = layout.path(*identity)
        if path not in self._records:
            data = self.bytes_at(path)
            self._records[path] = None if data is None else documents.parse(model, data, path, fields)
            if data is not None and model in (documents.ContractFile, documents.SpecFile):
                self._texts[path] = data.decode("utf-8-sig")  # for the places of faults inside
        found = self._records[path]
        return found if isinstance(found, model) else None

    def _names(self, path: str, kind: str, ending: str) -> frozenset[str]:
        """The names that a directory lists: of sub-directories for the ending "", else of files with that ending.

        What has another mode is listed too, so that whoever needs it is told that it cannot be read; a file where
        directories should be is not: teams keep notes there.
        """
        found = []
        for one in self.listing(path):
            name = one.name.removesuffix(ending) if ending else one.name
            if (ending or not one.is_file) and one.name.endswith(ending) and names.fault_of(kind, name) is None:
                found.append(name)
        return frozenset(found)

    # --- names

    @cached_property
    def _services(self) -> frozenset[str]:
        return self._names("services", "service", "")

    def services(self) -> frozenset[str]:
        """The names of all services that the registry knows."""
        return self._services

    @cached_property
    def _environments(self) -> frozenset[str]:
        return self._names("environments", "environment", ".yaml")

    def environments(self) -> frozenset[str]:
        """The names of all registered environments."""
        return self._environments

    def versions(self, service: str) -> frozenset[str]:
        """The names of all versions of a service."""
        if service not in self._versions:
            self._versions[service] = self._names(f"services/{service}/versions", "version", ".json")
        return self._versions[service]

    def resolve_alias(self, name: str) -> str:
        """The registry's name for a name in a Pact file: itself, or the service that has it under ``aliases``."""
        if name in self._services:
            return name
        self.expect(("service", service) for service in self._services)
        found = [service for service in sorted(self._services) if name in self.service(service).aliases]
        if len(found) > 1:
            raise UsageError(
                f"The alias {name!r} belongs to several services: {', '.join(found)}.",
                "Take it out of all but one services/<service>/service.yaml.",
            )
        return found[0] if found else name

    # --- people's files

    def environment(self, name: str) -> Environment:
        """A registered environment; UnknownName for others."""
        record = self._record(documents.EnvironmentFile, ("environment", name))
        if record is None:
            near = names.nearest(name, self._environments)
            raise UnknownName(
                [("unknown-environment", "environment", name, near)], "'signet register-env' registers a new one."
            )
        return record.noun(name)

    def service(self, name: str) -> Service:
        """A service, with defaults where people said nothing about it."""
        record = self._record(documents.ServiceFile, ("service", name))
        return Service(name) if record is None else record.noun(name)

    def placement_file(self, environment: str, service: str) -> documents.PlacementFile:
        """The environment file of a service as people wrote it; an empty one where there is none."""
        record = self._record(documents.PlacementFile, ("placement", environment, service))
        return documents.PlacementFile() if record is None else record

    def placement(self, environment: str, service: str) -> Placement:
        """What is live of a service in an environment; an empty placement where nothing is."""
        return self.placement_file(environment, service).noun(service)

    def placements(self, environment: str) -> Mapping[str, Placement]:
        """By service, what is live in an environment.

        InvalidData for anything there that is no placement (but dot files): a ``cart.yml`` that nobody reads would make
        a live version invisible.
        """
        root = f"environments/{environment}"
        listed = [one for one in self.listing(root) if not one.name.startswith(".")]
        self._fetch(one.id for one in listed if one.is_file)
        strange = [f"{root}/{one.name}" for one in listed if layout.identity(f"{root}/{one.name}") is None]
        strange += [f"{root}/{one.name}" for one in listed if one.is_tree]
        if strange:
            faults = [Fault(path, None, 0, "is no state of a service: SERVICE.yaml is expected") for path in strange]
            raise documents.refused(root, faults)
        services = [one.name.removesuffix(".yaml") for one in listed]
        return {service: self.placement(environment, service) for service in services}

    # --- machines' files

    def manifest(self, service: str, version: str) -> Manifest | None:
        """A version, or None if it is not known."""
        record = self._record(documents.ManifestFile, ("manifest", service, version), service=service, version=version)
        return None if record is None else record.noun()

    def head(self, service: str, branch: str) -> str | None:
        """The version that a branch saw last for the first time."""
        record = self._record(documents.HeadFile, ("head", service, branch), service=service, branch=branch)
        return None if record is None else record.version

    def branches(self, service: str) -> Mapping[str, str]:
        """By branch of a service, its head; every branch that was ever seen."""
        root = f"services/{service}/branches"
        listed = [one for one in self.listing(root) if one.name.endswith(".json")]
        self._fetch(one.id for one in listed if one.is_file)
        return {head.branch: head.version for one in listed if (head := self._head_at(f"{root}/{one.name}", service))}

    def _head_at(self, path: str, service: str) -> documents.HeadFile | None:
        """The head whose file this is; the file itself has the name of the branch, which its path must agree with."""
        data = self.bytes_at(path)
        found = None if data is None else documents.parse(documents.HeadFile, data, path, {"service": service})
        if found is not None and layout.path("head", service, found.branch) != path:
            raise documents.refused(path, [Fault(path, "/branch", 0, "its path is that of another branch")])
        return found

    def consumers(self, provider: str) -> frozenset[str]:
        """The services that have, or once had, a contract with a provider. Looks at trees only."""
        return frozenset(name for name in self._services if self.listing(f"services/{name}/contracts/{provider}"))

    def main_head(self, service: str) -> str | None:
        """The head of the main branch of a service."""
        return self.head(service, self.service(service).main_branch)

    def spec_test(self, service: str, version: str) -> SpecTest | None:
        """The latest spec test of a provider version."""
        record = self._record(documents.SpecTestFile, ("spec-test", service, version), service=service, version=version)
        return None if record is None else record.noun()

    def replay(self, service: str, version: str, consumer: str, contract: str) -> Replay | None:
        """The latest replay, by a provider version, of a consumer's contract (full digest)."""
        record = self._record(
            documents.ReplayFile,
            ("replay", service, version, consumer, contract),
            service=service,
            version=version,
            consumer=consumer,
            contract=contract,
        )
        return None if record is None else record.noun()

    def has_agreed_spec(self, service: str) -> bool:
        """Is there an agreed spec? Looks at the tree only."""
        return self.entry(layout.path("agreed-spec", service)) is not None

    def has_spec(self, service: str) -> bool:
        """Has the service any spec: agreed, of a version, or tested? Looks at trees only."""
        return self.has_agreed_spec(service) or bool(self.listing(f"services/{service}/specs"))

    def has_replays(self, service: str) -> bool:
        """Has any version of the service the result of any replay? Looks at trees only."""
        root = f"services/{service}/verifications"
        return any(
            one.name != "spec.json"
            for version in self.listing(root)
            if version.is_tree
            for one in self.listing(f"{root}/{version.name}")
        )

    # --- contents

    def contract(self, consumer: str, provider: str, digest: str) -> Contract:
        """A stored contract by its full digest; its content is hashed again. InvalidData if it is absent or differs."""
        key = ("contract", consumer, provider, digest)
        if key not in self._contracts:
            record = self._record(documents.ContractFile, key, service=consumer, provider=provider, digest=digest)
            path = layout.path(*key)
            if record is None:
                raise _absent(path, f"a version of {consumer}")
            document = text.Document(path, self._texts[path], record.pact, "json", "/pact")
            self._contracts[key] = _hashed(path, digest, pact.contract(document, consumer=consumer, provider=provider))
        return self._contracts[key]

    def spec(self, service: str, digest: str) -> Spec:
        """A spec by its full digest: one of a version, or the agreed one. InvalidData if it is absent or differs."""
        key = ("spec", service, digest)
        if key not in self._specs:
            record = self._record(documents.SpecFile, key, service=service, digest=digest)
            path = layout.path(*key)
            if record is not None:
                document = text.Document(path, self._texts[path], record.document, "json", "/document")
                self._specs[key] = _hashed(path, digest, openapi.spec(document))
            else:
                agreed = self.agreed(service)
                if agreed is None or agreed.digest != digest:
                    raise _absent(path, f"a version of {service}")
                self._specs[key] = agreed
        return self._specs[key]

    def agreed(self, service: str) -> Spec | None:
        """The agreed spec of a service."""
        if service not in self._agreed:
            path = layout.path("agreed-spec", service)
            data = self.bytes_at(path)
            self._agreed[service] = None if data is None else openapi.spec(text.read(data, path))
        return self._agreed[service]

    def agreed_spec(self, service: str) -> str | None:
        """The digest of the agreed spec of a service."""
        found = self.agreed(service)
        return None if found is None else found.digest

    def comparison(self, consumer: str, provider: str, contract: str, spec: str) -> Comparison:
        """The comparison of a stored contract with a stored spec: computed here, never read from the registry.

        Once for equal contents, whoever they belong to; but both files are read, and must be what they should be.
        """
        from signet.core.compare import compare, prepare

        wanted, promised = self.contract(consumer, provider, contract), self.spec(provider, spec)
        if (contract, spec) not in self._comparisons:
            if spec not in self._prepared:
                self._prepared[spec] = prepare(promised)
            self._comparisons[contract, spec] = compare(wanted, self._prepared[spec])
        return self._comparisons[contract, spec]

    # --- fetching together

    def where(self, need: tuple[str, ...]) -> str:
        """The path of a fact."""
        return layout.path(*need)

    def expect(self, needs: Iterable[tuple[str, ...]]) -> None:
        """Fetch together, in a clone without blobs, what will be asked for; elsewhere nothing has to be done."""
        if self.commit is None or self.repo.kind != "remote" or not git.is_partial(self.repo):
            return
        ids = []
        for need in needs:
            found = git.entry(self.repo, self.commit, layout.path(*need))
            if found is None and need[0] == "spec":
                found = git.entry(self.repo, self.commit, layout.path("agreed-spec", need[1]))
            if found is not None and found.is_file:
                ids.append(found.id)
        self._fetch(ids)


def _absent(path: str, who: str) -> InvalidData:
    return documents.refused(path, [Fault(path, None, 0, f"is missing, and {who} refers to it")])


T = TypeVar("T", Spec, Contract)


def _hashed(path: str, digest: str, found: T) -> T:
    if found.digest != digest:
        raise documents.refused(path, [Fault(path, "/digest", 0, f"says {digest}, but its content is {found.digest}")])
    return found
