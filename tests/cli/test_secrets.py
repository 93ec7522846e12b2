"""Credentials appear in no output, log, process list, record, cache or error: canaries, looked for everywhere.

Each command runs as a process against a remote that wants a token, behind a proxy that wants a login, and on a server
that repeats what it was told. (safety.md T39.)
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from signet.registry.serve import served
from tests.cli.conftest import Desk
from tests.fuzz.test_commands import BASES, OTHERWISE
from tests.registry.relay import relaying
from tests.registry.test_git_remote import hook

TOKEN = "canary-token-7d1f"
PASSWORD = "canary-password-93ab"
LOGIN = f"proxyuser:{PASSWORD}"
SECRETS = [
    TOKEN,
    PASSWORD,
    *(base64.b64encode(one.encode()).decode() for one in (f"x-access-token:{TOKEN}", LOGIN)),
]
LOCAL = {"init", "deliveries", "demo", "mock", "proxy", "serve", "start-provider", "stop-provider"}
"""Commands that take no remote registry here: one makes a new one, the demo its own, the others need none."""


@contextmanager
def process_lists() -> Iterator[list[bytes]]:
    """The arguments of all processes, looked at again and again while the block runs."""
    seen: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                with suppress(OSError):
                    seen.add(entry.read_bytes())

    found: list[bytes] = []
    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
        found.extend(seen)


def run(desk: Desk, url: str, proxy: str, transport: str, *command: str) -> subprocess.CompletedProcess[bytes]:
    variables = os.environ | {
        "SIGNET_REGISTRY": url,
        "SIGNET_TOKEN": TOKEN,
        "SIGNET_TRANSPORT": transport,
        "SIGNET_DEBUG": "1",
        "http_proxy": proxy,
        "GIT_CURL_VERBOSE": "1",
        "GIT_TRACE_CURL": "1",
        "GIT_TRACE": "1",
    }
    asked = [sys.executable, "-m", "signet", *command]
    return subprocess.run(asked, cwd=desk.folder, env=variables, capture_output=True, check=False, timeout=120)


@pytest.mark.slow
@pytest.mark.parametrize("transport", ["git", "dulwich"])
def test_no_command_shows_or_keeps_them(shop: Desk, tmp_path: Path, transport: str) -> None:
    bare = shop.folder / "registry"
    hook(bare, "pre-receive", "echo told: $HTTP_AUTHORIZATION >&2")
    shown = b""
    with served(bare) as url, relaying(url) as relay, process_lists() as arguments:
        relay.login = LOGIN
        proxy = relay.url.replace("http://", f"http://{LOGIN}@")
        codes = {}
        for name, command in BASES.items():
            if name not in LOCAL:
                done = run(shop, url, proxy, transport, *command)
                shown += done.stdout + done.stderr
                codes[name] = done.returncode
        assert codes == {name: OTHERWISE.get(name, 0) for name in codes}
        assert any("Authorization" in one for one in relay.headers), "the token was sent"

        hook(bare, "pre-receive", f"echo 'go away with {TOKEN} and {SECRETS[2]}' >&2; exit 1")
        refused = run(shop, url, proxy, transport, *BASES["register-env"], "--display-name", "another")
        relay.login = "somebody:else"
        unknown = run(shop, url, proxy, transport, "status")
        relay.login = LOGIN
        gone = run(shop, url.replace("registry", "nowhere"), proxy, transport, "status")
        for done in (refused, unknown, gone):
            assert done.returncode in (4, 5), done
            shown += done.stdout + done.stderr
    assert any(b"signet\0" in one for one in arguments), "the processes were seen"

    kept = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "pre-receive"]
    listing = ["git", "-C", str(bare), "cat-file", "--batch-all-objects", "--batch", "--unordered"]
    objects = subprocess.run(listing, capture_output=True, check=True).stdout
    for secret in (one.encode() for one in SECRETS):
        assert secret not in shown
        assert not any(secret in one for one in arguments)
        assert not any(secret in one for one in kept)
        assert secret not in objects


def test_the_canaries_would_be_found(shop: Desk) -> None:
    with process_lists() as arguments:
        subprocess.run([sys.executable, "-c", "import time; time.sleep(0.3)", TOKEN], check=True)
    assert any(TOKEN.encode() in one for one in arguments)
