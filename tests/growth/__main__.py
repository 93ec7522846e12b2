"""``python -m tests.growth 300x50 PATH``: a bare registry of 300 services with 50 versions each, for experiments."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.growth import Shape, grow


def main() -> int:
    """Make the registry, and say how long it took."""
    parser = argparse.ArgumentParser(prog="python -m tests.growth", description=__doc__)
    parser.add_argument("shape", type=Shape.named, metavar="SERVICESxVERSIONS")
    parser.add_argument("path", type=Path, help="a directory that does not exist yet")
    arguments = parser.parse_args()
    began = time.perf_counter()
    head = grow(arguments.path, arguments.shape)
    print(f"{arguments.path} at {head}: {arguments.shape} in {time.perf_counter() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
