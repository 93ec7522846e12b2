"""Real repositories, and a real remote over smart HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from signet.registry.git import transport as transports
from signet.registry.serve import served
from tests.registry.people import person, seeded

FILES = {
    "README.md": b"ours\n",
    "services/cart/service.yaml": b"owners: [shop]\n",
    "services/cart/versions/1.json": b"{}\n",
    "services/catalog/service.yaml": b"owners: [catalog]\n",
}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A bare repository with one commit."""
    seeded(tmp_path / "registry.git", FILES)
    return tmp_path / "registry.git"


@pytest.fixture
def worktree(tmp_path: Path, bare: Path) -> Path:
    """A clone with a work tree."""
    person(tmp_path, "clone", "-q", str(bare), "clone")
    return tmp_path / "clone"


@pytest.fixture
def remote(bare: Path) -> Iterator[str]:
    """The URL under which ``bare`` is served."""
    with served(bare) as url:
        yield url


@pytest.fixture(params=["git", "dulwich"])
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each test twice: as it is, and on a machine whose git is too old, so that dulwich talks to the remotes."""
    if request.param == "dulwich":
        monkeypatch.setattr(transports, "OLDEST_GIT", (99,))
        monkeypatch.setattr(transports, "_ages", {})
    return str(request.param)
