"""Writes the documents of the shop anew: OpenAPI documents from running services, contracts from the consumers' tests.

    python regenerate.py [FOLDER]

FOLDER is ``documents`` beside this file, where they are kept for whoever has no pact-python. A test of Signet proves
that the kept documents mean what this program writes now.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from service import VERSIONS

SHOP = Path(__file__).resolve().parent
CONSUMERS = ("accounting", "cart", "catalog", "inventory")


def main() -> None:
    """Write all documents into the folder that the command line names: the contracts of the newest consumers."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else SHOP / "documents").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for service, versions in VERSIONS.items():
        for version in versions:
            target = folder / f"{service}-{version}.openapi.json"
            run(["fetch_openapi.py", service, str(target)], {service: version})
    newest = {consumer: VERSIONS[consumer][-1] for consumer in CONSUMERS}
    run(["-m", "unittest", "--quiet", *(f"{consumer}.test_contracts" for consumer in CONSUMERS)], newest, folder)


def run(arguments: list[str], versions: dict[str, str], pacts: Path | None = None) -> None:
    """Run Python in the folder of the shop; a failure ends this program too."""
    chosen = {f"{service.upper()}_VERSION": version for service, version in versions.items()}
    more = {"PACT_DIR": str(pacts)} if pacts else {}
    environment = {**os.environ, **chosen, **more, "PACT_DO_NOT_TRACK": "true"}
    subprocess.run([sys.executable, *arguments], cwd=SHOP, env=environment, check=True)


if __name__ == "__main__":
    main()
