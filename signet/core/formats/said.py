"""Every text that a JSON value says: those who look for a secret that comes again look at all of them.

A number is said in two ways where they differ: as it was written (``1.50``), and as it is written anew (``1.5``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from signet.core.formats.canonical import number_text


def texts(value: Any) -> Iterator[str]:
    """Names, texts and numbers of a value, however deep; bytes count as a text of one character each."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield name
            yield from texts(member)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
    else:
        yield from spellings(value)


def spellings(value: Any) -> tuple[str, ...]:
    """How a number may be written; nothing for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return ()
    return tuple(dict.fromkeys((str(value), number_text(value))))
