"""``signet register-env``: an environment exists from now on."""

from __future__ import annotations

from typing import Annotated

import typer

from signet.cli import opening, options, receipts


def register_env(
    environment: options.Environment = None,
    display_name: Annotated[
        str | None,
        typer.Option(
            "--display-name", envvar="SIGNET_DISPLAY_NAME", metavar="TEXT", help="The name that people are shown."
        ),
    ] = None,
    production: Annotated[
        bool | None,
        typer.Option(
            "--production/--no-production", envvar="SIGNET_PRODUCTION", help="Is it a production environment?"
        ),
    ] = None,
    order: Annotated[
        int | None,
        typer.Option("--order", envvar="SIGNET_ORDER", metavar="NUMBER", help="Its place in the promotion path."),
    ] = None,
    owner: Annotated[
        list[str] | None,
        typer.Option("--owner", envvar="SIGNET_OWNER", metavar="OWNER", help="Who owns it; may be repeated."),
    ] = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Register an environment, or change what is said about it.

    Only registered environments can be asked about or deployed to: a misspelt name is an error and creates nothing.
    What you do not pass stays as it is; --owner replaces the whole list, and where Signet made CODEOWNERS, that goes
    along.

    \b
    Examples:
      signet register-env --environment production --production --order 3
      signet register-env --environment production --owner @shop/ops
    """
    from signet.registry import record

    receipt = record.register_environment(
        opening.for_writing(registry),
        opening.required(environment, "environment"),
        display_name=display_name,
        production=production,
        order=order,
        owners=owner or None,
        how=opening.how(),
    )
    return receipts.recorded(receipt, as_json=json)
