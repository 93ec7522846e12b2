"""The files of a new registry: ``registry-template/`` of the sources, which the wheel carries beside this module.

It does not create a repository and writes nothing: ``signet init`` commits what it returns.
"""

from __future__ import annotations

import json
from pathlib import Path

NAME_TOKEN = "@NAME@"  # noqa: S105 - a placeholder, not a password


def files(name: str) -> dict[str, bytes]:
    """By path in the repository, the content of each file of a new registry that is called ``name``."""
    folder = _folder()
    return {
        path.relative_to(folder).as_posix(): _named(path, name) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def _folder() -> Path:
    """Where the template is: in the package when installed from a wheel, at the top level in a checkout."""
    installed = Path(__file__).with_name("template")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "registry-template"


def _named(path: Path, name: str) -> bytes:
    """The content with the registry's name in it; in YAML the token stands inside double quotes."""
    text = path.read_bytes().decode("utf-8")
    in_quotes = json.dumps(name, ensure_ascii=False)[1:-1]
    return text.replace(NAME_TOKEN, in_quotes if path.suffix == ".yaml" else name).encode("utf-8")
