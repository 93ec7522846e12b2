"""Tests one service of the shop, alone, against the OpenAPI document that it gives out itself.

    CATALOG_VERSION=2.0.0 python spec_test.py catalog

Each operation is called with the examples of the document, which must succeed, and with something that does not fit,
which it must refuse. Every status must be declared, and every body must be valid against its schema. It is small on
purpose: any tool can be the one whose result is recorded.
"""

from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

import jsonschema_rs

from fetch_openapi import running
from service import VERSIONS


class Call(NamedTuple):
    """One request, and which statuses are a good answer to it."""

    method: str
    path: str
    body: Any
    good: tuple[str, ...]
    operation: dict[str, Any]


def main() -> None:
    """Test the service that the command line names; exit code 1 says that it broke a promise."""
    parser = argparse.ArgumentParser(description="Test a service of the shop against its own document.")
    parser.add_argument("service", choices=sorted(VERSIONS))
    service = parser.parse_args().service
    with running(service) as url:
        _status, document = ask(url, "get", "/openapi.json", None)
        asked = list(calls(document))
        faults = [fault for call in asked for fault in broken_promises(url, document, call)]
    for fault in faults:
        print(fault)
    print(f"{service} {document['info']['version']}: {len(asked)} requests, {len(faults)} broken promises")
    sys.exit(1 if faults else 0)


def calls(document: dict[str, Any]) -> Iterator[Call]:
    """For each operation a request that must succeed and, where there is anything to get wrong, one that must not."""
    for template, operations in document["paths"].items():
        for method, operation in operations.items():
            path, wrong = template, template
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path":
                    path = path.replace(f"{{{parameter['name']}}}", str(example(parameter, document)))
                    wrong = wrong.replace(f"{{{parameter['name']}}}", "does-not-fit")
                elif wrong == template:
                    wrong = f"{template}?{parameter['name']}=does-not-fit"
            media = operation.get("requestBody", {}).get("content", {}).get("application/json")
            body = example(media, document) if media else None
            good = tuple(status for status in operation["responses"] if status.startswith("2"))
            yield Call(method, path, body, good, operation)
            if wrong != template or media:
                yield Call(method, wrong, {} if media else None, ("422",), operation)


def example(described: dict[str, Any], document: dict[str, Any]) -> Any:
    """The example of a parameter or a body."""
    schema = described["schema"]
    if "examples" not in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema["examples"][0]


def broken_promises(url: str, document: dict[str, Any], call: Call) -> Iterator[str]:
    """Where an answer is not what the document promises."""
    place = f"{call.method.upper()} {call.path}"
    status, body = ask(url, call.method, call.path, call.body)
    if str(status) not in call.good:
        yield f"{place}: expected status {' or '.join(call.good)}, got {status}"
        return
    response = call.operation["responses"].get(str(status))
    if response is None:
        yield f"{place}: status {status} is not declared"
    elif "content" in response:
        schema = {**response["content"]["application/json"]["schema"], "components": document["components"]}
        for error in jsonschema_rs.Draft202012Validator(schema, offline=True).iter_errors(body):
            yield f"{place}: status {status}: {error.message}"


def ask(url: str, method: str, path: str, sent: Any) -> tuple[int, Any]:
    """The status and the parsed body of one answer."""
    data = None if sent is None else json.dumps(sent).encode()
    request = urllib.request.Request(
        url + path, data, {"Content-Type": "application/json", "Accept": "application/json"}, method=method.upper()
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


if __name__ == "__main__":
    main()
