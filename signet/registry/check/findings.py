"""What can be wrong with a registry, or with a change of it: the table of rules, and one finding.

Which files a rule looks at is said where the rule is; nothing here reads anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from signet.errors import Fault, InvalidData


class Rule(NamedTuple):
    """``level`` is "error" (a fault of the registry) or "warning"; ``about`` says what is so, for lists of rules."""

    level: str
    about: str


RULES: dict[str, Rule] = {
    "tree-invalid": Rule("error", "A directory that readers would not agree about: a name twice, a name that is none."),
    "merge-conflict": Rule("error", "The change and its base changed one file in different ways."),
    "octopus-merge": Rule("error", "A merge has more than two parents, so nobody can say what it changed."),
    "embedded-repository": Rule("error", "A directory looks like a Git repository; programs may run what is in it."),
    "mail-map": Rule("error", "A .mailmap would change the names of those who said something."),
    "mode": Rule("error", "Something other than a plain file: a link, an executable file, a submodule."),
    "unknown-path": Rule("error", "A path where the registry keeps nothing."),
    "reserved-path": Rule("warning", "A path that a later format will use; nothing reads it yet."),
    "name-clash": Rule("error", "Two names that differ only in case, or a name that also means another service."),
    "registry-removed": Rule("error", "There is no signet.yaml, so this is no registry."),
    "record-invalid": Rule("error", "A file is broken, or its path says something else than its content."),
    "content-changed": Rule("error", "A file that is named by its digest never changes."),
    "record-removed": Rule("error", "A published record is gone; only a whole integration may be deleted."),
    "version-changed": Rule("error", "A published version lost or changed what it said; it may only grow."),
    "policy-version": Rule("error", "The policy in signet.yaml changed, and its version is not one more than before."),
    "signature-removed": Rule("error", "The signature of a record is gone, and the record is still there."),
    "reference-missing": Rule("error", "A record names another one that is not there."),
    "reference-loose": Rule("warning", "A record names something that is not there, and nobody needs."),
    "secret-found": Rule("error", "A contract or a fixture holds what is surely a secret."),
    "secret-suspected": Rule("warning", "A file holds what may be a secret."),
    "owners-differ": Rule("warning", "CODEOWNERS gives a service or an environment to others than its owners."),
    "fixture-unfit": Rule("warning", "A fixture does not fit the agreed spec, so no mock ever answers with it."),
    "environment-removed": Rule("warning", "An environment is not registered any more."),
    "agreed-spec-removed": Rule("warning", "A service that others have contracts with has no agreed spec any more."),
}
"""By stable code, every rule there is."""


class Finding(NamedTuple):
    """One thing that is wrong. ``line`` counts from 1; it is 0, and ``pointer`` None, where there is none."""

    code: str
    path: str
    message: str
    pointer: str | None = None
    line: int = 0

    @property
    def level(self) -> str:
        """``error`` or ``warning``."""
        return RULES[self.code].level

    def as_json(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return {
            "code": self.code,
            "level": self.level,
            "path": self.path,
            "line": self.line or None,
            "pointer": self.pointer,
            "message": self.message,
        }


def of_faults(error: InvalidData, path: str, code: str = "record-invalid") -> Iterator[Finding]:
    """The faults of a file that is refused, each as a finding."""
    for fault in error.faults or (Fault(path, None, 0, error.message),):
        yield Finding(code, fault.file, fault.message, fault.pointer, fault.line)


def ordered(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once: errors first, then by path and line."""
    return tuple(sorted(set(found), key=lambda one: (one.level, one.path, one.line, one.code, one.message)))
