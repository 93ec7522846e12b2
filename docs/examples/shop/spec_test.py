"""Tests one running service of the shop against the OpenAPI document that it gives out itself.

    CATALOG_VERSION=2.0.0 python spec_test.py catalog

Each operation is called with a good request and, where it can fail, with one that it should refuse. Every status must
be declared, and every body must be valid against its schema; an operation that no request reaches is a failure too.
It is small on purpose: any tool can be the one whose result is recorded.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from fetch_openapi import running

Call = tuple[str, str, str, Any, int]  # method, path template, path, body, expected status

CALLS: dict[str, list[Call]] = {
    "catalog": [
        ("get", "/items", "/items", None, 200),
        ("get", "/items", "/items?category=tea", None, 200),
        ("get", "/items", "/items?limit=0", None, 422),
        ("get", "/items/{item_id}", "/items/tea-1", None, 200),
        ("get", "/items/{item_id}", "/items/nothing", None, 404),
    ],
    "inventory": [
        ("get", "/stock/{item_id}", "/stock/tea-1", None, 200),
        ("get", "/stock/{item_id}", "/stock/nothing", None, 404),
        ("post", "/reservations", "/reservations", {"item_id": "tea-1", "quantity": 2}, 201),
        ("post", "/reservations", "/reservations", {"item_id": "tea-2", "quantity": 1}, 409),
        ("post", "/reservations", "/reservations", {"item_id": "tea-1", "quantity": 0}, 422),
    ],
}


def main() -> None:
    """Test the service that the command line names; exit code 1 says that it broke a promise."""
    parser = argparse.ArgumentParser(description="Test a running service of the shop against its own document.")
    parser.add_argument("service", choices=sorted(CALLS))
    service = parser.parse_args().service
    with running(service) as url:
        _status, document = ask(url, "get", "/openapi.json", None)
        faults = list(broken_promises(url, document, CALLS[service]))
    for fault in faults:
        print(fault)
    print(f"{service} {document['info']['version']}: {len(CALLS[service])} requests, {len(faults)} broken promises")
    sys.exit(1 if faults else 0)


def broken_promises(url: str, document: dict[str, Any], calls: list[Call]) -> Iterator[str]:
    """Where an answer is not what the document promises, and which operations no request reached."""
    declared = {(method, path) for path, item in document["paths"].items() for method in item}
    for method, path in sorted(declared - {(call[0], call[1]) for call in calls}):
        yield f"{method.upper()} {path}: no request reached it"
    for method, template, path, sent, expected in calls:
        place = f"{method.upper()} {path}"
        status, body = ask(url, method, path, sent)
        if status != expected:
            yield f"{place}: expected status {expected}, got {status}"
            continue
        response = document["paths"].get(template, {}).get(method, {}).get("responses", {}).get(str(status))
        if response is None:
            yield f"{place}: status {status} is not declared"
            continue
        schema = {**response["content"]["application/json"]["schema"], "components": document["components"]}
        validator = jsonschema_rs.Draft202012Validator(schema, offline=True)
        for error in validator.iter_errors(body):
            yield f"{place}: status {status}: {error.message}"


def ask(url: str, method: str, path: str, sent: Any) -> tuple[int, Any]:
    """The status and the parsed body of one answer."""
    data = None if sent is None else json.dumps(sent).encode()
    request = urllib.request.Request(
        url + path, data, {"Content-Type": "application/json", "Accept": "application/json"}, method=method.upper()
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


if __name__ == "__main__":
    main()
