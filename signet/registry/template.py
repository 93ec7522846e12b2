"""The files of a new registry: ``registry-template/`` of the sources, which the wheel carries beside this module.

Each file that is Signet's ends with a line of its own digest. Where it still fits, nobody has changed the file, and a
newer Signet may write it anew; no list of older templates is needed. It creates no repository and writes nothing.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

from signet import __version__

README = "README.md"
PEOPLES = ("signet.yaml", "environments/")
"""Files (and folders) that are people's from the first commit on: they bear no digest and are never written anew."""
_STAMP = re.compile(rb"(?:# |<!-- )by signet init, until it is changed; sha256:(?P<digest>[0-9a-f]{64})(?: -->)?\n*\Z")


def files(name: str, branch: str) -> dict[str, bytes]:
    """By path in the repository, each file of a new registry called ``name`` with its state on ``branch``."""
    folder = _folder()
    values = {"NAME": name, "BRANCH": branch, "VERSION": __version__}
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            path = file.relative_to(folder).as_posix()
            data = _filled(file, values)
            found[path] = data if path.startswith(PEOPLES) else stamped(path, data)
    return found


def stamped(path: str, data: bytes) -> bytes:
    """The content with its digest in the last line, as a comment of that kind of file."""
    line = f"by signet init, until it is changed; sha256:{sha256(data).hexdigest()}"
    return data + (f"<!-- {line} -->\n" if path.endswith(".md") else f"# {line}\n").encode()


def is_signets(data: bytes) -> bool:
    """Was this file once written by ``signet init``?"""
    return _STAMP.search(data) is not None


def is_unchanged(data: bytes) -> bool:
    """Is it still, byte for byte, what some version of ``signet init`` wrote?"""
    found = _STAMP.search(data)
    return found is not None and sha256(data[: found.start()]).hexdigest().encode() == found["digest"]


def _folder() -> Path:
    """Where the template is: in the package when installed from a wheel, at the top level in a checkout."""
    installed = Path(__file__).with_name("template")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "registry-template"


def _filled(file: Path, values: dict[str, str]) -> bytes:
    """The content with the values in it; in YAML, names stand inside double quotes."""
    text = file.read_bytes().decode("utf-8")
    is_yaml = file.suffix in (".yaml", ".yml")
    for key, value in values.items():
        text = text.replace(f"@{key}@", json.dumps(value, ensure_ascii=False)[1:-1] if is_yaml else value)
    return text.encode("utf-8")
