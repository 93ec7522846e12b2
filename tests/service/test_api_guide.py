"""What docs/api.md shows is typed as it stands there, and answered."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from signet.service.api import document
from tests.service import asking
from tests.service.asking import Service

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
LINES = [
    line for block in re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE) for line in block.splitlines()
]

SAID = {"deploy-guard": "yes:", "status": "registry at ", "owed": " tests owed"}
"""What a command of the guide says, whoever answers it."""


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_every_line_of_the_guide_is_answered(tmp_path: Path) -> None:
    team = asking.shop(tmp_path / "registry")
    assert len(LINES) >= 14
    with asking.served(Service(team.location).app) as address:
        variables = os.environ | {"SIGNET_INDEX": address, "SIGNET_REGISTRY": team.location, "NO_PROXY": "127.0.0.1"}
        for line in LINES:
            command = line.replace("signet ", f"{sys.executable} -m signet ", 1) if line.startswith("signet") else line
            done = subprocess.run(
                ["sh", "-c", command], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, ""), (line, done)
            if line.startswith("curl") and "graph" not in line and "badges" not in line:
                assert json.loads(done.stdout)["schema"].startswith("signet."), (line, done.stdout)
            elif line.startswith("curl"):
                assert done.stdout.startswith(("<svg", "flowchart", '{"schema')), (line, done.stdout)
            else:
                assert SAID[line.split()[1]] in done.stdout, (line, done.stdout)


def test_every_status_and_every_family_is_in_the_guide() -> None:
    told = document.document()
    statuses = {status for path in told["paths"].values() for status in path["get"]["responses"]} - {"200"}
    assert all(f"| {status} |" in GUIDE for status in statuses)
