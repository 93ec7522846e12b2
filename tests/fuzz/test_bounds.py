"""Documents that are small and would cost much: each is refused or read by a process that may not have much.

The bound is on memory and on the processor's time of one child process, both far above what an honest document needs.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest

from signet.cli import render
from signet.core.formats import openapi, pact, text
from signet.errors import SignetError

MEMORY, SECONDS = 1_500_000_000, 30


def _keys(levels: int, size: int, leaves: int) -> bytes:
    return b"".join(b'{"%s":' % (b"k" * size) for _ in range(levels)) + b"[" + b"0," * leaves + b"0]" + b"}" * levels


def _indented(levels: int, size: int) -> bytes:
    found = b"".join(b"%s? %s\n%s:\n" % (b" " * n, b"k" * size, b" " * n) for n in range(levels))
    return found + b" " * levels + b"[" + b"0," * 100_000 + b"0]\n"


def _aliases(rounds: int) -> bytes:
    lines = [b"a0: &a0 [x]"] + [b"a%d: &a%d [*a%d, *a%d, *a%d]" % (n, n, n - 1, n - 1, n - 1) for n in range(1, rounds)]
    return b"\n".join(lines) + b"\n"


WHOLE = b'{"openapi": "3.0.3", "paths": {"/a": {"get": {"responses": {"200": {"description": %s}}}}}}'

DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "long keys around many values": lambda: _keys(98, 1_000, 500_000),
    "one key around many values": lambda: _keys(1, 90_000, 300_000),
    "a key of megabytes": lambda: _keys(2, 3_000_000, 10),
    "long keys in YAML": lambda: _indented(98, 1_000),
    "longer keys in YAML": lambda: _indented(90, 50_000),
    "aliases of aliases": lambda: _aliases(40),
    "the same key again and again": lambda: b"{" + b'"a":1,' * 100_000 + b'"a":1}',
    "the same key again and again in YAML": lambda: b"a: 1\n" * 50_000,
    "a long text, and a fault": lambda: b'{"a":1,"a":"' + b"x" * 10_000_000 + b'"}',
    "a long text of escapes, and a fault": lambda: b'{"a":1,"a":"' + b"\\n" * 2_000_000 + b'"}',
    "brackets": lambda: b"[" * 500_000,
    "brackets in YAML": lambda: b"a: " + b"[" * 500_000,
    "a number of megabytes": lambda: b"[" + b"1" * 5_000_000 + b"]",
    "an exponent": lambda: WHOLE % b"1e999999999",
    "a list of many": lambda: b"[" + b"0," * 1_000_000 + b"0]",
}


def _read(name: str) -> None:
    data = DOCUMENTS[name]()
    for file in ("x.json", "x.yaml"):
        try:
            document = text.read(data, file)
            for reader in (openapi.spec, pact.contract):
                reader(document)
        except SignetError as error:
            assert len(str(error)) < 3 * len(data) + 100_000
            render.harmless(str(error))


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_small_document_costs_little(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.test_bounds", name],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_limited,
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


@pytest.mark.parametrize("piece", ["a", "a.", "https:/", "://", "x://", "a:", "@", "::", "##", "\x1b", "https://a:"])
def test_a_line_of_output_costs_what_it_is_long(piece: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    render.harmless(piece * 200_000 + "://" + piece * 200_000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 10


if __name__ == "__main__":
    _read(sys.argv[1])
