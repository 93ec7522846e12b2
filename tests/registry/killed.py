"""The command line, killed at a fault point: ``python -m tests.registry.killed POINT NTH MARK -- ARGUMENTS``.

At the NTH time that POINT is reached, MARK is written (so that a test can tell that it was there), and the process ends
by SIGKILL: no handler, no clean-up, no output.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from signet.cli import boundary
from signet.registry import faults


def main(point: str, nth: int, mark: str, arguments: list[str]) -> int:
    left = nth

    def dies(reached: str) -> None:
        nonlocal left
        assert reached in faults.POINTS, reached
        left -= reached == point
        if not left:
            Path(mark).write_text(point)
            os.kill(os.getpid(), signal.SIGKILL)

    faults.on_reached = dies
    return boundary.run(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[5:]))
