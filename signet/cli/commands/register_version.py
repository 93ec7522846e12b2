"""``signet register-version``: a version is known, with nothing published of it."""

from __future__ import annotations

from typing import Annotated

import typer

from signet.cli import checkout, opening, options, receipts
from signet.errors import UsageError


def register_version(
    name: options.Name = None,
    version: options.Version = None,
    branch: options.Branch = None,
    artifact: Annotated[
        list[str] | None,
        typer.Option(
            "--artifact",
            envvar="SIGNET_ARTIFACT",
            metavar="KIND=PLACE",
            help="Where something of this version is, such as image=registry/cart:2.1.0; may be repeated.",
        ),
    ] = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Register a version that publishes neither spec nor contract.

    Publishing registers a version by itself; this is for services that have nothing to publish and are deployed all the
    same.

    \b
    Example:
      signet register-version --name cart --version 2.1.0 --branch main --artifact image=registry/cart:2.1.0
    """
    from signet.registry import record

    service = opening.required(name, "name")
    receipt = record.register_version(
        opening.for_writing(registry),
        service,
        checkout.version(version),
        branch=checkout.branch(branch),
        artifacts=_artifacts(artifact or []),
        how=opening.how(),
    )
    return receipts.recorded(receipt, as_json=json)


def _artifacts(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        kind, separator, place = text.partition("=")
        if not (kind and separator and place):
            raise UsageError(f"--artifact {text!r} is not KIND=PLACE.", "Write it as image=registry/cart:2.1.0.")
        found[kind] = place
    return found
