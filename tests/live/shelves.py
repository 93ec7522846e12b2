"""For the tests of replays: a provider that runs, contracts that are replayed at it, small contracts made by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from signet.core.formats import pact, text
from signet.live.outcome import Outcome
from signet.live.replay import Subject
from tests.live import shelf

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).parent / "pacts"
STATES = "tests.live.shelf_states"
AUTH = (("Authorization", shelf.TOKEN),)


class Running(NamedTuple):
    """A provider that runs."""

    url: str
    database: Path
    process: subprocess.Popen[bytes]

    def plant(self, *bugs: str) -> None:
        """Do these things wrong from now on."""
        shelf.plant(self.database, *bugs)


@contextmanager
def running(database: Path) -> Iterator[Running]:
    """A provider, as a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.live.shelf", str(database)], stdout=subprocess.PIPE, cwd=ROOT, env=os.environ
    )
    assert process.stdout is not None
    try:
        yield Running(f"http://127.0.0.1:{int(process.stdout.readline())}", database, process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def written_by_python(folder: Path) -> None:
    """Let pact-python write its contracts."""
    environment = {**os.environ, "PACT_DO_NOT_TRACK": "true"}
    command = [sys.executable, "-m", "tests.live.pacts.write_python", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)


def subject(source: Any, *descriptions: str, structural: bool = False) -> Subject:
    """A contract of a document or of a file; of these interactions only, if some are named."""
    name = source.name if isinstance(source, Path) else "hand-made.json"
    value = json.loads(source.read_bytes()) if isinstance(source, Path) else source
    if descriptions:
        value["interactions"] = [each for each in value["interactions"] if each["description"] in descriptions]
    document = text.read(json.dumps(value).encode(), "contract.json")
    return Subject(pact.contract(document), name, structural)


def made(*interactions: dict[str, Any], version: str = "4.0") -> dict[str, Any]:
    """A Pact file of these interactions."""
    return {
        "consumer": {"name": "reader"},
        "provider": {"name": "shelf"},
        "interactions": [{"description": f"number {index}", **each} for index, each in enumerate(interactions, 1)],
        "metadata": {"pactSpecification": {"version": version}},
    }


def get(path: str, body: Any = None, states: Any = (), **more: Any) -> dict[str, Any]:
    """An interaction that gets something, of version 4."""
    wrapped = {"contentType": "application/json", "encoded": False, "content": body}
    given = [each if isinstance(each, dict) else {"name": each} for each in states]
    return {
        "type": "Synchronous/HTTP",
        "providerStates": given,
        "request": {"method": "GET", "path": path, **more},
        "response": {"status": 200, **({"body": wrapped} if body is not None else {})},
    }


def problems(outcome: Outcome) -> list[tuple[str, str, str]]:
    """(row, code, message) of all problems."""
    return [(row.name, each.code, each.message) for row in outcome.rows for each in row.problems]
