"""Verifies one running service of the shop, and records the results in the registry.

    python verify.py catalog run/pacts/cart-1.0.0/cart-catalog.json ...

First the service is tested against its own OpenAPI document; then the contracts that are named are replayed, each
interaction after its provider states are set in the service's database. Exit code 1 if anything failed; that is
recorded as well.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pact import Verifier

from service import VERSIONS, version
from shop import RUN, url
from spec_test import ask, broken_promises, calls


def main() -> None:
    """Verify the service that the command line names."""
    parser = argparse.ArgumentParser(description="Verify a running service of the shop, and record the results.")
    parser.add_argument("service", choices=sorted(VERSIONS))
    parser.add_argument("contract", nargs="*", type=Path)
    asked = parser.parse_args()
    os.environ.setdefault("SHOP_DATA", str(RUN / "data"))  # the states work on the database of the running service
    passed = [tested(asked.service), *(replayed(asked.service, contract) for contract in asked.contract)]
    sys.exit(0 if all(passed) else 1)


def tested(service: str) -> bool:
    """Test a service against its document."""
    importlib.import_module(f"{service}.states").database.reset()
    _status, document = ask(url(service), "get", "/openapi.json", None)
    asked = list(calls(document))
    faults = [fault for call in asked for fault in broken_promises(url(service), document, call)]
    print(*faults, sep="\n", end="\n" if faults else "")
    print(f"{service} {version(service)}: {len(asked)} requests, {len(faults)} broken promises", flush=True)
    record(service, not faults, "--tool", "spec_test")
    return not faults


def replayed(service: str, contract: Path) -> bool:
    """Replay a contract against a service."""
    consumer = json.loads(contract.read_text(encoding="utf-8"))["consumer"]["name"]
    states = importlib.import_module(f"{service}.states").states

    def change(state: str, action: str, parameters: dict[str, Any]) -> None:
        if state:  # an interaction may need none
            states[state](parameters, action)

    verifier = Verifier(service, "127.0.0.1").add_transport(url=url(service)).add_source(contract)
    verifier.state_handler(change, teardown=True)
    with quiet(), suppress(RuntimeError):  # what failed is in the results, too
        verifier.verify()
    results = verifier.results["interactionResults"]
    failed = [result for result in results if result["result"] != "OK"]
    if failed:
        print(verifier.output(strip_ansi=True))
    print(f"{service} {version(service)}: {len(results)} interactions of {consumer}, {len(failed)} failed", flush=True)
    passed = bool(results) and not failed
    record(service, passed, "--consumer", consumer, "--consumer-version", version(consumer), "--tool", "pact-python")
    return passed


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is printed meanwhile: the verifier writes to the descriptors themselves."""
    sys.stdout.flush()
    kept = [os.dup(1), os.dup(2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for one in (*kept, nowhere):
            os.close(one)


def record(service: str, passed: bool, *more: str) -> None:
    """Tell the registry."""
    result = "--passed" if passed else "--failed"
    command = ["signet", "record-verification", "--name", service, "--version", version(service), result, *more]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
