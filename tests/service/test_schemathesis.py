"""Schemathesis looks for what the API does and its document does not say, and finds nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service import asking
from tests.service.asking import Service

SETTINGS = "".join(
    f"""
[[operations]]
include-name = "GET /api/v1/{path}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "3xx", 400, 404]
"""
    for path in ("guard", "owed", "services/{service}/usage")
)
"""OpenAPI cannot say that two parameters exclude or need each other; these three questions say so with 400."""


@pytest.mark.slow
def test_schemathesis_on_the_whole_api_finds_nothing(tmp_path: Path) -> None:
    team = asking.shop(tmp_path / "registry")
    team.live("catalog", "4.0.0", "/items")
    team.live("catalog", "4.0.1", "/items", "/prices")
    team.contract("cart", "2.1.0", "catalog", "/items")
    team.deploy("cart", "2.1.0")
    (tmp_path / "schemathesis.toml").write_text(SETTINGS)
    command = [sys.executable, "-m", "schemathesis.cli", "run"]
    options = ["--checks", "all", "--max-examples", "25", "--seed", "8", "--continue-on-failure"]
    quiet = ["--generation-database", "none", "--suppress-health-check", "all", "--no-color"]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SCHEMATHESIS")}
    with asking.served(Service(team.location).app) as address:
        done = subprocess.run(
            [*command, f"{address}/api/v1/openapi.json", *options, *quiet],
            cwd=tmp_path,
            env=clean,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    counts = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    assert counts is not None and counts[1] == counts[2] and int(counts[1]) > 1_000, done.stdout[-5_000:]
