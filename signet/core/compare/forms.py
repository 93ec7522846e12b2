"""Bodies that are no JSON and can be compared all the same: URL-encoded forms, multipart and plain text.

A form becomes an object; its texts become the values that the schema allows, written as the spec's Encoding Objects say
(``signet.core.compare.encodings``). Files in a multipart body stay texts. Of XML and other types nothing is known.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

from signet.core.compare import encodings
from signet.core.compare.encodings import Part
from signet.core.compare.media import comparable
from signet.core.compare.modes import Misfit
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source
from signet.core.compare.written import WHOLE, fields, kinds_of, scalar
from signet.core.formats.bodies import Body
from signet.core.formats.text import dump

_NAME = re.compile(r'^content-disposition:.*?\bname="?([^";\r\n]*)"?', re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_KEYS = re.compile(r"[^\[\]]+")


def readable(source: Source, body: Body, media_type: str, node: Node | None) -> bool:
    """True if a body of this media type can be compared with the schema."""
    kind = comparable(media_type)
    if kind == "text":
        kinds = kinds_of(source, node) if node is not None else frozenset[str]()
        return not isinstance(body.value, (dict, list)) and (not kinds or bool(kinds - WHOLE))
    return kind == "json" or (kind != "" and isinstance(body.value, (str, dict)))


def is_empty(body: Body) -> bool:
    """True for the empty text, which is how Pact writes that there is no body."""
    return body.value == "" and isinstance(body.value, str) and not body.opaque


def parts(body: Body, media_type: str) -> list[Part] | None:
    """The fields of a form; None if the body is no form that is written as text."""
    if not isinstance(body.value, str):
        return None
    kind = comparable(media_type)
    if kind == "form":
        return _urlencoded(body.value)
    return _multipart(body.value, body.content_type or media_type) if kind == "multipart" else None


def value(judge: Judge, body: Body, media_type: str, node: Node) -> Any:
    """The value of a body that is compared with a schema."""
    found = parts(body, media_type)
    kind = comparable(media_type)
    if found is not None:
        return encodings.value(judge, found, node)
    if kind == "text":
        return scalar(judge, body.value if isinstance(body.value, str) else dump(body.value), node)
    if kind != "json" and isinstance(body.value, dict):
        texts = [((name,), each) for name, each in body.value.items() if isinstance(each, str)]
        return {**body.value, **fields(judge, texts, node)}
    return body.value


def misfits(judge: Judge, body: Body, media_type: str, node: Node) -> list[Misfit]:
    """What does not fit about the parts of a multipart body beside their values: media types and headers."""
    found = parts(body, media_type) if comparable(media_type) == "multipart" else None
    return encodings.misfits(judge, found, node) if found else []


def _urlencoded(written: str) -> list[Part]:
    found = []
    for part in written.split("&"):
        name, _, each = part.partition("=")
        if part:
            found.append(Part(_keys(unquote_plus(name)), unquote_plus(each), {}))
    return found


def _keys(name: str) -> tuple[str, ...]:
    """``a[b]`` as ("a", "b"); ``a[]`` is a name of its own, or ``a``'s items: it stays as it is."""
    keys = _KEYS.findall(name)
    return tuple(keys) if keys and not name.startswith("[") and not name.endswith("[]") else (name,)


def _multipart(written: str, content_type: str) -> list[Part]:
    named = _BOUNDARY.search(content_type)
    boundary = f"--{named.group(1)}" if named else written.lstrip().split("\n", 1)[0].strip()
    found = []
    for part in written.split(boundary)[1:] if boundary.strip("-") or boundary else ():
        head, separator, content = part.replace("\r\n", "\n").partition("\n\n")
        name = _NAME.search(head)
        if separator and name:
            lines = [line.partition(":") for line in head.split("\n") if ":" in line]
            headers = {key.strip().lower(): text.strip() for key, _, text in lines}
            found.append(Part((name.group(1),), content.removesuffix("\n"), headers))
    return found
