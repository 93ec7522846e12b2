"""Secrets that go through ``signet proxy``, and contracts that hold some when they are published."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Desk
from tests.cli.test_proxy import PAIR
from tests.cli.test_proxy import provider as provider
from tests.live.test_recording import JWT, PEM, TRACES

ATTACK = f"""
import os, urllib.error, urllib.request as u
url = os.environ["SIGNET_PROVIDER_URL"]
def ask(path, data=None, **headers):
    try:
        named = {{name.replace("_", "-"): value for name, value in headers.items()}}
        u.urlopen(u.Request(url + path, data, named)).read()
    except urllib.error.HTTPError as error:
        error.read()
ask("/echo?token=canary", Authorization="Bearer canary-bearer", Cookie="sid=canary", X_Api_Key="canary", X_Own="canary")
ask("/echo", Authorization="Basic bWU6Y2FuYXJ5")
ask("/echo", b'{{"x": "{JWT}", "hook": "https://me:canary@example.com/", "card": "4111 1111 1111 1111"}}',
    Content_Type="application/json")
ask("/echo", {json.dumps({"key": PEM}).encode()!r}, Content_Type="application/json")
ask("/echo", b'--b\\r\\nContent-Disposition: form-data; name="secret"\\r\\n\\r\\ncanary\\r\\n--b--\\r\\n',
    Content_Type="multipart/form-data; boundary=b")
ask("/echo/{JWT}", b"password=canary", Content_Type="application/x-www-form-urlencoded")
ask("/nothing/{JWT}?x={JWT}", X_Signet_State="{JWT}")
"""


class TestNoSecret:
    """safety.md T57: canaries are looked for in every byte that is written or said."""

    def test_is_left_anywhere_from_the_recording_to_the_registry(self, shop: Desk, provider: str) -> None:
        """Everything that the programs may write to lies below the folder: cache, temporary files, home."""
        own = {name: str(shop.folder / name.lower()) for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME", "SIGNET_CACHE")}
        for folder in own.values():
            Path(folder).mkdir()
        target = provider.replace("//", "//me:canary@")
        variables = {**os.environ, **own, "SIGNET_TARGET_URL": target, "SIGNET_DEBUG": "1", "PYTHONWARNINGS": "default"}
        said = b""

        def signet(*words: str) -> int:
            nonlocal said
            command = [sys.executable, "-X", "dev", "-m", "signet", *words]
            done = subprocess.run(command, cwd=shop.folder, env=variables, capture_output=True, check=False)
            said += done.stdout + done.stderr
            return done.returncode

        recording = ("proxy", *PAIR, "--path")
        assert signet(*recording, "x.json", "--", sys.executable, "-c", ATTACK) == 0
        assert signet(*recording, "no.json", "--", sys.executable, "-c", f"{ATTACK}\nraise SystemExit(3)") == 3
        assert signet(*recording, "/proc/x.json", "--", sys.executable, "-c", ATTACK) == 2
        assert signet("publish", "--version", "9", "x.json") == 0
        assert signet("compare", "--spec", "catalog.json", "--contract", "x.json") == 1
        leak = (shop.folder / "x.json").read_text().replace("left-out-by-signet", JWT)
        (shop.folder / "x.json").write_text(leak)
        assert signet("publish", "--version", "10", "x.json") == 3
        (shop.folder / "x.json").unlink()

        kept = [path.read_bytes() for path in shop.folder.rglob("*") if path.is_file()]
        listing = ["git", "-C", "registry", "cat-file", "--batch-all-objects", "--batch", "--unordered"]
        objects = subprocess.run(listing, cwd=shop.folder, capture_output=True, check=True).stdout
        assert b"left-out-by-signet" in objects and b"/echo" in objects, "the contract was published"
        for trace in (*TRACES, b"4111 1111", b"4111111111111111"):
            assert not [one for one in (said, objects, *kept) if trace in one], trace

    @pytest.mark.parametrize("code", [0, 3])
    @pytest.mark.parametrize("state_function", [(), ("--state-function", "s.py:state")])
    def test_is_written_or_said_by_the_proxy(
        self, desk: Desk, provider: str, code: int, state_function: tuple[str, ...]
    ) -> None:
        (desk.folder / "s.py").write_text("def state(asked):\n    raise ValueError(asked.headers, asked.path)\n")
        target = provider.replace("//", "//me:canary@")
        done = subprocess.run(
            [sys.executable, "-m", "signet", "proxy", *PAIR, "--path", "x.json", "--write-failed", *state_function,
             "--", sys.executable, "-c", f"{ATTACK}\nraise SystemExit({code})"],
            cwd=desk.folder, capture_output=True, check=False, env=os.environ | {"SIGNET_TARGET_URL": target},
        )  # fmt: skip
        assert done.returncode == (4 if state_function else code), done.stderr.decode()
        (desk.folder / "s.py").unlink()
        written = [path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()]
        assert [path.name for path in desk.folder.rglob("*.json")] == ["x.json"]
        for trace in (*TRACES, b"4111 1111", b"4111111111111111"):
            for said in (done.stdout, done.stderr, *written):
                assert trace not in said, said.decode()

    @pytest.mark.parametrize(
        "secret",
        [JWT, PEM, "https://me:canary@example.com/x", "4111 1111 1111 1111", "AKIACANARYCANARY1234", f"Bearer {JWT}"],
    )
    def test_is_published(self, shop: Desk, secret: str) -> None:
        contract = json.loads((shop.folder / "cart-catalog.json").read_text())
        contract["interactions"][0]["request"]["headers"] = {"X-Any": secret}
        (shop.folder / "leak.json").write_text(json.dumps(contract))
        refused = shop.signet("publish", "--version", "9", "leak.json")
        assert refused.code == 3
        assert "leak.json:1 #/interactions/0/request/headers/X-Any: this looks like" in refused.err
        for trace in (secret, *secret.split(), "canary"):
            assert trace not in refused.err.replace("leak.json", "")
        assert shop.signet("publish", "--version", "9", "leak.json", "--json").answer["code"] == "secret-found"
        shop.does("publish", "--version", "9", "leak.json", "--allow-secrets")

    def test_that_is_only_random_is_published_and_told(self, shop: Desk) -> None:
        contract = json.loads((shop.folder / "cart-catalog.json").read_text())
        made = base64.b64encode(bytes(range(7, 250, 9))).decode()
        contract["interactions"][0]["request"]["headers"] = {"X-Any": made}
        (shop.folder / "leak.json").write_text(json.dumps(contract))
        done = shop.does("publish", "--version", "9", "leak.json")
        assert "is this a secret? leak.json:1 #/interactions/0/request/headers/X-Any" in done.err
        assert made not in done.err
