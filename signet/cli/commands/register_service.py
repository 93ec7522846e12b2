"""``signet register-service``: what people say about a service."""

from __future__ import annotations

from typing import Annotated

import typer

from signet.cli import opening, options, receipts


def register_service(
    name: options.Name = None,
    main_branch: Annotated[
        str | None,
        typer.Option(
            "--main-branch",
            envvar="SIGNET_MAIN_BRANCH",
            metavar="BRANCH",
            help="Its main branch ('main' unless given).",
        ),
    ] = None,
    owner: Annotated[
        list[str] | None,
        typer.Option("--owner", envvar="SIGNET_OWNER", metavar="OWNER", help="Who owns it; may be repeated."),
    ] = None,
    repository: Annotated[
        str | None,
        typer.Option("--repository", envvar="SIGNET_REPOSITORY", metavar="URL", help="Where its source code is."),
    ] = None,
    alias: Annotated[
        list[str] | None,
        typer.Option("--alias", envvar="SIGNET_ALIAS", metavar="TEXT", help="Its name in Pact files; may be repeated."),
    ] = None,
    external: Annotated[
        bool | None,
        typer.Option(
            "--external/--no-external",
            envvar="SIGNET_EXTERNAL",
            help="A third party's API: nobody deploys or tests it here, its agreed spec holds everywhere.",
        ),
    ] = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Register a service, or change what is said about it.

    Not needed before publishing: a service is known as soon as something of it is published. What you do not pass stays
    as it is; a repeated option (--owner, --alias) replaces the whole list. Where Signet made CODEOWNERS, it gets new
    owners in the same commit.

    \b
    Examples:
      signet register-service --name cart --main-branch trunk --owner @shop/cart
      signet register-service --name cart --alias "Cart Service"
    """
    from signet.registry import record

    receipt = record.register_service(
        opening.for_writing(registry),
        opening.required(name, "name"),
        main_branch=main_branch,
        owners=owner or None,
        repository=repository,
        aliases=alias or None,
        external=external,
        how=opening.how(),
    )
    return receipts.recorded(receipt, as_json=json)
