"""The thorough rounds of the fuzz tests are slow ones: ``make test-slow`` runs them, ``make test`` the quick ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import THOROUGH

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is here as slow, when thorough."""
    for item in items if THOROUGH else ():
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
