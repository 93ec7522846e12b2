"""What went wrong, in words that ``trouble`` knows how to read: raised inside a transport, never out of it."""

from __future__ import annotations


class Words(Exception):
    """The words of a server, a library or the system about a conversation that failed; not yet made safe to show."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words
