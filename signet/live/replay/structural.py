"""A recorded interaction matched by its structure: status exact, header names, body types and shapes.

What was recorded is one answer, not what a consumer relies on. Values become examples of their types, arrays are judged
by their first item, null says nothing, and an answer may have more than was recorded. A side that has matching rules of
its own keeps them. The request stays as it was recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

# Which of these an answer has is a matter of the server and the connection, not of the service.
_VOLATILE = ("connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "via", "age", "etag")
_FORM = "application/x-www-form-urlencoded"


def loosened(document: dict[str, Any]) -> dict[str, Any]:
    """A document of one interaction with its response matched by structure."""
    item = document["interactions"][0]
    response = item.get("response")
    if not isinstance(response, dict) or response.get("matchingRules"):
        return document
    version = str(document["metadata"]["pactSpecification"]["version"])
    headers = {
        name: value for name, value in (response.get("headers") or {}).items() if str(name).lower() not in _VOLATILE
    }
    made = {key: value for key, value in response.items() if key not in ("headers", "body")}
    body, rules = _body(response, _media_type(response, headers), version.startswith("4"))
    if body is not None:
        made["body"] = body
    made["headers"] = headers
    by_name = {str(name): _header_rule(str(name), value) for name, value in headers.items()}
    made["matchingRules"] = _old(rules, by_name) if version.startswith("2") else _new(rules, by_name)
    return {**document, "interactions": [{**item, "response": made}]}


def _media_type(response: Mapping[str, Any], headers: Mapping[str, Any]) -> str:
    body = response.get("body")
    declared = body.get("contentType") if isinstance(body, dict) else None
    named = next((value for name, value in headers.items() if str(name).lower() == "content-type"), declared)
    first = named[0] if isinstance(named, list) and named else named
    return str(first or "").partition(";")[0].strip().lower()


def _header_rule(name: str, value: Any) -> dict[str, Any]:
    if name.lower() != "content-type":
        return {"match": "regex", "regex": r"[\s\S]*"}
    first = value[0] if isinstance(value, list) and value else value
    return {"match": "regex", "regex": rf"(?i){re.escape(str(first).partition(';')[0].strip())}\s*(;.*)?"}


def _body(response: Mapping[str, Any], media_type: str, wraps: bool) -> tuple[Any, dict[str, dict[str, Any]]]:
    """The body to expect, and its rules by path; None for a body that has no structure to match."""
    body = response.get("body")
    content = body.get("content") if wraps and isinstance(body, dict) else body
    if content is None or (wraps and isinstance(body, dict) and body.get("encoded") not in (None, False, "")):
        return None, {}
    if media_type == _FORM and isinstance(content, str):
        names = dict.fromkeys(name for name, _ in parse_qsl(content, keep_blank_values=True))
        return body, {matchers_path(name): {"match": "regex", "regex": r"[\s\S]*"} for name in names}
    if media_type and not (media_type.endswith(("/json", "+json"))):
        return None, {}
    if isinstance(content, str) and media_type:
        try:
            content = json.loads(content) if wraps else content
        except ValueError:
            return None, {}
    shape = shaped(content)
    return ({**body, "content": shape} if wraps and isinstance(body, dict) else shape), {"$": {"match": "type"}}


def shaped(value: Any) -> Any:
    """A value as an example of its structure: arrays with their first item, no members that are null."""
    if isinstance(value, dict):
        return {key: shaped(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [shaped(each) for each in value if each is not None][:1]
    return value


def matchers_path(name: str) -> str:
    """The path of a member of the root."""
    return f"$.{name}" if re.fullmatch(r"\w+", name) else f"$['{name}']"


def _new(body: Mapping[str, Any], headers: Mapping[str, Any]) -> dict[str, Any]:
    listed = {path: {"combine": "AND", "matchers": [rule]} for path, rule in body.items()}
    named = {name: {"combine": "AND", "matchers": [rule]} for name, rule in headers.items()}
    return {"body": listed, "header": named}


def _old(body: Mapping[str, Any], headers: Mapping[str, Any]) -> dict[str, Any]:
    found = {"$.body" + path[1:]: rule for path, rule in body.items()}
    return found | {f"$.headers.{name}": rule for name, rule in headers.items()}
