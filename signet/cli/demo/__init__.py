"""``signet demo``: a shop of five services, from an empty registry to a deployment that Deploy Guard stops.

Everything that it shows really runs: a registry behind smart HTTP on loopback, FastAPI services, and each command as a
process of its own, with the exit code that the story expects. It uses no account, no network and none of the user's
settings: home, configuration and cache are folders in a temporary one, which is removed at the end.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from signet.errors import UsageError


def demo(
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", envvar="SIGNET_KEEP", metavar="DIR", help="Keep a clone of the registry in this new folder."
        ),
    ] = None,
) -> int:
    """Watch Deploy Guard stop a deployment that would break a consumer, and let the fixed one through.

    It takes about a minute, and cleans up after itself.

    \b
    Examples:
      signet demo
      signet demo --keep ../demo-registry

    Exit code 0: every step of the story had the exit code that it should have.
    """
    from signet.cli.demo.stage import stage
    from signet.cli.demo.story import tell

    if keep is not None and keep.exists():
        raise UsageError(f"{keep} exists already.", "Name a new folder with --keep.")
    with stage() as place:
        tell(place, keep)
    return 0
