"""For tests that are written in Python: what ``signet proxy`` and ``signet mock`` do, within the program of the tests.

    with recording("http://127.0.0.1:8000", consumer="cart", provider="catalog", path="pacts") as catalog:
        Catalog(catalog.url).offer("tea-1")

    with mocking("catalog.yaml") as catalog:
        Catalog(catalog.url).offer("tea-1")

``pytest_plugin`` makes fixtures of it. Everything heavy is imported when one begins: this package is imported by every
run of pytest where Signet is installed. Nothing here makes a contract or an answer; that is ``signet.live``.
"""

from signet.testing.mock import Mock, mocking
from signet.testing.record import Record, recording

__all__ = ["Mock", "Record", "mocking", "recording"]
