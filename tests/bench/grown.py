"""A grown registry that questions are asked about, and who asks them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from signet.registry import git, read
from tests.growth import Shape, grow
from tests.growth.story import pipeline, service_name, version_name

NOWHERE = Path(os.devnull)
"""A cache directory in which nothing is ever kept."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A registry of some shape: all its services are live in production."""

    shape: Shape
    path: Path

    @classmethod
    def at(cls, folder: Path, shape: Shape) -> Grown:
        """Make it in a folder, unless it is there."""
        path = folder / f"{shape}.git"
        if not path.is_dir():
            grow(path, shape)
        return cls(shape, path)

    @property
    def ordinary(self) -> str:
        """A service with some neighbours, whose newest version may go to production."""
        newest = self.shape.versions - 1
        return service_name(
            next(number for number in range(5, self.shape.services) if not pipeline(self.shape, number, newest).broken)
        )

    @property
    def hub(self) -> str:
        """The service that nearly all others call."""
        return service_name(0)

    @property
    def newest(self) -> str:
        """The newest version of every service."""
        return version_name(self.shape.versions - 1)

    def question(self, service: str) -> list[str]:
        """The arguments that ask about the newest version of a service, of this registry, but for ``--registry``."""
        asked = ["deploy-guard", "--name", service, "--version", self.newest, "--environment", "production"]
        return [*asked, "--json", "--dry-run", "--ignore-config"]

    def state(self) -> read.RegistryState:
        """Its state, opened anew, without results that are kept."""
        repository = git.open_repository(str(self.path), cache=NOWHERE)
        return read.state_at(repository, git.head(repository))
