"""``signet promote``: what runs in one environment is wanted in another."""

from __future__ import annotations

from typing import Annotated

import typer

from signet.cli import opening, options, receipts


def promote(
    service: Annotated[str | None, typer.Argument(metavar="SERVICE", help="The service; or --name.")] = None,
    name: options.Name = None,
    source: Annotated[
        str | None,
        typer.Option("--from", envvar="SIGNET_FROM", metavar="ENVIRONMENT", help="Where the version runs already."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--to", envvar="SIGNET_TO", metavar="ENVIRONMENT", help="Where the version is wanted."),
    ] = None,
    version: Annotated[
        str | None,
        typer.Option(
            "--version",
            "-v",
            envvar="SIGNET_VERSION",
            metavar="VERSION",
            help="Which version, where several are deployed in the first environment.",
        ),
    ] = None,
    ignore: options.Ignore = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Promote a service: what is deployed in one environment is desired in another, if Deploy Guard says yes.

    Deploy Guard is asked in the same step, so that only what is safe is promoted. A desired version counts as live
    beside what is deployed, so that of two promotions that are each safe alone and unsafe together only one goes
    through. After the roll-out 'signet update-deployment' records it, and the wish ends.

    \b
    Examples:
      signet promote cart --from staging --to production
      signet promote cart --from staging --to production --pull-request

    Exit code: 0 promoted, 1 not safe, 4 not known to be safe; nothing is changed then.
    """
    from signet.registry import record

    receipt = record.promote(
        opening.for_writing(registry),
        opening.required(service or name, "name"),
        opening.required(source, "from"),
        opening.required(target, "to"),
        version=version,
        ignore=ignore or (),
        how=opening.how(),
    )
    return receipts.recorded(receipt, as_json=json)
