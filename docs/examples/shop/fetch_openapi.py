"""Starts one service of the shop alone, writes the OpenAPI document that it gives out into a file, and stops it.

CATALOG_VERSION=2.0.0 python fetch_openapi.py catalog catalog-2.0.0.openapi.json
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service import VERSIONS

SERVE = Path(__file__).with_name("serve.py")


def main() -> None:
    """Write the document that the running service gives out."""
    parser = argparse.ArgumentParser(description="Write the OpenAPI document of a service into a file.")
    parser.add_argument("service", choices=sorted(VERSIONS))
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    with running(asked.service) as url:
        document = write_openapi(url, asked.file)
    print(f"{asked.service} {document['info']['version']} wrote {asked.file.name}: {len(document['paths'])} paths")


def write_openapi(url: str, file: Path) -> dict[str, dict[str, str]]:
    """Write the document of the service at a URL into a file, and return it."""
    with urllib.request.urlopen(f"{url}/openapi.json", timeout=20) as answer:
        document: dict[str, dict[str, str]] = json.load(answer)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return document


@contextmanager
def running(service: str) -> Iterator[str]:
    """The address of a service that runs alone, as a process of its own, while the block does."""
    command = [sys.executable, str(SERVE), service, "--with-parent"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise SystemExit(f"{service} did not start: exit code {process.wait(20)}.")
        yield url
    finally:
        process.stdin.close()
        process.wait(20)
        process.stdout.close()


if __name__ == "__main__":
    main()
