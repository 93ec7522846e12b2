"""Files of the lifecycle: written, read and removed only where they are regular files of our own user.

A folder may be one that others write to (``/tmp``, a shared workspace): what another user, a link or a pipe has put
under a name of ours is refused, and never followed. It knows no form of what is in them.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from signet.errors import UsageError

LARGEST = 64 * 1024
"""Bytes of a file that is read here."""

_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


def opened(path: Path, what: str) -> int:
    """A descriptor, for reading and writing, of an empty file at ``path``; UsageError where it may not be ours."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
    except (OSError, ValueError) as error:
        raise _refused(path, what, error) from None
    if not _ours(os.fstat(descriptor)):
        os.close(descriptor)
        raise _foreign(path, what)
    os.ftruncate(descriptor, 0)
    return descriptor


def written(path: Path, content: bytes, what: str, mode: int = 0o600) -> None:
    """Put a file there with this content, whole or not at all; UsageError where it cannot be done."""
    may_be_written(path, what)
    try:
        descriptor, name = tempfile.mkstemp(prefix=".signet-", dir=path.absolute().parent)
    except (OSError, ValueError) as error:
        raise _refused(path, what, error) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _refused(path, what, error) from None


def may_be_written(path: Path, what: str) -> None:
    """UsageError where a file of that name cannot be written, or where something that is not ours has its name."""
    try:
        about = path.lstat()
    except FileNotFoundError:
        parent = path.absolute().parent
        if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
            raise UsageError(
                f"{what} {path} cannot be written: its folder is not there, or not writable.", "Make the folder first."
            ) from None
        return
    except (OSError, ValueError) as error:
        raise _refused(path, what, error) from None
    if not _ours(about):
        raise _foreign(path, what)


def content(path: Path, what: str) -> bytes | None:
    """What a file of ours holds (its first 64 KiB), or None where there is no file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _FLAGS)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _refused(path, what, error) from None
    with os.fdopen(descriptor, "rb") as file:
        if not _ours(os.fstat(file.fileno())):
            raise _foreign(path, what)
        return file.read(LARGEST)


def removed(path: Path, expected: bytes | None = None) -> None:
    """Remove a file, if it is ours and (where that is asked) has the ``expected`` content; else leave it."""
    with suppress(OSError, UsageError):
        held = content(path, "The file")
        if held is not None and expected in (None, held):
            path.unlink()


def _ours(about: os.stat_result) -> bool:
    """A second name (a hard link) may be another file that somebody wants to see overwritten."""
    return stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid() and about.st_nlink == 1


def _foreign(path: Path, what: str) -> UsageError:
    return UsageError(f"{what} {path} is there, and is not a plain file of your own.", "Name another one.")


def _refused(path: Path, what: str, error: OSError | ValueError) -> UsageError:
    if isinstance(error, OSError) and path.is_symlink():
        return _foreign(path, what)
    reason = getattr(error, "strerror", None) or "it is not a path"
    return UsageError(f"{what} {path} cannot be used: {reason}.", "Name another one.")
