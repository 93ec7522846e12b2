"""One request or response of a Pact interaction in the normal form that ``signet.core.formats.pact`` describes.

It finds faults and hands them to ``complain``; it knows no version but by what it sees.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from signet.core.formats import bodies, generators, matchers, text

Complain = Callable[[str, str], None]
"""Takes (pointer, message)."""


class Side:
    """Reads one request or response."""

    def __init__(self, complain: Complain, pointer: str, value: Mapping[str, Any], wraps: bool) -> None:
        self.complain, self.pointer, self.value, self.wraps = complain, pointer, value, wraps

    def read(self, side: str) -> dict[str, Any]:
        headers = self.headers()
        found: dict[str, Any] = {"headers": headers, "rules": self.rules()}
        found["generators"] = generators.read(self.value.get("generators"), f"{self.pointer}/generators")
        if side == "request":
            found["method"] = self.words("method").upper()
            found["path"], _, trailing = self.words("path").partition("?")
            found["query"] = self.query() + tuple(self.parsed(trailing, f"{self.pointer}/path"))
        else:
            found["status"] = self.status()
            found["says_status"] = "status" in self.value
        content_type = next((value for name, value, _ in headers if name.lower() == "content-type"), None)
        body = bodies.expected(self.value, self.pointer, content_type, self.wraps)
        if isinstance(body, bodies.Body):
            found["body"] = body
        elif body is not None:
            self.complain(f"{self.pointer}/body", body)
        return found

    def words(self, key: str) -> str:
        value = self.value.get(key)
        if isinstance(value, str) and value:
            return value
        place = f"{self.pointer}/{key}" if key in self.value else self.pointer
        self.complain(place, f"the {key} of the request is missing or not a text")
        return ""

    def status(self) -> int:
        status = self.value.get("status", 200)
        if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
            self.complain(f"{self.pointer}/status", "the status is not a number from 100 to 599")
            return 0
        return status

    def headers(self) -> tuple[tuple[str, str, str], ...]:
        headers = self.value.get("headers")
        place = f"{self.pointer}/headers"
        if headers is None:
            return ()
        if not isinstance(headers, dict):
            self.complain(place, "headers are an object of name and value")
            return ()
        found = []
        for name, value in headers.items():
            own = f"{place}/{text.escape(name)}"
            values = value if isinstance(value, list) else [value]
            if all(_is_scalar(each) for each in values):
                found.append((name, ", ".join(map(_scalar, values)), own))
            else:
                self.complain(own, "the value of a header is a text, or a list of texts")
        return tuple(found)

    def query(self) -> tuple[tuple[str, str, str], ...]:
        query = self.value.get("query")
        place = f"{self.pointer}/query"
        if query is None:
            return ()
        if isinstance(query, str):
            return tuple(self.parsed(query, place))
        if not isinstance(query, dict):
            self.complain(place, "a query is a text, or an object of name and values")
            return ()
        found = []
        for name, value in query.items():
            own = f"{place}/{text.escape(name)}"
            for position, each in enumerate(value if isinstance(value, list) else [value]):
                if _is_scalar(each) or each is None:
                    found.append((name, _scalar(each), f"{own}/{position}" if isinstance(value, list) else own))
                else:
                    self.complain(own, "the value of a query parameter is a text, or a list of texts")
        return tuple(found)

    def parsed(self, query: str, place: str) -> list[tuple[str, str, str]]:
        found = []
        for part in query.lstrip("?").split("&"):
            name, _, value = part.partition("=")
            if part:
                found.append((unquote_plus(name), unquote_plus(value), place))
        return found

    def rules(self) -> tuple[matchers.Rule, ...]:
        rules = self.value.get("matchingRules")
        if rules is None:
            return ()
        found, faults = matchers.read(rules, f"{self.pointer}/matchingRules")
        for pointer, message in faults:
            self.complain(pointer, message)
        return found


def _is_scalar(value: Any) -> bool:
    return value is not None and not isinstance(value, (dict, list))


def _scalar(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else text.dump(value)
