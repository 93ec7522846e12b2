"""Fixtures out of a test that passed: what the provider answered, kept while it runs and proposed when it is over.

It decides nothing about what a fixture is; where nothing can be proposed, the test has passed all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from signet.cli import opening, receipts, render
from signet.errors import ForgeRefused, ForgeUnreachable, SignetError, UsageError

if TYPE_CHECKING:
    from signet.core.fixtures import Exchange
    from signet.registry.record import Receipt

ProposeFixtures = Annotated[
    bool,
    typer.Option(
        "--propose-fixtures",
        envvar="SIGNET_PROPOSE_FIXTURES",
        help="If it passes, propose what the provider answered as fixtures, on a branch of the registry.",
    ),
]
FixturesFor = Annotated[
    str | None,
    typer.Option(
        "--environment",
        "-e",
        envvar="SIGNET_ENVIRONMENT",
        metavar="ENVIRONMENT",
        help="With --propose-fixtures: they are for this environment alone.",
    ),
]


class Collected:
    """What a provider answered: all of the replays, and the shortest of the spec test. Nothing if not ``wanted``."""

    def __init__(self, *, wanted: bool, records: bool) -> None:
        from signet.live.exchanges import Shortest

        if wanted and not records:
            raise UsageError("Fixtures are proposed to the registry.", "Leave out --no-record, or --propose-fixtures.")
        self._replayed: list[Exchange] = []
        self._exercised = Shortest()
        self.of_replays = self._replayed.append if wanted else None
        self.of_spec_test = self._exercised if wanted else None
        self.wanted = wanted

    def proposed(
        self, registry: str | None, service: str, environment: str | None, headers: Mapping[str, str], *, passed: bool
    ) -> Receipt | None:
        """The receipt of the proposal; None, and a note, where there is none. ``headers`` went with every request."""
        if not self.wanted:
            return None
        if not passed:
            render.note("no fixtures are proposed: the test failed")
            return None
        from signet.core.fixtures import Provenance
        from signet.core.fixtures.cleaning import secret_values
        from signet.registry import record

        known = secret_values(headers.values())
        listed = [*self._replayed, *self._exercised.exchanges()]
        exchanges = [replace(each, secrets=each.secrets | known) for each in listed]
        whose = Provenance(service, "", frozenset([environment] if environment else []))
        try:
            return record.propose_fixtures(opening.for_writing(registry), exchanges, whose, how=opening.how())
        except (ForgeRefused, ForgeUnreachable) as error:
            render.note(f"the fixtures are proposed, without a pull request: {error.message} {error.remedy}".strip())
            return None
        except SignetError as error:
            render.note(f"no fixtures are proposed: {error.message} {error.remedy}".strip())
            return None


def as_json(receipt: Receipt | None) -> dict[str, Any]:
    """The proposal for an answer as JSON."""
    return {} if receipt is None else {"fixtures": receipts.receipt_json(receipt)}
