"""Which CI run this is, and what it builds: commit, branch or tag, pull request, repository, address of the run.

It reads variables by the table in ``signet.cli.ci_systems``, and the event file where a system has one. All of them are
untrusted: whoever names a branch or opens a pull request writes them. An empty value counts as none; a commit is a full
id or nothing; addresses lose their credentials here; names stay as they are, for the checks of names and the writer.
It runs no git, and prints nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from signet.cli.addresses import repository_address, web_address
from signet.cli.ci_systems import SYSTEMS, Cell, Other, System, names_in
from signet.errors import InvalidData

LONGEST = 2000
"""Characters of a value; a longer one says nothing."""

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHORTENED = re.compile(r"[0-9a-f]{7,63}")


@dataclass(frozen=True, slots=True)
class Said:
    """A value, and who says it."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a CI system; what it does not say is None.

    ``what`` tells what ``commit`` is. ``not_built`` is the start of a commit id that must not be taken for what is
    built, and ``must_begin`` the start of the one that is. ``base`` is what a request,
    or a queue of them, would be merged into. ``also`` are other systems whose variables are set.
    """

    system: str
    proof: str
    what: str = ""
    commit: Said | None = None
    branch: Said | None = None
    tag: Said | None = None
    request: Said | None = None
    base: Said | None = None
    repository: Said | None = None
    url: Said | None = None
    fork: bool = False
    not_built: str = ""
    must_begin: str = ""
    also: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def denies(self, commit: str) -> str:
        """Why a commit that is checked out cannot be what this run builds; "" if it can."""
        if self.not_built and commit == self.not_built:
            return f"{self.system} builds a pull request here, and {commit} is a merge that was made for this run alone"
        if self.must_begin and not commit.startswith(self.must_begin):
            return f"{self.system} builds {self.must_begin}, and {commit} is checked out"
        return ""


def detect(environ: Mapping[str, str], checked_out: str = "") -> Run | None:
    """The run that these variables tell of, or None; never an error. ``checked_out``: the commit around here, or ""."""
    proved = [(system, proof) for system in SYSTEMS if (proof := _proof(system, environ))]
    if not proved:
        return None
    system, proof = proved[0]
    also = tuple(f"{one.name} ({by})" for one, by in proved[1:] if one.name not in system.sets)
    return _Reading(system, environ).run(proof, also, checked_out)


def is_unknown(environ: Mapping[str, str]) -> bool:
    """Is this a CI, but none of the table?"""
    return _is_set(environ, "CI") and not any(_proof(system, environ) for system in SYSTEMS)


def _proof(system: System, environ: Mapping[str, str]) -> str:
    found = (names for names in system.proof if all(_is_set(environ, name) for name in names))
    return ", ".join(next(found, ()))


def _is_set(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() not in ("", "0", "false")


class _Reading:
    """The columns of one row, read once; what is odd on the way is noted."""

    def __init__(self, system: System, environ: Mapping[str, str]) -> None:
        self.system = system
        self.environ = environ
        self.notes: list[str] = []
        self.shortened = ""

    def run(self, proof: str, also: tuple[str, ...], checked_out: str) -> Run:
        row = self.system
        facts: dict[str, Any]
        if request := self.first(row.request):
            facts = self.of_request(request)
        elif tag := self.first(row.tag):
            facts = {"what": f"the commit of the tag {tag.value}", "tag": tag, "commit": self.commit(row.commit)}
        elif other := next((one for one in row.others if self.is_built(one, checked_out)), None):
            facts = self.of_other(other)
        else:
            commit = self.commit(row.commit)
            facts = {"what": "the commit that is built", "commit": commit, "branch": self.first(row.branch)}
            facts["base"] = self.commit(row.queue)
        return Run(
            system=row.name,
            proof=proof,
            repository=self.address(row.repository, repository_address),
            url=self.address(row.url, web_address),
            must_begin="" if facts["commit"] else self.shortened,
            also=also,
            notes=tuple(dict.fromkeys(self.notes)),
            **facts,
        )

    def of_request(self, request: Said) -> dict[str, Any]:
        row = self.system
        head = self.commit(row.head)
        merge = None if set(row.commit) & set(row.head) else self.commit(row.commit)
        fork = any(self.is_fork(one) for one in row.forks)
        return {
            "what": "the pull request's head commit",
            "request": request,
            "base": self.commit(row.base),
            "commit": head,
            "branch": None if fork else self.first(row.head_branch),
            "fork": fork,
            "not_built": merge.value if merge and head is None else "",
        }

    def of_other(self, other: Other) -> dict[str, Any]:
        fork = self.is_fork(other.fork)
        return {
            "what": "the commit of the event that started this run",
            "request": self.first(other.request),
            "commit": self.commit((other.commit,)),
            "branch": None if fork else self.first((other.branch,)),
            "fork": fork,
        }

    def is_built(self, other: Other, checked_out: str) -> bool:
        commit = self.commit((other.commit,)) if checked_out else None
        return commit is not None and commit.value == checked_out

    def is_fork(self, told: tuple[Cell, ...]) -> bool:
        """A fork's branch is none of this repository: its ``main`` must not be taken for ours."""
        values = [said.value.casefold() if (said := self.first((cell,))) else "" for cell in told]
        if len(values) == 1:
            return bool(values[0])
        theirs, ours = values
        return bool(ours) and theirs != ours  # theirs is not told where the fork is gone

    def first(self, column: Iterable[Cell]) -> Said | None:
        for cell in column:
            value = self.value(cell)
            if value and (match := re.fullmatch(cell.pattern, value, re.DOTALL)):
                return Said(match[1], f"{cell.place} ({self.system.name})")
        return None

    def commit(self, column: Iterable[Cell]) -> Said | None:
        for cell in column:
            said = self.first((cell,))
            value = said.value.lower() if said else ""
            if not said or not value.strip("0"):  # no digit but 0: git's way to write "none"
                continue
            if _COMMIT.fullmatch(value):
                return Said(value, said.source)
            if _SHORTENED.fullmatch(value):
                self.shortened = value
                self.notes.append(f"{cell.place} is no full commit id: {value}")
        return None

    def address(self, column: Iterable[str], clean: Any) -> Said | None:
        for template in column:
            names = names_in(template)
            values = {name: self.variable(name) for name in names}
            base = clean(values[names[0]])
            if base and all(values.values()):
                quoted = {name: quote(value, safe="/", errors="replace") for name, value in values.items()}
                quoted[names[0]] = base.rstrip("/") if len(names) > 1 else base
                return Said(template.format_map(quoted), f"{', '.join(names)} ({self.system.name})")
        return None

    def value(self, cell: Cell) -> str:
        name, wanted = cell.when
        if name and self.variable(name) != wanted:
            return ""
        if not cell.pointer:
            return self.variable(cell.variable)
        found: Any = self.event(self.variable(cell.variable))
        for step in cell.pointer.split("/")[1:]:
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, int) and not isinstance(found, bool):
            found = str(found)
        return found if isinstance(found, str) and len(found) <= LONGEST else ""

    def variable(self, name: str) -> str:
        value = self.environ.get(name, "")
        return value if len(value) <= LONGEST else ""

    def event(self, path: str) -> Any:
        if not path:
            return None
        try:
            found = event_in(path)
        except InvalidData as error:
            reason = error.faults[0].message if error.faults else error.message
        except OSError as error:
            reason = error.strerror or "it cannot be read"
        except ValueError:
            reason = "it is not a file"
        else:
            return found
        self.notes.append(f"the event file tells nothing: {reason}")
        return None


def event_in(path: str) -> Any:
    """The value of an event file; InvalidData, OSError or ValueError for one that is refused or not there."""
    file = Path(path)
    found = file.stat()
    if not file.is_file():  # reading a pipe or a device might never end
        raise ValueError("it is not a file")
    return _parsed(file, found.st_ino, found.st_size, found.st_mtime_ns)


@lru_cache(maxsize=1)
def _parsed(file: Path, _inode: int, _size: int, _changed: int) -> Any:
    from signet.core.formats import text

    with file.open("rb") as stream:
        return text.read(stream.read(text.MAX_BYTES + 1), "event.json").value
