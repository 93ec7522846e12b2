"""What a live test found: rows (an operation of the spec, or an interaction of a contract) with their problems.

A test that could not be made is no outcome: ``signet.errors.CouldNotTest`` is raised, and nothing may be recorded from
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the provider did otherwise than promised.

    ``code`` is stable; ``request`` reproduces it (a ``curl`` command without credentials), where one does. All texts
    may hold what a provider sent: whoever shows them escapes them.
    """

    code: str
    message: str
    request: str = ""

    def as_json(self) -> dict[str, str]:
        """code, message, request."""
        return {"code": self.code, "message": self.message, "request": self.request}


@dataclass(frozen=True, slots=True)
class Row:
    """An operation (``GET /items/{id}``) or an interaction (its description), and how it went.

    ``requests`` were sent in ``seconds``; ``succeeded`` of them got a 2xx answer. ``skipped`` says why nothing was
    sent, where nothing was. ``advice`` is worth knowing and decides nothing.
    """

    name: str
    problems: tuple[Problem, ...] = ()
    requests: int = 0
    succeeded: int = 0
    seconds: float = 0.0
    skipped: str = ""
    advice: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The row as a JSON object; without times, so that equal tests give equal bytes."""
        return {
            "name": self.name,
            "passed": not self.problems,
            "requests": self.requests,
            "succeeded": self.succeeded,
            "skipped": self.skipped,
            "problems": [problem.as_json() for problem in self.problems],
            "advice": [problem.as_json() for problem in self.advice],
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """A test of one subject: a spec, or the contract of one consumer. ``details`` go into the record (seed, counts).

    ``subject`` is for people (``spec of catalog``, ``contract of cart``); ``tool`` has a name and a version. A test
    that sent nothing has not passed. One that ``informs`` decides nothing here, whatever came of it.
    """

    kind: Literal["spec-test", "replay"]
    subject: str
    tool: str
    rows: tuple[Row, ...]
    seconds: float = 0.0
    details: Mapping[str, str | int] = field(default_factory=dict)
    informs: bool = False

    def informing(self) -> Outcome:
        """The same as one that decides nothing: what is wrong is advice."""
        rows = tuple(replace(row, problems=(), advice=(*row.problems, *row.advice)) for row in self.rows)
        return replace(self, rows=rows, informs=True)

    @property
    def passed(self) -> bool:
        """True if something was sent and nothing was wrong."""
        return self.requests > 0 and not self.failed

    @property
    def failed(self) -> tuple[Row, ...]:
        """The rows with a problem."""
        return tuple(row for row in self.rows if row.problems)

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return sum(row.requests for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """The outcome as a JSON object, without times."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "tool": self.tool,
            "passed": self.passed,
            "informs": self.informs,
            "requests": self.requests,
            "details": dict(self.details),
            "rows": [row.as_json() for row in self.rows],
        }
