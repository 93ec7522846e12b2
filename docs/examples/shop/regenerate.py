"""Writes the documents of the shop anew: OpenAPI documents from the running services, contracts from the cart's tests.

    python regenerate.py [FOLDER]

FOLDER is ``documents`` beside this file, where they are kept for whoever has no pact-python. A test of Signet proves
that the kept documents mean what this program writes now.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SHOP = Path(__file__).resolve().parent
OPENAPI = [("catalog", "1.0.0"), ("catalog", "2.0.0"), ("catalog", "2.1.0"), ("inventory", "1.0.0")]


def main() -> None:
    """Write all documents into the folder that the command line names."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else SHOP / "documents").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for service, version in OPENAPI:
        target = folder / f"{service}-{version}.openapi.json"
        run(["fetch_openapi.py", service, str(target)], CATALOG_VERSION=version if service == "catalog" else "1.0.0")
    run(["-m", "unittest", "--quiet", "cart.test_contracts"], PACT_DIR=str(folder), PACT_DO_NOT_TRACK="true")


def run(arguments: list[str], **variables: str) -> None:
    """Run Python in the folder of the shop; a failure ends this program too."""
    subprocess.run([sys.executable, *arguments], cwd=SHOP, env={**os.environ, **variables}, check=True)


if __name__ == "__main__":
    main()
