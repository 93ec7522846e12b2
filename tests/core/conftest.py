"""The core talks to nobody: whatever a document refers to, no connection is even tried in its tests."""

from __future__ import annotations

import socket
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every way from a name or a socket to another machine fails the test."""

    def refused(*arguments: Any, **_: Any) -> Any:
        pytest.fail(f"the core wants to reach {arguments[-1]!r}")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refused)
