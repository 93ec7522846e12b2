"""The process room: arguments in, text and exit code out. One command, one file; one error boundary.

``app`` knows the commands, ``boundary`` turns errors into exit codes, ``render`` is the only writer, ``options`` and
``config`` say where a value comes from. ``commands`` holds one file a command; they do not import each other.
"""

from __future__ import annotations

import gc
import os
import sys


def main() -> int:
    """Run the command line with the arguments of this process, and return its exit code.

    The process is short: its garbage is collected seldom, and not at the end, where the system takes all memory back.
    No plug-in of pydantic that happens to be installed is looked for (that would read the metadata of every package,
    and could change what a record is).
    """
    gc.set_threshold(1_000_000, 20, 100)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        from signet.cli.boundary import run
    except KeyboardInterrupt:  # the boundary is not there yet
        sys.stderr.write("signet: interrupted.\n")
        return 130

    code = run()
    gc.freeze()
    return code
