"""Starts and stops all five services of the shop, each as a process of its own on 127.0.0.1.

    python shop.py up         start those that do not run; start those anew that run in another version
    python shop.py ps         say which run, in which version, and where
    python shop.py spec cart  write the OpenAPI document of a running service into run/specs
    python shop.py url cart   say where a service runs, if it does so in the version that is asked for
    python shop.py down       stop all

``ITEM_VERSION``, ``CART_VERSION`` and the like choose versions. All that is kept lies in ``run`` (or ``$SHOP_RUN``):
for each service its pid, its URL, its log and, in ``run/data``, its database.

The pid file of a service is locked for as long as its process lives, whoever started it and however that ended. So
``down`` knows for sure what still runs and never hits a stranger, and a second ``up`` starts nothing twice.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit

from fetch_openapi import write_openapi
from service import version

SHOP = Path(__file__).resolve().parent
RUN = Path(os.environ.get("SHOP_RUN", "run")).resolve()
ASKS = {
    "item": (),
    "inventory": ("item",),
    "catalog": ("item",),
    "cart": ("item", "catalog", "inventory"),
    "accounting": ("cart",),
}
"""Each service with those that it asks. A service starts after those, because it is told where they are."""
PATIENCE = 60


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="Start and stop the services of the shop.")
    actions = parser.add_subparsers(dest="action", required=True)
    for action in ("up", "ps", "down"):
        actions.add_parser(action)
    for action in ("spec", "url"):
        actions.add_parser(action).add_argument("service", choices=sorted(ASKS))
    asked = parser.parse_args()
    if asked.action == "spec":
        write_openapi(checked_url(asked.service), RUN / "specs" / f"{asked.service}.json")
    elif asked.action == "url":
        print(checked_url(asked.service))
    else:
        {"up": up, "ps": ps, "down": down}[asked.action]()


def up() -> None:
    """Start what does not run yet; whatever fails, what was started stays until ``down``."""
    (RUN / "data").mkdir(parents=True, exist_ok=True)
    for service in ASKS:
        is_up = running(service) == version(service)
        if not is_up:
            start(service)
        print(f"{service} {version(service)} {'was up' if is_up else 'is up'} at {url(service)}")


def ps() -> None:
    """Say what runs."""
    for service in ASKS:
        found = running(service)
        print(f"{service} {found} at {url(service)}" if found else f"{service} is down")


def checked_url(service: str) -> str:
    """Where a service runs; it must run in the version that is asked for."""
    found = running(service)
    if found != version(service):
        state = f"{service} {found} runs" if found else f"{service} does not run"
        sys.exit(f"{state}, and {service} {version(service)} is asked for. Start it with the same versions: make up")
    return url(service)


def down() -> None:
    """Stop all, those who ask before those who answer."""
    for service in reversed(ASKS):
        print(f"{service} {'stopped' if stop(service) else 'was down'}")


def url(service: str) -> str:
    """Where a service listens that runs."""
    return (RUN / f"{service}.url").read_text(encoding="utf-8").strip()


def running(service: str) -> str | None:
    """The version of a service that answers; None if it does not."""
    try:
        with urllib.request.urlopen(f"{url(service)}/health", timeout=5) as answer:
            said = json.load(answer)
    except (OSError, URLError, ValueError):
        return None
    return str(said["version"]) if said.get("service") == service else None


def start(service: str) -> None:
    """Start a service and wait until it is healthy; where it was before, because its neighbours know it there."""
    try:
        port = urlsplit(url(service)).port or 0
    except FileNotFoundError:
        port = 0
    stop(service)  # it may run in another version, or live and not answer
    lock = os.open(RUN / f"{service}.pid", os.O_RDWR | os.O_CREAT)
    try:
        if not _locked(lock):
            sys.exit(f"Somebody else starts {service} just now.")
        os.ftruncate(lock, 0)
        neighbours = {f"{name.upper()}_URL": url(name) for name in ASKS[service]}
        own = {"SHOP_DATA": str(RUN / "data"), "SHOP_STATES": "on", **neighbours}
        command = [sys.executable, str(SHOP / "serve.py"), service, "--port", str(port)]
        command += ["--url-file", str(RUN / f"{service}.url"), "--pid-lock", str(lock)]
        with (RUN / f"{service}.log").open("wb") as log:
            # A session of its own, so that Ctrl-C at this terminal is not for it; and the lock, which it inherits.
            process = subprocess.Popen(
                command,
                cwd=SHOP,
                env={**os.environ, **own},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[lock],
            )
    finally:
        os.close(lock)
    end = time.monotonic() + PATIENCE
    while running(service) is None:
        if process.poll() is not None or time.monotonic() > end:
            log_text = (RUN / f"{service}.log").read_text(encoding="utf-8", errors="replace")
            sys.exit(f"{service} did not start:\n{log_text[-2000:]}")
        time.sleep(0.1)


def stop(service: str) -> bool:
    """Stop a service; was there any process?"""
    try:
        lock = os.open(RUN / f"{service}.pid", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        lived = False
        end = time.monotonic() + 10
        while not _locked(lock):
            lived = True
            written = os.pread(lock, 20, 0)  # nothing yet, if it has only just been started
            if written:
                _signal(int(written), signal.SIGTERM if time.monotonic() < end else signal.SIGKILL)
            time.sleep(0.1)
        # The lock is ours, so nobody starts this service meanwhile. The file stays: a new one would have another lock.
        (RUN / f"{service}.url").unlink(missing_ok=True)
        return lived
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    """Take the lock; False if somebody has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):  # it has ended meanwhile
        os.kill(pid, number)


if __name__ == "__main__":
    main()
