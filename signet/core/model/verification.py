"""Results of live verification: a running provider against its spec, or against a consumer's contract."""

from __future__ import annotations

from typing import NamedTuple


class SpecTest(NamedTuple):
    """The latest test of a provider version against a spec (full digest)."""

    service: str
    version: str
    spec: str
    passed: bool
    tool: str = ""
    url: str = ""


class Replay(NamedTuple):
    """The latest replay of a consumer's contract (full digest) by a provider version."""

    service: str
    version: str
    consumer: str
    contract: str
    passed: bool
    tool: str = ""
    url: str = ""
