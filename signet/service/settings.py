"""What the service is told when it starts, as one frozen value. Where it comes from is for ``signet.cli`` to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from signet.registry.opening import PLAIN, Access
from signet.service.webhooks.outgoing import Outgoing

HOOKS = ("github", "gitlab", "gitea", "plain")
"""Who may tell that something was pushed; each is a route of its own, with secrets of its own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``registry`` is a URL or a path; ``folder`` is where the service keeps its mirror and, by default, its databases.

    ``database`` is the URL of the index ("" is SQLite in ``folder``), ``store`` that of what only the service knows:
    cursors and deliveries ("" is ``database`` where that is a server, else a SQLite file of its own). ``poll`` is the
    time in seconds between two looks at the registry when nobody calls. ``tokens`` are those of which readers must show
    one (none: everybody reads); ``hosts`` the names by which the service may be called (none: any). ``hooks`` are the
    secrets of each webhook that comes in; one without is not there. ``outgoing`` is what webhooks out may reach, and
    ``variables`` are those that they may name.
    """

    registry: str
    folder: Path
    access: Access = PLAIN
    database: str = field(default="", repr=False)
    store: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    poll: float = 60.0
    tokens: tuple[str, ...] = field(default=(), repr=False)
    hosts: tuple[str, ...] = ()
    hooks: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    outgoing: Outgoing = field(default_factory=Outgoing)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    follow_rewrites: bool = False
    log_format: str = "text"

    @property
    def store_url(self) -> str:
        """The store: beside the index where that is a server, so that replicas share it; else a file, which lasts."""
        is_server = self.database.startswith("postgres")
        return self.store or (self.database if is_server else f"sqlite:///{self.folder / 'store.sqlite'}")
