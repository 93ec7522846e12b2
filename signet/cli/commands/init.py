"""``signet init``: a new registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from signet.cli import opening, options, receipts
from signet.errors import UsageError


def init(
    path: Annotated[
        str | None,
        typer.Argument(metavar="PATH", help="Where to make it; a new or empty folder.", show_default=False),
    ] = None,
    bare: Annotated[
        bool, typer.Option("--bare", envvar="SIGNET_BARE", help="Make a bare repository, as a server would have it.")
    ] = False,
    registry_name: Annotated[
        str | None,
        typer.Option(
            "--registry-name",
            envvar="SIGNET_REGISTRY_NAME",
            metavar="TEXT",
            help="The registry's name; none: the last part of its path or URL.",
        ),
    ] = None,
    update: Annotated[
        bool,
        typer.Option(
            "--update",
            envvar="SIGNET_UPDATE",
            help="Write CODEOWNERS, workflows and guides anew in a registry; what people changed stays.",
        ),
    ] = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Make a new registry: a Git repository with the first files in it.

    PATH is a folder on this machine. To fill an empty repository that a forge has just created, pass its URL with
    --registry instead. A registry that is one already stays as it is. In a clone, files that are there stay, and what
    would be overwritten is refused; the README goes to SIGNET.md where there is one already.

    With --update, a registry gets CODEOWNERS from the owners that its files name today, and the workflows of this
    Signet, in one commit. A file that people changed stays as it is, and is named.

    \b
    Examples:
      signet init ../registry
      signet init /srv/git/registry.git --bare
      signet init --registry git@git.example.com:shop/registry.git
      signet init --update --registry git@git.example.com:shop/registry.git --propose
    """
    from signet.registry import record

    location = path or registry
    if not location:
        raise UsageError("No place for the registry is named.", "Pass a PATH, or --registry URL.")
    if update and (bare or registry_name):
        raise UsageError("--update makes no registry, and gives none another name.", "Leave out the other option.")
    name = registry_name or Path(location.rstrip("/").replace(":", "/")).name.removesuffix(".git")
    if not name.strip("."):
        name = Path(location).resolve().name
    receipt = record.initialise(
        location, name=name, bare=bare, update=update, how=opening.how(), access=opening.access()
    )
    return receipts.recorded(receipt, as_json=json)
