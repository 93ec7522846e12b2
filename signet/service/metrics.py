"""What is counted, for Prometheus: requests by route, webhooks in, and how the parts stand when somebody looks.

Labels are routes and words of ours, never what a caller sent, so that nobody can fill the memory with them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric

from signet import __version__

Gauge = tuple[str, str, dict[str, str], float]
"""Name, what it says, labels, value."""
# When a counter began is noise: Prometheus sees for itself that one begins anew.
disable_created_metrics()  # type: ignore[no-untyped-call]
_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """The counters of one application; ``sources`` are asked for gauges when somebody looks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.sources: list[Callable[[], Iterable[Gauge]]] = []
        self.requests = Counter(
            "signet_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "signet_request_seconds", "How long they took.", ["route"], buckets=_SECONDS, registry=self.registry
        )
        self.hooks = Counter("signet_hooks", "Webhooks that came in.", ["hook", "outcome"], registry=self.registry)
        self.registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """The gauges of all sources, as they are now."""
        yield InfoMetricFamily("signet_build", "What runs.", value={"version": __version__})
        families: dict[str, GaugeMetricFamily] = {}
        for source in self.sources:
            for name, text, labels, value in source():
                family = families.setdefault(name, GaugeMetricFamily(name, text, labels=list(labels)))
                family.add_metric(list(labels.values()), value)
        yield from families.values()

    def describe(self) -> list[Metric]:
        """Nothing beforehand: what the sources tell is known when they are asked."""
        return []

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self.registry)


def of_shelf(shelf: Any) -> Callable[[], Iterable[Gauge]]:
    """How a shelf stands: is it degraded, how old is what it serves, and when did it last look."""

    def gauges() -> Iterator[Gauge]:
        standing, now = shelf.standing(), time.time()
        yield (
            "signet_degraded",
            "1 while not the newest commit is served, or nobody can look.",
            {},
            standing.is_degraded,
        )
        yield "signet_looked_seconds", "Seconds since the registry was last seen.", {}, now - standing.looked
        if standing.rewritten:
            yield "signet_rewritten", "1 after history that was rewritten was followed.", {}, 1
        for told in shelf.newest().history.commits(limit=1).items:
            yield "signet_commit_age_seconds", "Seconds since the commit that is served.", {}, now - told.time
            yield "signet_commits", "Commits of the history that is served.", {}, told.seq

    return gauges
