"""Git's own HTTP server program, one process for one request, for ``signet.registry.serve``."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from signet.registry.git import program

_AS_SERVER = (
    ("core.hooksPath", "hooks"),  # each repository's own, whatever the user's configuration says
    ("http.receivepack", "true"),
    ("http.uploadpack", "true"),
    ("uploadpack.allowFilter", "true"),
    ("uploadpack.allowAnySHA1InWant", "true"),
    ("receive.autogc", "false"),
)


def http_backend(root: Path, request: Mapping[str, str], body: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start ``git http-backend`` for the repositories below ``root``; ``request`` are the CGI variables.

    ``body`` is its standard input (a real file), and a CGI answer comes from its standard output. Hooks of the served
    repositories do run, as on a forge; the settings of whoever started us do not reach them.
    """
    environment = program.clean_environment(_AS_SERVER)
    environment |= {
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GATEWAY_INTERFACE": "CGI/1.1",
        **request,
    }
    return program.start(["http-backend"], environment, stdin=body, stderr=subprocess.DEVNULL)
