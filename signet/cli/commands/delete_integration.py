"""``signet delete-integration``: take a consumer's contracts with a provider out of the registry."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from signet.cli import opening, options, receipts, render
from signet.errors import UsageError


def delete_integration(
    consumer: options.Consumer = None,
    provider: options.Provider = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; needed where nobody can answer.")] = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Delete an integration: all contracts of a consumer with a provider, in all versions, and their results.

    It is one commit, and the history keeps what was there. Use it when a consumer has stopped using a provider for good
    and no version of it that is still live does.

    \b
    Example:
      signet delete-integration --consumer cart --provider legacy-prices --yes
    """
    from signet.registry import record

    consumer, provider = opening.required(consumer, "consumer"), opening.required(provider, "provider")
    repo = opening.for_writing(registry)
    if not yes and not (
        render.is_terminal(sys.stdin) and render.asked(f"Delete every contract of {consumer} with {provider}?")
    ):
        raise UsageError("Deleting was not confirmed; nothing was changed.", "Pass --yes.")
    receipt = record.delete_integration(repo, consumer, provider, how=opening.how())
    return receipts.recorded(receipt, as_json=json)
