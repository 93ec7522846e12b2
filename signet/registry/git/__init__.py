"""All of git, as plain functions: the only place that runs git or opens an object store.

What comes out is str, bytes, commit ids and small frozen values; no object of a git library leaves this package. It
knows commits, trees and files, and nothing of what a registry means by them.

    address     what may be named as a registry: a safe URL or a path
    program     the git program with a clean environment
    repository  the handle; open, create, head, refresh
    mirror      the cached mirror of a remote
    objects     trees and blobs      log         history      writing  new commits
    merging     what a merge would leave
    lock, seen  what a mirror keeps beside its objects          blank   an empty repository
    settings    the few keys of the user's git configuration that matter here
    transport   how a remote is talked to: by the git program, or in pure Python
    publishing  the compare-and-swap worktree    the same for a clone with a work tree
    source      a service's own checkout         backend      git's HTTP server, for signet.registry.serve
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from signet.registry.git.address import is_url
from signet.registry.git.log import LogEntry, changed_paths, is_ancestor, log, read_commit, resolve
from signet.registry.git.objects import Entry, blob, entries, entry, lacks, prefetch
from signet.registry.git.program import end_running, version
from signet.registry.git.repository import Repository, create, head, host, open_repository, refresh, remote

if TYPE_CHECKING:
    from signet.registry.git.backend import http_backend
    from signet.registry.git.merging import Merged, merged, octopuses, revision
    from signet.registry.git.mirror import fetched_at, is_partial
    from signet.registry.git.publishing import propose, publish
    from signet.registry.git.settings import identity
    from signet.registry.git.source import describe_source
    from signet.registry.git.transport import Push
    from signet.registry.git.worktree import recover
    from signet.registry.git.writing import commit

_AT_FIRST_USE = {
    "Merged": "merging",
    "Push": "transport",
    "commit": "writing",
    "describe_source": "source",
    "fetched_at": "mirror",
    "http_backend": "backend",
    "identity": "settings",
    "is_partial": "mirror",
    "merged": "merging",
    "octopuses": "merging",
    "propose": "publishing",
    "publish": "publishing",
    "recover": "worktree",
    "revision": "merging",
}
"""What a question does not need, and in which module it is: imported when it is named."""

__all__ = [
    "Entry",
    "LogEntry",
    "Merged",
    "Push",
    "Repository",
    "blob",
    "changed_paths",
    "commit",
    "create",
    "describe_source",
    "end_running",
    "entries",
    "entry",
    "fetched_at",
    "head",
    "host",
    "http_backend",
    "identity",
    "is_ancestor",
    "is_partial",
    "is_url",
    "lacks",
    "log",
    "merged",
    "octopuses",
    "open_repository",
    "prefetch",
    "propose",
    "publish",
    "read_commit",
    "recover",
    "refresh",
    "remote",
    "resolve",
    "revision",
    "version",
]


def __getattr__(name: str) -> Any:
    if name not in _AT_FIRST_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_AT_FIRST_USE[name]}"), name)
    return found
