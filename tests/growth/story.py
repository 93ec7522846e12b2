"""What happened in a registry of some shape: pipelines, one after the other. No file and no clock; only arithmetic.

Every service releases so many versions; each version is published with its spec and its contracts, tested, and goes
through the environments. Service 0 is the hub that everybody calls. Now and then a version expects what nobody
promises: it is published, and goes nowhere.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

HUB = 0
ENVIRONMENTS = {"test": 1, "staging": 2, "production": 5}
"""Each environment gets every so-manieth version."""


@dataclass(frozen=True, slots=True)
class Shape:
    """So many services, with so many versions each."""

    services: int
    versions: int

    @property
    def spec_lasts(self) -> int:
        """How many versions pass until a service's spec changes."""
        return max(10, self.versions // 8)

    @property
    def contracts_last(self) -> int:
        """How many versions pass until a service's contracts change."""
        return max(5, self.versions // 10)

    @classmethod
    def named(cls, text: str) -> Shape:
        """The shape that is written ``300x50``."""
        services, _, versions = text.partition("x")
        return cls(int(services), int(versions))

    def __str__(self) -> str:
        return f"{self.services}x{self.versions}"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One run of a service's pipeline: what it published, that its test passed, and where the version went.

    ``service`` and ``providers`` are numbers; ``spec`` and ``contracts`` count how often the content has changed.
    """

    service: int
    round: int
    spec: int
    contracts: int
    providers: tuple[int, ...]
    broken: bool
    environments: tuple[str, ...]

    @property
    def version(self) -> str:
        """The name of the version."""
        return version_name(self.round)


def service_name(number: int) -> str:
    """The name of a service."""
    return f"service-{number:04}"


def version_name(round_number: int) -> str:
    """The name of the version that a service releases in a round."""
    return f"1.{round_number}.0"


@cache
def providers_of(service: int, services: int) -> tuple[int, ...]:
    """Whom a service calls: the hub, and two to four others, the same in all its versions."""
    chosen = random.Random(f"providers of {service} of {services}")
    others = [number for number in range(services) if number not in (HUB, service)]
    some = chosen.sample(others, min(len(others), chosen.randint(2, 4)))
    return tuple(sorted(some if service == HUB else [HUB, *some]))


def pipeline(shape: Shape, service: int, round_number: int) -> Pipeline:
    """The run that releases one version."""
    broken = round_number > 0 and (service * 31 + round_number * 17) % 53 == 5
    return Pipeline(
        service,
        round_number,
        (round_number + service % shape.spec_lasts) // shape.spec_lasts,
        (round_number + service % shape.contracts_last) // shape.contracts_last,
        providers_of(service, shape.services),
        broken,
        () if broken else tuple(name for name, every in ENVIRONMENTS.items() if round_number % every == 0),
    )


def pipelines(shape: Shape) -> Iterator[Pipeline]:
    """Everything that happened: round by round, one version of every service."""
    for round_number in range(shape.versions):
        for service in range(shape.services):
            yield pipeline(shape, service, round_number)
