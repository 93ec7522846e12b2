"""What the service allows webhooks, and how patient it is with those who do not answer; as one frozen value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from signet.errors import UsageError
from signet.service.webhooks.addresses import pattern_fault


@dataclass(frozen=True, slots=True)
class Outgoing:
    """``hosts`` are those that may be called: ``hooks.example.com``, ``*.example.com``, ``host:8443``, ``*``, or
    ``http://host:port`` for one without TLS; none: nothing is sent. ``private`` are networks (CIDR) that are not public
    and may be reached all the same.

    A delivery is given up after ``attempts`` tries or ``patience`` seconds; between them lie up to ``first`` seconds,
    then twice as many, at most ``longest``. ``connect`` and ``total`` bound one try. ``at_once`` deliveries are on
    their way together. ``lease`` is for how many seconds one replica has a subscription to itself; ``kept`` is how many
    finished deliveries of each are remembered.
    """

    hosts: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    attempts: int = 15
    patience: float = 3 * 86_400.0
    first: float = 5.0
    longest: float = 3_600.0
    connect: float = 5.0
    total: float = 15.0
    at_once: int = 64
    lease: float = 45.0
    kept: int = 5_000

    def checked(self) -> Outgoing:
        """The value itself; UsageError where a host or a network in it is none."""
        for pattern in self.hosts:
            if reason := pattern_fault(pattern):
                raise UsageError(f"'{pattern}' is no host that webhooks may call: {reason}.", _REMEDY)
        _networks(self.private)
        return self


_REMEDY = "Write hooks.example.com, *.example.com, host:8443, or http://host:port for one without TLS."


def _networks(texts: Iterable[str]) -> None:
    for text in texts:
        try:
            ip_network(text)
        except ValueError:
            raise UsageError(f"'{text}' is no network.", "Write it as 10.1.0.0/16.") from None
