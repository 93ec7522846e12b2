"""Secrets out of texts, and a request as a ``curl`` command that reproduces it, without its credentials."""

from __future__ import annotations

import base64
import binascii
import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import quote

from signet.errors import SignetError
from signet.live.replay.functions import Request

MASK = "***"
SHORTEST = 4
LONGEST_BODY = 2_000
_SECRET_HEADER = re.compile(r"(?i)authorization|cookie|token|secret|password|api-?key|auth\Z|session|signature")
_UNTOLD = ("host", "content-length", "user-agent", "accept-encoding")


class Masking:
    """Replaces secrets in texts, in every form in which they may come back."""

    def __init__(self, values: Iterable[str], also: Callable[[str], str] | None = None) -> None:
        self._forms: set[str] = set()
        self._also = also
        self._pattern: re.Pattern[str] | None = None
        for value in values:
            self.learn(value)

    def learn(self, value: str) -> None:
        """From now on this is a secret; also its last word (``Bearer ...``), and what Basic credentials say."""
        words = value.split()
        parts = {value.strip(), value.strip().partition(" ")[2].strip(), *words[1:]}
        if len(words) == 2 and words[0].lower() == "basic":
            parts.update(_decoded(words[1]))
        new = {form for part in parts if len(part) >= SHORTEST for form in _forms(part)} - self._forms
        if new:
            self._forms |= new
            longest_first = sorted(self._forms, key=lambda form: (-len(form), form))
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        return self._also(text) if self._also else text

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Errors of ours leave the block masked: what a team's module or a provider said may stand in them."""
        try:
            yield
        except SignetError as error:
            error.message, error.remedy = self(error.message), self(error.remedy)
            error.args = (error.message,)
            raise

    def curl(self, request: Request, url: str, contract: Request) -> str:
        """The request as a command. Headers that the contract does not have in this form are masked."""
        own = {(name.lower(), value) for name, value in contract.headers}
        words = ["curl", "-X", request.method]
        for name, value in request.headers:
            if name.lower() not in _UNTOLD:
                told = (name.lower(), value) in own and not _SECRET_HEADER.search(name)
                words += ["-H", f"{name}: {value if told else MASK}"]
        if request.body:
            words += ["--data-binary", _shown(request.body)]
        return self(" ".join(map(shlex.quote, [*words, url])))

    def learn_from(self, request: Request, contract: Request) -> None:
        """What a filter added to a request, or put in place of what the contract says, is a secret."""
        own = {(name.lower(), value) for name, value in contract.headers}
        for name, value in request.headers:
            if (name.lower(), value) not in own and name.lower() not in _UNTOLD:
                self.learn(value)


def _forms(text: str) -> set[str]:
    return {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], quote(text, safe=""), quote(text)}


def _decoded(word: str) -> set[str]:
    try:
        text = base64.b64decode(word, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return set()
    return {text, text.partition(":")[2]}


def _shown(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return f"@body  # {len(body)} bytes that are no text"
    return text if len(text) <= LONGEST_BODY else text[:LONGEST_BODY] + "..."
