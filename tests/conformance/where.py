"""Where the conformance cases lie: ``SIGNET_CONFORMANCE``, or ``../shared/conformance`` beside the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def conformance(kind: str) -> Path:
    """The folder of one kind of case. Skips where the default place is absent; a set variable must lead to cases."""
    given = os.environ.get("SIGNET_CONFORMANCE")
    root = Path(given) if given else Path(__file__).parents[2].parent / "shared" / "conformance"
    folder = root / kind
    if not folder.is_dir() or not any(folder.iterdir()):
        if given:
            pytest.fail(f"SIGNET_CONFORMANCE is set, and {folder} holds no cases")
        pytest.skip(f"no conformance cases at {folder}")
    return folder
