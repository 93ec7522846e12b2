"""The story of a shape as a bare registry, written by one ``git fast-import``: one pipeline, one commit.

Above 20,000 pipelines several share a commit, as in a registry that somebody moved from elsewhere. Records come from
the product's own models and layout; the result must be the tree that ``signet.registry.record`` makes of the same
story.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import IO

from signet.core.formats import pact
from signet.registry import documents, editing, git, layout, record
from signet.registry.landing import Origin
from tests.growth import contents
from tests.growth.story import Pipeline, Shape, pipelines, service_name

COMMITS = 20_000
CHAIN = 5
"""What is newest is near to what it is a difference of, as in a repository that git has packed."""
FOUNDED = 1_700_000_000
MINUTE = 60
_ANY_VERSION = "0.0.0-any"


def grow(path: Path, shape: Shape) -> str:
    """Make the registry of a shape at a path, bare; returns its head."""
    found(path)
    together = max(1, -(-shape.services * shape.versions // COMMITS))
    command = ["git", "--git-dir", str(path), "fast-import", "--quiet", f"--depth={CHAIN}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as importing:
        assert importing.stdin is not None
        _write(importing.stdin, shape, together)
        importing.stdin.close()
    if importing.returncode:
        raise RuntimeError(f"git fast-import ended with {importing.returncode}")
    head = git.head(git.open_repository(str(path)))
    assert head is not None
    return head


def found(path: Path) -> git.Repository:
    """A new registry with the environments of the story."""
    record.initialise(str(path), name="grown", bare=True)
    repository = git.open_repository(str(path))
    record.register_environment(repository, "test", order=0)
    return repository


def origin(one: Pipeline) -> Origin:
    """Where a pipeline says that its facts come from."""
    commit = f"{one.service * 1_000_003 + one.round:040x}"
    run = f"https://ci.example.com/{service_name(one.service)}/runs/{one.round + 1}"
    return Origin(f"https://git.example.com/{service_name(one.service)}@{commit}", run, commit)


def _write(out: IO[bytes], shape: Shape, together: int) -> None:
    """The stream for ``git fast-import``."""
    written: set[str] = set()
    story = pipelines(shape)
    when = FOUNDED
    parent = b"from refs/heads/main^0\n"
    while batch := list(islice(story, together)):
        when += MINUTE * len(batch)
        message = _message(batch).encode()
        out.write(b"commit refs/heads/main\ncommitter CI <ci@example.com> %d +0000\n" % when)
        out.write(b"data %d\n%b\n%b" % (len(message), message, parent))
        parent = b""
        files: dict[str, bytes] = {}
        for one in batch:
            files.update(_files(one, written))
        for path, data in files.items():
            out.write(b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(data), data))
        out.write(b"\n")


def _message(batch: list[Pipeline]) -> str:
    first = batch[0]
    what = f"{service_name(first.service)} {first.version}" + (f" and {len(batch) - 1} more" if batch[1:] else "")
    told = {
        "Signet-Event": "publish",
        "Signet-Service": service_name(first.service),
        "Signet-Version": first.version,
        "Signet-Source": origin(first).source,
        "Signet-Run": origin(first).run,
    }
    return f"publish: {what}\n\n" + "".join(f"{key}: {value}\n" for key, value in told.items())


def _files(one: Pipeline, written: set[str]) -> Iterator[tuple[str, bytes]]:
    """The files that one pipeline writes; contents that stand there already are in ``written``."""
    service, version = service_name(one.service), one.version
    spec, _ = contents.spec(one.service, one.spec)
    here = layout.path("spec", service, spec.digest)
    if here not in written:
        written.add(here)
        yield here, documents.to_json(documents.SpecFile(service=service, digest=spec.digest, document=spec.source))
    contracts = {}
    for number in one.providers:
        provider, contract = service_name(number), contents.contract(one.service, number, one.contracts, one.broken)
        contracts[provider] = contract.digest
        here = layout.path("contract", service, provider, contract.digest)
        if here not in written:
            written.add(here)
            stored = pact.stored(contract)
            kept = documents.ContractFile(service=service, provider=provider, digest=contract.digest, pact=stored)
            yield here, documents.to_json(kept)
    whence = origin(one)
    yield (
        layout.path("manifest", service, version),
        documents.to_json(
            documents.ManifestFile(
                service=service,
                version=version,
                branches=["main"],
                spec=spec.digest,
                contracts=contracts,
                commit=whence.commit,
                build_url=whence.run,
            )
        ),
    )
    head = documents.HeadFile(service=service, branch="main", version=version)
    yield layout.path("head", service, "main"), documents.to_json(head)
    tested = documents.SpecTestFile(service=service, version=version, spec=spec.digest, result="passed", tool="st")
    yield layout.path("spec-test", service, version), documents.to_json(tested)
    for environment in one.environments:
        placed = _placement().replace(_ANY_VERSION.encode(), version.encode())
        yield layout.path("placement", environment, service), placed


@cache
def _placement() -> bytes:
    """The state of an environment as the product writes it, of any version (each one through ruamel.yaml is slow)."""
    return editing.edited(None, lambda mapping: mapping.update(deployed=[{"version": editing.quoted(_ANY_VERSION)}]))
