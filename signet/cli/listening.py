"""The option of a port to listen on, written once for all that listens: service, mock, proxy, provider."""

from __future__ import annotations

from typing import Any

import typer


def port(of: str, least: int, said: str) -> Any:
    """``--OF-port``, or ``--port``; ``least`` is 0 where that asks for one that is free.

    The variable names what listens, as Kubernetes sets SIGNET_PORT where there is a service called signet.
    """
    return typer.Option(
        f"--{of}-port",
        "--port",
        envvar=f"SIGNET_{of.upper()}_PORT",
        metavar="PORT",
        min=least,
        max=65535,
        help=said,
    )
