"""The file of a recording: where it may be, and how it gets there whole or not at all.

Only a recording of the same pair is ever replaced, or a file that is not there yet: a name that is wrong by accident
must not cost anybody a spec.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from signet.core.formats import pact, text
from signet.errors import InvalidData, SignetError, Undecided, UsageError
from signet.live.recording.recorder import Recording


def target(path: Path, consumer: str, provider: str, option: str = "--path") -> Path:
    """The file to write, found out before anything is recorded; in a folder it is ``CONSUMER-PROVIDER.json``.

    What is not there yet is a file if it ends with ``.json``, and else a folder. UsageError if something else is there,
    or if it could not be written; ``option`` is where another is named.
    """
    try:
        is_folder = path.is_dir() or (path.suffix.lower() != ".json" and not path.exists())
        file = path / f"{consumer}-{provider}.json" if is_folder else path
        if file.exists() and not file.is_file():
            raise UsageError(f"{file} is there, and is no file.", f"Name another one with {option}.")
        folder = next(each for each in file.absolute().parents if each.exists())
        if not folder.is_dir():
            raise UsageError(f"{file} cannot be written: {folder} is not a folder.", f"Choose another {option}.")
        with tempfile.TemporaryFile(dir=folder):
            pass  # better known now than after the tests
        old = file.read_bytes() if file.exists() else b""
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a path"
        raise UsageError(f"{path} cannot be used: {reason}.", f"Name another file with {option}.") from None
    if old.strip():
        _refuse_other(file, old, consumer, provider, option)
    return file


def _refuse_other(file: Path, old: bytes, consumer: str, provider: str, option: str) -> None:
    remedy = f"Name another file with {option}, or remove that one."
    try:
        value = text.read(old, str(file)).value
    except InvalidData:
        raise UsageError(f"{file} is there, and is no contract.", remedy) from None
    if not pact.looks_like(value):
        raise UsageError(f"{file} is there, and is no contract.", remedy)
    pair = tuple(side.get("name") if isinstance(side := value.get(role), dict) else None
                 for role in ("consumer", "provider"))  # fmt: skip
    if pair != (consumer, provider):
        raise UsageError(f"{file} is there, and is a contract of another pair.", remedy)
    metadata = value.get("metadata")
    own = metadata.get("signet") if isinstance(metadata, dict) else None
    if not (isinstance(own, dict) and own.get("recorded") is True):
        raise UsageError(f"{file} is there, and was not recorded by Signet.", remedy)


@dataclass(frozen=True, slots=True)
class Written:
    """A recording that is in its file; ``changed``: something else was there before."""

    recording: Recording
    file: Path
    changed: bool

    def __str__(self) -> str:
        found = self.recording
        what = f"{count(found.interactions, 'interaction')} of {count(found.exchanges, 'exchange')}"
        return f"{self.file}: {what}" + ("" if self.changed else ", as before")

    @property
    def incomplete(self) -> Undecided | None:
        """The error that says what is not in it; None where nothing is missing."""
        lost = self.recording.lost
        if not lost:
            return None
        told = "; ".join(f"{why} ({number})" for why, number in sorted(lost.items()))
        return Undecided(
            f"{count(sum(lost.values()), 'exchange')} could not be recorded: {told}.",
            "The contract holds the others.",
            code="recording-incomplete",
        )


def written(recording: Recording, file: Path) -> Written:
    """Write a recording; Undecided if nothing was recorded, or if it cannot be written."""
    if not recording.interactions and not recording.lost:
        raise Undecided(
            "Nothing was recorded: no request came and was answered.",
            "Let the tests send their requests to the URL that is told.",
            code="nothing-recorded",
        )
    changed = write(file, recording.content, count(recording.interactions, "interaction"))
    return Written(recording, file, changed)


def count(number: int, what: str) -> str:
    """A number and what it counts, in words."""
    return f"{number} {what}" + ("" if number == 1 else "s")


def write(file: Path, content: bytes, what: str) -> bool:
    """Put the file there, whole or not at all; True if that changed anything. ``what`` is lost if it cannot be done."""
    name = ""
    try:
        if file.exists() and file.read_bytes() == content:
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name[:100]}.", dir=file.absolute().parent)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
            os.fchmod(out.fileno(), 0o644)
        Path(name).replace(file)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise lost(file, what, error.strerror or type(error).__name__) from None
    return True


def lost(file: Path, what: str, why: str) -> SignetError:
    """The error that says what is lost."""
    return Undecided(
        f"{what} could not be written to {file}: {why}. They are lost; what was there before is unchanged.",
        "Make room, and run the tests again.",
        code="recording-lost",
    )
