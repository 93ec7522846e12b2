"""The Pact document of a recording: interactions with stable names, in a stable order, in version 3 or 4.

An interaction is named by its request and status (``GET /offers?category=tea answers 200``). Where that leaves several,
their names get the first digits of a digest of the whole request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from signet.core.formats.canonical import digest, dump
from signet.live.recording import answers, requests

if TYPE_CHECKING:
    from signet.live.recording.recorder import Entry

VERSIONS = {3: "3.0.0", 4: "4.0"}
_LONGEST = 150


def document(consumer: str, provider: str, items: Sequence[Any], version: int) -> dict[str, Any]:
    """The whole document; its metadata says that it was recorded."""
    return {
        "consumer": {"name": consumer},
        "provider": {"name": provider},
        "interactions": list(items),
        "metadata": {"pactSpecification": {"version": VERSIONS[version]}, "signet": {"recorded": True}},
    }


def interactions(entries: Iterable[Entry], version: int) -> list[dict[str, Any]]:
    """The interactions, by path, method, status, and the rest."""
    made = [(_name(entry), entry) for entry in entries]
    several = Counter((name, dump([list(each) for each in entry.states])) for name, entry in made)
    named = []
    for name, entry in made:
        if several[name, dump([list(each) for each in entry.states])] > 1:
            name = f"{name} ({_own(entry)})"
        named.append((name, entry))
    named.sort(key=lambda each: _order(*each))
    return [_interaction(name, entry, version) for name, entry in named]


def _name(entry: Entry) -> str:
    request = entry.request
    query = "&".join(
        f"{quote(name, safe='[]')}={quote(value, safe=',:')}"
        for name in sorted(request.query)
        for value in request.query[name]
    )
    asked = f"{request.method} {request.path}" + (f"?{query}" if query else "")
    if len(asked) > _LONGEST:
        asked = f"{asked[:_LONGEST]}... {digest(asked)[:8]}"
    return f"{asked} answers {entry.status}"


def _own(entry: Entry) -> str:
    return digest([requests.as_json(entry.request), entry.headers.get("Content-Type", "")])[:8]


def _order(name: str, entry: Entry) -> tuple[str, str, int, str, str]:
    return entry.request.path, entry.request.method, entry.status, name, dump([list(each) for each in entry.states])


def _interaction(name: str, entry: Entry, version: int) -> dict[str, Any]:
    item: dict[str, Any] = {"description": name}
    if version == 4:
        item["type"] = "Synchronous/HTTP"
    if entry.states:
        item["providerStates"] = [{"name": each, **({"params": params} if params else {})}
                                  for each, params in entry.states]  # fmt: skip
    item["request"] = _request(entry.request, version)
    item["response"] = _response(entry, version)
    return item


def _request(request: requests.Request, version: int) -> dict[str, Any]:
    found: dict[str, Any] = {"method": request.method, "path": request.path}
    if request.query:
        found["query"] = request.query
    headers = dict(request.headers)
    if request.body is not None and "Content-Type" not in headers:
        headers["Content-Type"] = request.body.media_type
    if headers:
        found["headers"] = _headers(headers, version)
    if request.body is not None:
        body = request.body
        if version == 4:
            encoded = "base64" if body.encoded else False
            found["body"] = {"content": body.content, "contentType": body.media_type, "encoded": encoded}
        elif not body.encoded:
            found["body"] = body.content
    return found


def _headers(headers: dict[str, str], version: int) -> dict[str, Any]:
    return {name: [value] for name, value in headers.items()} if version == 4 else headers


def _response(entry: Entry, version: int) -> dict[str, Any]:
    found: dict[str, Any] = {"status": entry.status}
    rules: dict[str, Any] = {}
    if entry.headers:
        found["headers"] = _headers(entry.headers, version)
        named = {name: _matchers({"match": "type"}) for name in entry.headers if name != "Content-Type"}
        if named:
            rules["header"] = named
    example = answers.example(entry.shape)
    if example is not answers.NOTHING:
        media_type = entry.headers.get("Content-Type", "application/json")
        found["body"] = {"content": example, "contentType": media_type, "encoded": False} if version == 4 else example
        rules["body"] = {path: _matchers(matcher) for path, matcher in answers.rules(entry.shape)}
    if rules:
        found["matchingRules"] = rules
    return found


def _matchers(matcher: dict[str, Any]) -> dict[str, Any]:
    return {"combine": "AND", "matchers": [matcher]}
