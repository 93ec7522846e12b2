"""Style sheet, script and pictures of the pages: files of the package, sent by name, kept by browsers by content.

Only files that are listed when the process starts are ever sent; a name from a request never becomes a path.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import NamedTuple

from fastapi import APIRouter, Response

from signet.service.pages.frame import HEADERS, HERE

router = APIRouter(include_in_schema=False)

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


class File(NamedTuple):
    content: bytes
    media_type: str
    digest: str


@cache
def files() -> dict[str, File]:
    """All files by name."""
    found = {}
    for path in sorted((HERE / "static").iterdir()):
        if path.suffix in TYPES:
            content = path.read_bytes()
            found[path.name] = File(content, TYPES[path.suffix], sha256(content).hexdigest()[:16])
    return found


def address(name: str) -> str:
    """The address of a file; another content has another address."""
    return f"/static/{name}?v={files()[name].digest}"


@router.get("/static/{name}")
def static(name: str, v: str = "") -> Response:
    """One file. A browser may keep it for ever where the address names this very content."""
    found = files().get(name)
    if found is None:
        return Response("There is no such file.", 404, headers=HEADERS, media_type="text/plain")
    kept = "public, max-age=31536000, immutable" if v == found.digest else "no-cache"
    return Response(found.content, headers=HEADERS | {"Cache-Control": kept}, media_type=found.media_type)


@router.get("/favicon.ico")
def favicon() -> Response:
    """The mark, also for browsers that look for it by themselves."""
    return static("mark.svg")
