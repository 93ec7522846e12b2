"""Results of comparisons, kept in the cache: by what was compared, byte for byte, and by what compared it.

A key names both files by their git objects, so that equal keys mean equal bytes, and by the digests that were asked
for; and the comparer. A result is kept only after both files were read and found to be what they should be. So a
result that is found is what reading and comparing them again would give, faults included: a file that is broken never
had one (``docs/decisions/0013-results-of-comparisons-are-kept.md``).

It compares nothing and reads no repository.
"""

from __future__ import annotations

import sys
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, get_type_hints

import signet
from signet.core.model.comparison import Comparison, Finding
from signet.registry.cache import root
from signet.registry.kept import Kept

Key = tuple[str, ...]

FOLDER = "comparisons"
ROOMS = ("core", "core/compare", "core/formats", "core/model", "registry")
"""The folders of Signet whose code may change a result, or whether a file is read without a fault."""
SEVERITIES = ("error", "warning", "undecided")


class Comparisons:
    """The results that are kept in a cache directory (None: the usual one)."""

    def __init__(self, cache: Path | None = None) -> None:
        self.kept = Kept(root(cache) / FOLDER)

    def comparison(self, key: Key) -> Comparison | None:
        """The result that is kept; None where there is none."""
        by = comparer()
        return None if by is None else _comparison(self.kept.value(("comparison", by, *key)))

    def keep(self, key: Key, found: Comparison) -> None:
        """Keep a result, unless it hung on this process: on how much of its stack was left."""
        from signet.core.compare.modes import TOO_DEEP

        by = comparer()
        if by is not None and not any(one.code == "undecided" and TOO_DEEP in one.message for one in found.findings):
            self.kept.keep(("comparison", by, *key), [list(finding) for finding in found.findings])

    def digest(self, key: Key) -> str | None:
        """The digest that is kept for an agreed spec; None where there is none."""
        by = comparer()
        found = None if by is None else self.kept.value(("digest", by, *key))
        is_digest = isinstance(found, str) and len(found) == 64 and set(found) <= set("0123456789abcdef")
        return found if is_digest else None

    def keep_digest(self, key: Key, digest: str) -> None:
        """Keep the digest of an agreed spec."""
        by = comparer()
        if by is not None:
            self.kept.keep(("digest", by, *key), digest)


def _comparison(value: Any) -> Comparison | None:
    """The comparison that a kept value is; None where it is none."""
    if not isinstance(value, list):
        return None
    findings, types = [], _types()
    for one in value:
        if not isinstance(one, list) or [type(field) for field in one] != types:
            return None
        finding = Finding(*one)
        if finding.severity not in SEVERITIES or finding.interaction < 0:
            return None
        findings.append(finding)
    return Comparison(tuple(findings))


@cache
def _types() -> list[type]:
    """The types of a finding's fields."""
    return list(get_type_hints(Finding).values())


@cache
def comparer() -> str | None:
    """What compares, as a hash: Signet's code, and the versions of Python and of the libraries that have a say.

    Nobody has to think of it: another release, another jsonschema-rs, or a line changed in a checkout is another
    comparer. None where that cannot be told; then nothing is kept, and nothing that is kept is used.
    """
    from importlib.metadata import PackageNotFoundError, version

    import pydantic
    import pydantic_core
    import yaml

    # What runs may be older than the files, where somebody upgrades under a running process: it says its own version.
    libraries = (pydantic.VERSION, pydantic_core.__version__, yaml.__version__)
    told = sha256("\n".join((signet.__version__, sys.version, *libraries)).encode())
    try:
        for name in ("jsonschema-rs", "jiter"):
            told.update(f"\n{name} {version(name)}\n".encode())
        for path in _sources():
            data = path.read_bytes()
            told.update(f"{path.name} {len(data)}\n".encode())
            told.update(data)
    except (OSError, PackageNotFoundError):
        return None
    return told.hexdigest()


def _sources() -> list[Path]:
    """The files of Signet's code that count; FileNotFoundError where a folder has none (an installation without)."""
    home = Path(signet.__file__).parent
    found = [home / "errors.py"]
    for room in ROOMS:
        own = sorted((home / room).glob("*.py"))
        if not own:
            raise FileNotFoundError(home / room)
        found += own
    return found
