"""A real browser before a real port: Chromium by Playwright, and the service behind uvicorn on loopback."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from tests.service.asking import Service

PATIENCE = 120_000
"""Milliseconds that a page may take: the first look at a big registry compares everything, maybe on a busy machine."""
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}


@contextmanager
def served(service: Service) -> Iterator[str]:
    """The service at a port of this machine, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(service.app, log_level="error", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            live = getattr(service.app.state, "live", None)
            if live is not None:
                live.close()
            server.should_exit = True
            thread.join(10)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the system; skips where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("there is no chromium: make .venv/.ready-parts installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class Looked:
    """A page in a browser, and everything that went wrong on it."""

    def __init__(self, browser: Browser, base: str, *, narrow: bool = False, **options: Any) -> None:
        self.base, self.troubles, self.status = base, list[str](), 0
        self.context = browser.new_context(viewport=NARROW if narrow else WIDE, **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}") or dialog.dismiss())
        self.page.on("requestfailed", self._failed)

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.type}: {message.text}")

    def _failed(self, request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # by leaving the page: its stream, its icon
            self.troubles.append(f"failed: {request.url}: {request.failure}")

    def open(self, path: str) -> Page:
        """Go there, and wait until it stands."""
        answer = self.page.goto(f"{self.base}{path}", wait_until="load")
        self.status = answer.status if answer is not None else 0
        return self.page

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return found

    def faults(self, axe: str) -> list[str]:
        """What axe-core finds, minor things apart; run from outside the page, whose policy lets no script in."""
        self.page.evaluate(axe)
        found = self.page.evaluate(
            "async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map("
            "one => [one.impact, one.id, one.nodes.map(node => node.target.join(' ')).slice(0, 5).join(' | ')])"
        )
        return [f"{rule} ({impact}): {places}" for impact, rule, places in found if impact != "minor"]

    def close(self) -> None:
        self.context.close()
