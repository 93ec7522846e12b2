"""For what lasts: garbage is collected now and then, which commands put off for good, as they end soon."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

AFTER = 5_000, 10, 10
"""After how many new objects the collector looks for garbage: a connection that is over leaves circles, and cursors of
a database keep much more memory than the collector sees.
"""


def collect() -> None:
    """Collect garbage from now on."""
    gc.set_threshold(*AFTER)


@contextmanager
def collecting() -> Iterator[None]:
    """Collect garbage until the block has ended."""
    before = gc.get_threshold()
    collect()
    try:
        yield
    finally:
        gc.set_threshold(*before)
