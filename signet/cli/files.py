"""The files that a user names: read, told apart (Pact or OpenAPI), checked; every fault of every file at once.

It reads the disk and nothing else; what is published under which name is decided by the command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signet.errors import Fault, InvalidData, UsageError

if TYPE_CHECKING:
    from signet.core.formats.text import Document
    from signet.core.model.contract import Contract
    from signet.core.model.spec import Spec

ENDINGS = (".json", ".yaml", ".yml")
KINDS = {"spec": "spec", "provider": "spec", "contract": "contract", "consumer": "contract"}
"""What ``--type`` may say, in the words of Signet 2023 and in ours."""


@dataclass(frozen=True, slots=True)
class SpecFile:
    """A spec from a file: the noun, the bytes to keep (bundled, where it was split over files), and its places.

    ``origin`` tells of a place in a spec that was split in which file it is written, and where.
    """

    path: Path
    document: Document
    spec: Spec
    text: bytes
    origin: Callable[[str], tuple[Document, str]] | None = None


@dataclass(frozen=True, slots=True)
class ContractFile:
    """A contract from a file, and its places."""

    path: Path
    document: Document
    contract: Contract


def expanded(paths: Iterable[Path], endings: tuple[str, ...] = ENDINGS) -> list[Path]:
    """The files that are named, with each folder replaced by the files in it that end so; each once."""
    found: list[Path] = []
    for path in paths:
        if is_folder(path):
            inside = sorted(one for one in path.iterdir() if one.suffix in endings and is_file(one))
            if not inside:
                kinds = "JSON or YAML" if endings == ENDINGS else " or ".join(endings)
                raise UsageError(f"The folder {path} holds no {kinds} file.", "Name the files themselves.")
            found += inside
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def is_folder(path: Path) -> bool:
    """Is there a folder? What cannot be a path is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def is_file(path: Path) -> bool:
    """Is there a file? What cannot be a path is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def read(paths: Iterable[Path], kind: str | None = None) -> list[SpecFile | ContractFile]:
    """All files, each as what it is, or as the ``kind`` that is asked for; InvalidData with every fault of all."""
    found: list[SpecFile | ContractFile] = []
    faults: list[Fault] = []
    refused: list[InvalidData] = []
    for path in paths:
        try:
            found.append(_one(path, kind))
        except InvalidData as error:
            refused.append(error)
            faults += error.faults
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise InvalidData(
            f"{len(refused)} files are refused; nothing was recorded.",
            faults,
            "Mend the places that are named; --type says what a file is, where that cannot be seen.",
        )
    return found


def spec(path: Path) -> SpecFile:
    """One spec."""
    return _spec(path, *_parsed(path))


def contract(path: Path) -> ContractFile:
    """One contract."""
    return _contract(path, _parsed(path)[0])


def _one(path: Path, kind: str | None) -> SpecFile | ContractFile:
    from signet.core.formats import openapi, pact

    document, data = _parsed(path)
    if kind is None:
        if openapi.looks_like(document.value):
            kind = "spec"
        elif pact.looks_like(document.value):
            kind = "contract"
        else:
            why = "it is neither an OpenAPI document ('openapi' or 'swagger') nor a Pact file ('interactions')"
            raise InvalidData(f"{path} is refused.", [document.fault("", why)], "Say what it is with --type.")
    return _contract(path, document) if kind == "contract" else _spec(path, document, data)


def _parsed(path: Path) -> tuple[Document, bytes]:
    from signet.core.formats import text

    data = content(path)
    return text.read(data, str(path)), data


def _contract(path: Path, document: Document) -> ContractFile:
    from signet.core.formats import pact

    return ContractFile(path, document, pact.contract(document))


def _spec(path: Path, document: Document, data: bytes) -> SpecFile:
    from signet.core.formats import openapi, text
    from signet.core.formats.bundling import bundle

    read = openapi.self_contained(document)
    if read is not None:
        return SpecFile(path, document, read, data)
    folder = path.resolve().parent

    def load(relative: str) -> Document:
        try:
            target = (folder / relative).resolve()
        except (OSError, ValueError, RuntimeError):  # too long, a NUL, links that lead round in a circle
            raise InvalidData(f"{path} is refused.", [document.fault("", f"'{relative}' is not a path")]) from None
        if not target.is_relative_to(folder):
            raise InvalidData(f"{path} is refused.", [document.fault("", f"'{relative}' leads out of its folder")])
        return text.read(content(path.parent / relative), str(path.parent / relative))

    whole_spec = bundle(document, load)
    value = whole_spec.value
    if value == document.value:
        return SpecFile(path, document, openapi.spec(document), data)
    whole = text.dump(value, 2)
    read = openapi.spec(text.Document(str(path), whole, value, "json"))
    return SpecFile(path, document, read, whole.encode() + b"\n", whole_spec.origin)


def content(path: Path) -> bytes:
    """What stands in a file; at most one byte more than a document may have, for a device never ends."""
    from signet.core.formats.text import MAX_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not a path"
        raise UsageError(f"{path} cannot be read: {reason}.", "Check the path.") from None
