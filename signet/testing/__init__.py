"""For tests that are written in Python: what ``signet proxy`` does, within the program that runs the tests.

    with recording("http://127.0.0.1:8000", consumer="cart", provider="catalog", path="pacts") as catalog:
        Catalog(catalog.url).offer("tea-1")

``pytest_plugin`` makes fixtures of it. Everything heavy is imported when a recording begins: this package is imported
by every run of pytest where Signet is installed. Nothing here makes a contract; that is ``signet.live.recording``.
"""

from signet.testing.record import Record, recording

__all__ = ["Record", "recording"]
