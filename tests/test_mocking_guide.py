"""What docs/mocking.md shows of tests in Python runs, at a mock of the guide's spec."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[1] / "docs" / "mocking.md"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "signet.testing.pytest_plugin"]
SPEC = """
openapi: 3.0.3
info: {title: Catalog, version: "1"}
paths:
  /offers/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        "200":
          description: one offer
          content:
            application/json:
              schema: {type: object, required: [item_id], properties: {item_id: {type: string}}}
"""

pytestmark = pytest.mark.slow


def examples() -> dict[str, str]:
    """Every program that the guide shows, by the name of its file."""
    blocks = re.findall(r"^```python\n(# (\S+\.py)\n.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return {name: text for text, name in blocks}


@pytest.mark.parametrize(
    ("name", "command"), [("test_offers.py", PYTEST), ("offers.py", [sys.executable, "offers.py"])]
)
def test_every_example_runs(tmp_path: Path, name: str, command: list[str]) -> None:
    (tmp_path / "catalog.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / name).write_text(examples()[name], encoding="utf-8")
    variables = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    contract = tmp_path / "pacts" / "cart-catalog.json"
    if name == "offers.py":
        assert [each["description"] for each in json.loads(contract.read_bytes())["interactions"]] == [
            "GET /offers/tea-1 answers 200"
        ]


def test_no_example_is_left_out() -> None:
    assert set(examples()) == {"test_offers.py", "offers.py"}
