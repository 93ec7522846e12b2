"""What runs in the process of schemathesis: its command line, with bounds, and an end when Signet ends.

    python inside.py CONFIG SPEC SEED ["HOST PORT" ...]

It is started as a file, so it imports nothing of Signet. With places named, no other one is looked up: a spec can name
files to fetch (``externalValue``), and only the provider is to be asked.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import Any

MEMORY = 2 * 1024**3
FILE = 1024**3
"""Bytes that the process may take, and that a file of it may have: a provider decides how long its answers are."""


def main() -> None:
    """Run it; the exit code is schemathesis' own."""
    config, spec, seed, *places = sys.argv[1:]
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _bound()
    if places:
        _only(frozenset(places))
    import schemathesis.generation
    from schemathesis.cli import schemathesis as command

    # Each request names its case in a header, by a number that is drawn apart from the seed.
    schemathesis.generation.RANDOM.seed(int(seed))
    sys.argv = ["st", "--config-file", config, "run", spec]
    command()


def _end_with_the_parent() -> None:
    """Signet holds the other end of stdin: it is closed by whatever ends Signet, be it a kill."""
    while os.read(0, 1):
        pass
    os._exit(1)


def _bound() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, FILE), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _only(places: frozenset[str]) -> None:
    """Every connection that Python opens is looked up here, be it to a name or an address; an audit hook costs more."""
    look_up = socket.getaddrinfo

    def refusing(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        if f"{text.strip('[]').lower()} {port}" not in places:
            raise socket.gaierror(socket.EAI_NONAME, "only the provider is asked")
        return look_up(host, port, *arguments, **named)

    socket.getaddrinfo = refusing


if __name__ == "__main__":
    main()
