"""``python -m tests.conformance KIND DIRECTORY``: a line for each case that fails, the counts, exit 1 if any failed."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.conformance import changes, compare, over_http, stories
from tests.conformance.outcome import report

KINDS = {
    "compare": compare.run_compare,
    "real": compare.run_real,
    "changes": changes.run_changes,
    "guard": stories.run_guard,
    "guard-api": over_http.run_guard_api,
    "owed": stories.run_owed,
}


def main(arguments: list[str]) -> int:
    """Run one kind on one directory; the exit status."""
    if len(arguments) != 2 or arguments[0] not in KINDS:
        print(f"usage: python -m tests.conformance {'|'.join(KINDS)} DIRECTORY", file=sys.stderr)
        return 2
    return report(KINDS[arguments[0]](Path(arguments[1])))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
