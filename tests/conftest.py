"""For every test: git and Signet see nothing of the machine they run on (configuration, cache, CI, tokens)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from signet.cli.ci_systems import variables

# A machine may be busy: how long an example takes says nothing about what is tested.
# Each run draws other examples, so that fewer of them will do.
settings.register_profile("signet", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("signet")
OURS = {*variables(), "NO_COLOR", "SOURCE_DATE_EPOCH"}
"""What steers Signet; the table is gone through once, and not for every test."""


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home directory."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def nobodys_machine(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment without git's and Signet's variables, with an empty home and a cache of the test's own."""
    for name in list(os.environ):
        if name in OURS or (name.startswith(("GIT_", "SIGNET_", "GITHUB_", "XDG_")) and name != "SIGNET_CONFORMANCE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("SIGNET_CACHE", str(tmp_path / "cache"))
