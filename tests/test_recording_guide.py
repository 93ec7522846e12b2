"""What docs/recording.md shows of tests in Python, Node and Java: each example runs, and writes a contract."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[1] / "docs" / "recording.md"
SHOWN = "http://127.0.0.1:8000"
"""Where the guide's provider runs."""
PROXY = ["-m", "signet", "proxy", "--name", "cart", "--provider-name", "catalog", "--path", "recorded.json", "--target"]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "signet.testing.pytest_plugin"]

pytestmark = pytest.mark.slow


class Catalog(BaseHTTPRequestHandler):
    """The guide's provider: one offer."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""

    def do_GET(self) -> None:
        body = json.dumps({"item_id": self.path.rpartition("/")[2], "price": 1250}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def provider() -> Iterator[str]:
    """The guide's provider at a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Catalog)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def examples() -> dict[str, str]:
    """Every program that the guide shows, by the name of its file."""
    blocks = re.findall(r"^```\w+\n((?:#|//) (\S+\.\w+)\n.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return {name: text for text, name in blocks}


@pytest.mark.parametrize(
    ("name", "command", "written"),
    [
        ("test_offers.py", PYTEST, "pacts/cart-catalog.json"),
        ("record_offers.py", [sys.executable, "record_offers.py"], "recorded.json"),
        ("offers.test.mjs", [sys.executable, *PROXY, SHOWN, "--", "node", "--test"], "recorded.json"),
        ("OffersTest.java", [sys.executable, *PROXY, SHOWN, "--", "java", "OffersTest.java"], "recorded.json"),
    ],
)
def test_every_example_writes_a_contract(
    provider: str, tmp_path: Path, name: str, command: list[str], written: str
) -> None:
    program = command[command.index("--") + 1] if "--" in command else command[0]
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program} here")
    (tmp_path / name).write_text(examples()[name].replace(SHOWN, provider), encoding="utf-8")
    command = [provider if word == SHOWN else word for word in command]
    variables = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    [item] = json.loads((tmp_path / written).read_bytes())["interactions"]
    assert item["description"] == "GET /offers/tea-1 answers 200"
    assert [state["name"] for state in item["providerStates"]] == ["an item is offered"]
    assert item["response"]["body"]["content"] == {"item_id": "tea-1", "price": 1250}


def test_no_example_is_left_out() -> None:
    assert {name for name in examples() if not name.startswith("states_of")} == {
        "test_offers.py", "record_offers.py", "offers.test.mjs", "OffersTest.java",
    }  # fmt: skip
