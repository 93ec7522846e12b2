"""Requests that were sent, and the ``curl`` commands that send them again.

Credentials are not in them: a header that was given for the test is written ``***``.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from signet.live.spec_test.target import HIDDEN

STEPS = 6
"""How many requests a command has at most, the last ones; schemathesis makes no longer chains."""
LONGEST_BODY = 2_000
"""Bytes of a body that are written out."""
_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+\Z")


class Sent(NamedTuple):
    """A request as it was sent. ``valid`` if it was meant to fit the spec."""

    method: str
    uri: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    valid: bool

    @property
    def malformed(self) -> bool:
        """Is the body said to be JSON, and is none?"""
        kinds = [value for name, value in self.headers if name.lower() == "content-type"]
        if self.valid or not kinds or not re.match(r"application/([\w.+-]+\+)?json\b", kinds[0]):
            return False
        try:
            json.loads(self.body.decode("utf-8"))
        except (ValueError, RecursionError):
            return True
        return False


def sent(recorder: Mapping[str, Any], identity: str) -> tuple[Sent, ...]:
    """The request of a case, behind those that its scenario sent to get there."""
    found: list[Sent] = []
    node: Any = identity
    while isinstance(node, str) and len(found) < STEPS:
        case = recorder.get("cases", {}).get(node, {})
        request = recorder.get("interactions", {}).get(node, {}).get("request")
        if not request:
            break
        mode = case.get("value", {}).get("meta", {}).get("generation", {}).get("mode")
        found.append(_sent(request, mode != "negative"))
        node = case.get("parent_id")
    return tuple(reversed(found))


def _sent(request: Mapping[str, Any], valid: bool) -> Sent:
    headers = tuple(
        (str(name), str(value))
        for name, values in request.get("headers", {}).items()
        for value in (values if isinstance(values, list) else [values])
    )
    body = request.get("body")
    content = base64.b64decode(body["$base64"]) if isinstance(body, dict) and "$base64" in body else b""
    if isinstance(body, str):
        content = body.encode("utf-8", "surrogatepass")
    return Sent(str(request.get("method", "")), str(request.get("uri", "")), headers, content, valid)


def curl(requests: tuple[Sent, ...], secret: frozenset[str]) -> str:
    """Commands for a shell (bash, where something does not print) that send the requests; ``secret`` headers hidden."""
    return " && ".join(_curl(one, secret) for one in requests)


def _curl(request: Sent, secret: frozenset[str]) -> str:
    words = ["curl", "-X", _quoted(request.method.encode())]
    for name, value in request.headers:
        shown = HIDDEN if name.lower() in secret else value
        words += ["-H", _quoted(f"{name}: {shown}".encode("latin-1", "replace") if shown else f"{name};".encode())]
    if len(request.body) > LONGEST_BODY:
        words += ["--data-binary", f"'({len(request.body)} bytes)'"]
    elif request.body:
        words += ["--data-binary", _quoted(request.body)]
    return " ".join([*words, _quoted(request.uri.encode("utf-8", "replace"))])


def _quoted(value: bytes) -> str:
    """A word of a shell; what does not print stands as an escape inside ``$'...'``."""
    text = value.decode("utf-8", "surrogateescape")
    if _PLAIN.match(text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "'\\''") + "'"
    shown = "".join(
        char if char.isprintable() and char not in "\\'" else "".join(f"\\x{byte:02x}" for byte in _bytes(char))
        for char in text
    )
    return f"$'{shown}'"


def _bytes(char: str) -> bytes:
    return char.encode("utf-8", "surrogateescape")
