"""Drawn exchanges as Pact files of versions 2 to 4, and where a place of a body stands in them."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote, quote_plus

from signet.core.formats.text import dump, escape
from tests.core.drawn_specs import FORM, SECRETS, Exchange, Given


def contract(exchanges: list[Exchange], version: int, encoded: bool = False) -> dict[str, Any]:
    """A Pact file of version 2, 3 or 4."""
    return {
        "consumer": {"name": "c"},
        "provider": {"name": "p"},
        "interactions": [interaction(each, f"d{number}", version, encoded) for number, each in enumerate(exchanges)],
        "metadata": {"pactSpecification": {"version": f"{version}.0.0" if version < 4 else "4.0"}},
    }


def interaction(exchange: Exchange, description: str, version: int, encoded: bool = False) -> dict[str, Any]:
    """An exchange as an interaction."""
    path, query, headers, crumbs = exchange.path, [], {}, []
    for each in (*exchange.given, *map(_secret, exchange.secrets)):
        for name, text in each.texts:
            if each.place == "path":
                path += "/" + quote(text, safe=",;=.*")
            elif each.place == "query":
                query.append((name, text))
            elif each.place == "header":
                headers[name] = text
            else:
                crumbs.append(f"{name}={text}")
    if crumbs:
        headers["Cookie"] = "; ".join(crumbs)
    if exchange.accept:
        headers["Accept"] = exchange.accept
    request: dict[str, Any] = {"method": exchange.method.upper(), "path": path}
    if query:
        request["query"] = _query(query, version)
    _write(request, headers, exchange.sends, exchange.body, exchange.has_body, version, encoded)
    response: dict[str, Any] = {"status": exchange.status}
    answered = {name: text for each in exchange.headers for name, text in each.texts}
    _write(response, answered, exchange.answers, exchange.expects, exchange.has_expectation, version, encoded)
    whole: dict[str, Any] = {"description": description, "request": request, "response": response}
    return whole | ({"type": "Synchronous/HTTP"} if version == 4 else {})


def _secret(name: str) -> Given:
    _, place, shown, text = SECRETS[name]
    return Given(shown, place, ((shown, text),))


def _query(query: list[tuple[str, str]], version: int) -> Any:
    if version == 2:
        return "&".join(f"{quote_plus(name)}={quote_plus(text)}" for name, text in query)
    found: dict[str, list[str]] = {}
    for name, text in query:
        found.setdefault(name, []).append(text)
    return found


def _write(
    side: dict[str, Any], headers: dict[str, str], media: str, body: Any, has_body: bool, version: int, encoded: bool
) -> None:
    if media:
        headers = {**headers, "Content-Type": media}
    if headers:
        side["headers"] = {name: [text] for name, text in headers.items()} if version == 4 else headers
    if not has_body:
        return
    if version < 4:
        side["body"] = body
    elif encoded:
        written = body if media == FORM else dump(body)
        side["body"] = {
            "content": base64.b64encode(written.encode()).decode(),
            "contentType": media,
            "encoded": "base64",
        }
    else:
        side["body"] = {"content": body, "contentType": media, "encoded": False}


def body_pointer(number: int, side: str, version: int, encoded: bool, place: tuple[Any, ...]) -> str:
    """Where a place of a body stands in the Pact file."""
    pointer = f"/interactions/{number}/{side}/body" + ("/content" if version == 4 else "")
    return pointer if version == 4 and encoded else pointer + "".join(f"/{escape(str(step))}" for step in place)
