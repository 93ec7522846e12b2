"""Specs and contracts by their digests, and their comparisons: made here, or found among those that are kept.

What is stored is hashed again; a file that is not what its name says is InvalidData. A comparison is never read from
the registry. Kept ones (``signet.registry.comparisons``) spare reading both files, and change no answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from signet.core.formats import openapi, pact, text
from signet.core.model.comparison import Comparison
from signet.core.model.contract import Contract
from signet.core.model.spec import Spec
from signet.errors import Fault, InvalidData, SignetError
from signet.registry import comparisons, documents, git, layout
from signet.registry.tree import MOST_TAKEN_OVER, Tree

if TYPE_CHECKING:
    from signet.core.compare import Prepared

T = TypeVar("T", Spec, Contract)
K = TypeVar("K", bound=tuple[str, ...])
V = TypeVar("V")


class Contents(Tree):
    """The specs and contracts of a registry at a commit."""

    def __init__(self, repo: git.Repository, commit: str | None) -> None:
        super().__init__(repo, commit)
        self._contracts: dict[tuple[str, ...], Contract] = {}
        self._specs: dict[tuple[str, ...], Spec] = {}
        self._agreed: dict[str, Spec | None] = {}
        self._agreed_digests: dict[str, str | None] = {}
        self._prepared: dict[tuple[str, str], Prepared] = {}
        self._compared: dict[tuple[str, str, str], Comparison] = {}
        self._comparisons: dict[tuple[str, str, str, str], Comparison] = {}

    def take_over(self, other: Tree, changed: Collection[str]) -> None:
        """The same for specs, contracts and comparisons, but for those that a changed file had a part in."""
        super().take_over(other, changed)
        if not isinstance(other, Contents) or len(other._comparisons) > MOST_TAKEN_OVER // 10:
            return
        gone = _Gone.among(other, changed)
        self._contracts = _kept(other._contracts, gone, contract=slice(1, 4))
        self._specs = _kept(other._specs, gone, spec=(1, 2))
        self._agreed, self._agreed_digests = dict(other._agreed), dict(other._agreed_digests)
        for service in gone.agreed:
            self._agreed.pop(service, None)
            self._agreed_digests.pop(service, None)
        self._prepared = _kept(other._prepared, gone, spec=(0, 1))
        self._compared = _kept(other._compared, gone, spec=(1, 2))
        self._comparisons = _kept(other._comparisons, gone, contract=slice(0, 3), spec=(1, 3))

    def stored(self, *identity: str) -> documents.ContractFile | documents.SpecFile | None:
        """The record of a contract or a spec, which is not hashed again; the identity may have a short digest."""
        kind, service, *others, digest = identity
        if kind == "spec":
            return self._record(documents.SpecFile, identity, service=service, digest=digest)
        return self._record(documents.ContractFile, identity, service=service, provider=others[0], digest=digest)

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
        """The digest of the agreed spec of a service; the spec is not read where its digest is kept."""
        if service not in self._agreed_digests:
            key = self._agreed_key(service)
            known = None if key is None else self._kept.digest(key)
            if known is None and (found := self.agreed(service)) is not None:
                known = found.digest
                if key is not None:
                    self._kept.keep_digest(key, known)
            self._agreed_digests[service] = known
        return self._agreed_digests[service]

    def comparison(self, consumer: str, provider: str, contract: str, spec: str) -> Comparison:
        """The comparison of a stored contract with a stored spec (full digests).

        Where none is kept, both files are read, and must be what they should be.
        """
        asked = (consumer, provider, contract, spec)
        found = self._comparisons.get(asked)
        if found is None and isinstance(self.like, Contents) and self._compares_alike(*asked):
            found = self._comparisons[asked] = self.like.comparison(*asked)
        if found is None:
            key = self._comparison_key(*asked)
            found = None if key is None else self._kept.comparison(key)
            if found is None:
                found = self._made(*asked)
                if key is not None:
                    self._kept.keep(key, found)
            self._comparisons[asked] = found
        return found

    def _compares_alike(self, consumer: str, provider: str, contract: str, spec: str) -> bool:
        """Are both files of a comparison the same in the commit that this one is like?"""
        stored = layout.path("spec", provider, spec)
        if self.mark(stored) is None:
            stored = layout.path("agreed-spec", provider)
        return self.is_alike(stored) and self.is_alike(layout.path("contract", consumer, provider, contract))

    def _made(self, consumer: str, provider: str, contract: str, spec: str) -> Comparison:
        """Compare: once for contracts that are equal but for the names in them, with one spec that is made ready."""
        from signet.core.compare import compare, prepare

        wanted, promised = self.contract(consumer, provider, contract), self.spec(provider, spec)
        same = (_told(wanted), provider, spec)
        if same not in self._compared:
            if (provider, spec) not in self._prepared:
                self._prepared[provider, spec] = prepare(promised)
            self._compared[same] = compare(wanted, self._prepared[provider, spec])
        return self._compared[same]

    @cached_property
    def _kept(self) -> comparisons.Comparisons:
        return comparisons.Comparisons(self.repo.cache)

    def _comparison_key(self, consumer: str, provider: str, contract: str, spec: str) -> comparisons.Key | None:
        """What a comparison follows from: who and what is asked for, and both files; None where reading must tell."""
        try:
            self._check_format()
            expected = self.entry(layout.path("contract", consumer, provider, contract))
            path = layout.path("spec", provider, spec)
            promised = self.entry(path)
            if promised is None:
                path = layout.path("agreed-spec", provider)
                promised = self.entry(path)
        except SignetError:
            return None
        if expected is None or promised is None:
            return None
        return (consumer, provider, contract, spec, expected.id, path, promised.id)

    def _agreed_key(self, service: str) -> comparisons.Key | None:
        try:
            self._check_format()
            path = layout.path("agreed-spec", service)
            found = self.entry(path)
        except SignetError:
            return None
        return None if found is None else (path, found.id)


class _Gone(NamedTuple):
    """What a change took away or replaced: contracts and specs by their names and short digests, agreed specs."""

    contracts: frozenset[tuple[str, str, str]]
    specs: frozenset[tuple[str, str]]
    agreed: frozenset[str]

    @classmethod
    def among(cls, before: Contents, changed: Iterable[str]) -> _Gone:
        """A spec that is new counts where the agreed one was asked for: that may have stood for it."""
        facts = [found for path in changed if (found := layout.identity(path)) is not None]
        asked = before._agreed.keys() | before._agreed_digests.keys()
        specs = frozenset(
            (one[1], one[2])
            for one in facts
            if one[0] == "spec" and (one[1] in asked or before.mark(layout.path(*one)) is not None)
        )
        contracts = frozenset(
            (one[1], one[2], one[3])
            for one in facts
            if one[0] == "contract" and before.mark(layout.path(*one)) is not None
        )
        return cls(contracts, specs, frozenset(one[1] for one in facts if one[0] == "agreed-spec"))

    def contract(self, consumer: str, provider: str, digest: str) -> bool:
        """Was this one taken away or replaced?"""
        return bool(self.contracts) and (consumer, provider, layout.short(digest)) in self.contracts

    def spec(self, service: str, digest: str) -> bool:
        """The same of a spec; one may be known by the agreed spec."""
        return service in self.agreed or (bool(self.specs) and (service, layout.short(digest)) in self.specs)


def _kept(
    known: dict[K, V], gone: _Gone, *, contract: slice | None = None, spec: tuple[int, int] | None = None
) -> dict[K, V]:
    """What is not gone, of what was known by keys that have a contract, or a service and a spec, at these positions.

    Mostly nothing is gone; then nothing is looked at one by one.
    """
    found = dict(known)  # in one step: somebody may still be reading there
    if contract is not None and gone.contracts:
        found = {key: one for key, one in found.items() if not gone.contract(*key[contract])}
    if spec is not None and (gone.specs or gone.agreed):
        service, digest = spec
        found = {key: one for key, one in found.items() if not gone.spec(key[service], key[digest])}
    return found


def _told(contract: Contract) -> str:
    """A hash of all that a contract says but for the names of its pair.

    Finer than its digest: what the digest overlooks (the order of interactions) can stand in findings.
    """
    told = {key: value for key, value in contract.source.items() if key not in ("consumer", "provider")}
    return sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()


def _absent(path: str, who: str) -> InvalidData:
    return documents.refused(path, [Fault(path, None, 0, f"is missing, and {who} refers to it")])


def _hashed(path: str, digest: str, found: T) -> T:
    if found.digest != digest:
        raise documents.refused(path, [Fault(path, "/digest", 0, f"says {digest}, but its content is {found.digest}")])
    return found
