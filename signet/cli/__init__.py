"""The process room: arguments in, text and exit code out. One command, one file; one error boundary.

``app`` knows the commands, ``boundary`` turns errors into exit codes, ``render`` is the only writer, ``options`` and
``config`` say where a value comes from. ``commands`` holds one file a command; they do not import each other.
"""

from __future__ import annotations


def main() -> int:
    """Run the command line with the arguments of this process, and return its exit code."""
    from signet.cli.boundary import run

    return run()
