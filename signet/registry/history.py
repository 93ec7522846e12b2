"""Who said it, and when: blame of the facts behind a reason. Answers from ``git log``; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from signet.core.model.decision import Evidence
from signet.registry import git, layout


@dataclass(frozen=True, slots=True)
class Blame:
    """The last commit, on first-parent history, that changed the file of a fact; author as the commit claims."""

    path: str
    commit: str
    author: str
    email: str
    time: int
    subject: str

    @property
    def date(self) -> str:
        """The commit's date in UTC (RFC 3339); empty for a date that no calendar has."""
        return date_text(self.time)

    def as_json(self) -> dict[str, Any]:
        """The blame as a JSON object."""
        return {
            "path": self.path,
            "commit": self.commit,
            "author": self.author,
            "email": self.email,
            "date": self.date,
            "subject": self.subject,
        }


def date_text(seconds: int) -> str:
    """Seconds since 1970 as RFC 3339 in UTC; empty for a date that no calendar has (commits may claim anything)."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return ""


def blame(repo: git.Repository, commit: str, evidence: Evidence) -> Blame | None:
    """The commit that last changed the file of a fact; None where no such file is.

    ShallowClone where the repository has no history and none can be fetched.
    """
    path = layout.path(*evidence)
    if git.entry(repo, commit, path) is None:
        return None
    last = next(iter(git.log(repo, commit, path=path)), None)
    if last is None:
        return None
    return Blame(path, last.commit, last.author, last.email, last.time, last.subject)
