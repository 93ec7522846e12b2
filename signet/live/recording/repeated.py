"""Secrets that come again where nobody expects them: a provider that repeats a token, a test that puts it into a path.

They are looked for when everything has been recorded, in all of it. So it does not matter whether the place that tells
that a text is a secret came first or last, and the order of the tests changes nothing. Media types are left alone, and
names where the secret is short: ``{"password": "password"}`` says nothing about the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote

from signet.core.formats import said, secrets
from signet.live.recording import answers, requests

SHORTEST = 6
"""Characters of the shortest secret that is looked for; shorter ones are parts of other words."""
LONG = 12
"""Characters from which on a secret is looked for in names too, and must be nowhere in what is written."""
_MEDIA_TYPES = ("Accept", "Content-Type")


def within(entry: Any, known: Iterable[str]) -> list[str]:
    """Those of the known secrets that an entry repeats, the longest first."""
    whole = "\n".join(dict.fromkeys(_texts(entry)))
    return sorted((each for each in known if each in whole), key=lambda each: (-len(each), each))


def replaced(entry: Any, found: Sequence[str]) -> Any:
    """The entry with a sample in the place of each of these."""

    change = Changes(found)
    return replace(
        entry,
        request=_request(entry.request, change),
        states=[(change.text(name), change.value(params)) for name, params in entry.states],
        headers=change.headers(entry.headers),
        shape=change.value(entry.shape),
    )


class Changes:
    """Puts a sample in the place of each of some secrets."""

    def __init__(self, found: Sequence[str]) -> None:
        self._found = found

    def text(self, text: str) -> str:
        """In a text."""
        for secret in self._found:
            text = text.replace(secret, secrets.SAMPLE)
        return text

    def name(self, name: str) -> str:
        """In the name of a member or parameter."""
        return self.text(name) if any(len(each) >= LONG for each in self._found) else name

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """In the values of headers."""
        return {name: value if name in _MEDIA_TYPES else self.text(value) for name, value in headers.items()}

    def value(self, value: Any) -> Any:
        """In a value or shape; a number stays one."""
        if isinstance(value, dict):
            return {self.name(name): self.value(member) for name, member in value.items()}
        if isinstance(value, list):
            items = [self.value(each) for each in value]
            return answers.Items(items, value.sometimes_empty) if isinstance(value, answers.Items) else items
        if isinstance(value, str):
            return self.text(value)
        return 0 if any(one in self._found for one in said.spellings(value)) else value


def _texts(entry: Any) -> Iterator[str]:
    request = entry.request
    yield from (unquote(request.path), *request.headers.values(), *entry.headers.values())
    for name, values in request.query.items():
        yield from (name, *values)
    if request.body is not None:
        body = request.body
        yield from said.texts(_pairs(body) if body.media_type == requests.FORM else body.content)
    for name, params in entry.states:
        yield name
        yield from said.texts(params)
    yield from said.texts(entry.shape)


def _request(request: requests.Request, change: Changes) -> requests.Request:
    segments = []
    for segment in request.path.split("/"):
        text = unquote(segment)
        clean = change.text(text)
        segments.append(segment if clean == text else quote(clean, safe=requests.UNQUOTED))
    query: dict[str, list[str]] = {}
    for name, values in request.query.items():
        query.setdefault(change.name(name), []).extend(map(change.text, values))
    body = None if request.body is None else _body(request.body, change)
    return replace(request, path="/".join(segments), query=query, headers=change.headers(request.headers), body=body)


def _body(body: requests.Body, change: Changes) -> requests.Body:
    if body.encoded:
        return body
    if body.media_type == requests.FORM:
        pairs = [(change.name(name), change.text(value)) for name, value in _pairs(body)]
        return replace(body, content="&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs))
    return replace(body, content=change.value(body.content))


def _pairs(body: requests.Body) -> list[tuple[str, str]]:
    return parse_qsl(body.content, keep_blank_values=True)
