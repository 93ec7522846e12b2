"""Every error that Signet raises on purpose, as one tree.

    SignetError
    ├── UsageError                wrong use: an option, a configuration value
    │   ├── UnknownName           a service, version or environment that the registry does not know
    │   ├── NameRefused           a name that can never be a name here
    │   ├── BeforeHistory         a time before the registry's first commit
    │   └── WebhookRefused        a webhook that points to where the service does not send
    ├── InvalidData               a document is refused; carries every fault with its place
    │   └── VersionConflict       other content under a version that is already published
    ├── Undecided                 no answer now; trying later may help
    │   ├── RegistryUnreachable   the registry cannot be reached, read or locked
    │   ├── ShallowClone          a question about history in a clone that has none
    │   ├── CouldNotTest          a provider that did not start, was not reached, or ended on the way
    │   ├── ForgeUnreachable      the forge gives no answer now, or wants fewer questions
    │   └── LeaseLost             another replica tells a webhook by now
    ├── PushRefused               the remote said no
    │   ├── RaceLost              other writers were faster until the time ran out
    │   └── ForgeRefused          the forge opens or changes no pull request
    ├── GuardSaidNo               a guarded deployment that is not safe; carries the decision
    └── TrustError                owner, signature, or history rewritten

An error says what happened (``message``), why where it is known, and what to do about it (``remedy``). Which exit code
an error has is decided in ``signet.cli.boundary``, not here. Texts may hold names that come from documents: whoever
prints them escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

REWRITTEN = "history-rewritten"
"""The code of a TrustError about a branch that does not go on from where it was."""
LONGEST_MESSAGE = 1_000
LONGEST_POINTER = 2_000


class Fault(NamedTuple):
    """One thing that is wrong with one document.

    ``file`` is a path or a name for the input; ``pointer`` a JSON pointer into it (``""`` is the whole document, None
    where there is no document yet); ``line`` counts from 1 and is 0 where no line is known.
    """

    file: str
    pointer: str | None
    line: int
    message: str

    def __post_init__(self) -> None:
        if len(self.message) > LONGEST_MESSAGE:
            object.__setattr__(self, "message", self.message[: LONGEST_MESSAGE - 3] + "...")
        if self.pointer and len(self.pointer) > LONGEST_POINTER:
            object.__setattr__(self, "pointer", self.pointer[:LONGEST_POINTER].rpartition("/")[0])

    def __str__(self) -> str:
        place = self.file + (f":{self.line}" if self.line else "")
        if self.pointer:
            place += f" #{self.pointer}"
        return f"{place}: {self.message}"

    def as_json(self) -> dict[str, Any]:
        """The fault as a JSON object: file, pointer, line, message."""
        return {"file": self.file, "pointer": self.pointer, "line": self.line or None, "message": self.message}


class SignetError(Exception):
    """The root: a message for people, the remedy, and a stable code for machines."""

    code = "error"

    def __init__(self, message: str, remedy: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UsageError(SignetError):
    """The command was called wrongly."""

    code = "usage"


class UnknownName(UsageError):
    """One or more names that the registry does not know; ``names`` are (code, kind, name, suggestion)."""

    code = "unknown-name"

    def __init__(self, names: Sequence[tuple[str, str, str, str | None]], remedy: str = "") -> None:
        self.names = tuple(names)
        parts = []
        for _code, kind, name, near in self.names:
            parts.append(f"unknown {kind} '{name}'" + (f" (did you mean '{near}'?)" if near else ""))
        text = "; ".join(parts)
        code = self.names[0][0] if self.names else "unknown-name"
        super().__init__(text[:1].upper() + text[1:] + ".", remedy, code=code)


class NameRefused(UsageError):
    """A name that breaks the rules for names."""

    code = "name-refused"


class BeforeHistory(UsageError):
    """A question about a time before the registry's first commit."""


class WebhookRefused(UsageError):
    """A webhook may not be sent where it points."""

    code = "webhook-refused"


class InvalidData(SignetError):
    """A document is refused; ``faults`` are all of its faults, in reading order."""

    code = "record-invalid"

    def __init__(
        self, message: str, faults: Sequence[Fault] = (), remedy: str = "", *, code: str | None = None
    ) -> None:
        super().__init__(message, remedy, code=code)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {fault}" for fault in self.faults)])


class VersionConflict(InvalidData):
    """A version is already published with other content."""

    code = "version-conflict"


class Undecided(SignetError):
    """There is no answer now; later there may be one."""

    code = "undecided"


class RegistryUnreachable(Undecided):
    """The registry, or our cache of it, cannot be reached or read."""

    code = "registry-unreachable"


class ShallowClone(Undecided):
    """A question about history, asked in a clone that was made without it."""

    code = "shallow-clone"


class CouldNotTest(Undecided):
    """The provider could not be tested; nothing may be recorded from it. ``faults`` are the last lines of its log."""

    code = "could-not-test"

    def __init__(
        self, message: str, remedy: str = "", faults: Sequence[Fault] = (), *, code: str | None = None
    ) -> None:
        super().__init__(message, remedy, code=code)
        self.faults = tuple(faults)


class ForgeUnreachable(Undecided):
    """The forge gave no usable answer; ``wait`` is after how many seconds it takes questions again, if it says so.

    ``proposal`` is the branch that is pushed already, and the page at which a person can open its request.
    """

    code = "forge-unreachable"
    proposal: Mapping[str, str] | None = None

    def __init__(self, message: str, remedy: str = "", *, code: str | None = None, wait: int | None = None) -> None:
        super().__init__(message, remedy, code=code)
        self.wait = wait


class LeaseLost(Undecided):
    """What is told by one replica at a time is another's by now; what was to be written was not."""

    code = "lease-lost"


class PushRefused(SignetError):
    """The remote refused the push for a reason that trying again does not change."""

    code = "push-refused"


class RaceLost(PushRefused):
    """The branch kept moving until the time ran out."""

    code = "race-lost"


class ForgeRefused(PushRefused):
    """The forge said no to a pull request: the login, a right, the repository, or what was asked.

    ``proposal`` is as for ForgeUnreachable.
    """

    code = "forge-refused"
    proposal: Mapping[str, str] | None = None


class GuardSaidNo(SignetError):
    """A guarded deployment was not recorded, because the decision was not *yes*."""

    code = "guard-said-no"

    def __init__(self, message: str, remedy: str, decision: Any) -> None:
        super().__init__(message, remedy)
        self.decision = decision


class TrustError(SignetError):
    """An owner rule, a signature, or rewritten history; ``commit`` is where a rewritten branch is now, if anywhere."""

    code = "trust"
    commit = ""
