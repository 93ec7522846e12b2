"""What the consumer tests of the shop have in common: where contracts go, and a provider that answers as expected.

A consumer test runs the *real client* against a stand-in that pact-python serves. Whatever the client needed to pass
becomes the contract: nobody writes it by hand, and it holds nothing that the client does not use. Matchers say how
exact it is: ``match.int(1250)`` relies on a whole number being there, not on 1250.

The tests also run through a proxy: ``CATALOG_URL`` and the like are where the client asks then, and ``STAND_IN_PORT``
is where the stand-in listens, behind the proxy. Each request tells its provider state in a header, which ``signet
proxy`` takes off.
"""

from __future__ import annotations

import json
import os
import tempfile
import unittest
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import ClassVar

from pact import Pact

from service import Refused

JSON = "application/json"
ITEM_ID = r"^[a-z]{2,10}-[1-9][0-9]{0,3}$"


class ConsumerTest(unittest.TestCase):
    """Tests of one integration. Each adds what it expected to the contract, once the client has lived with it.

    The contract is ``CONSUMER-PROVIDER.json`` in the folder ``$PACT_DIR``.
    """

    consumer: ClassVar[str] = ""
    provider: ClassVar[str] = ""
    folder: ClassVar[Path] = Path(os.environ.get("PACT_DIR", "run/pacts"))

    @classmethod
    def setUpClass(cls) -> None:
        (cls.folder / f"{cls.consumer}-{cls.provider}.json").unlink(missing_ok=True)

    def setUp(self) -> None:
        self.pact = Pact(self.consumer, self.provider).with_specification("V4")

    @contextmanager
    def answering(self) -> Iterator[str]:
        """The address of a server that answers as expected, or of a proxy before it, while the block runs."""
        proxy = os.environ.get(f"{self.provider.upper()}_URL")
        with ExitStack() as stack:
            if proxy is not None:
                stack.enter_context(telling(self.states()))
            server = stack.enter_context(self.pact.serve(port=int(os.environ.get("STAND_IN_PORT", "0"))))
            yield proxy or str(server.url)
        self.pact.write_file(self.folder)

    def states(self) -> str:
        """The provider states that the test has given, as they stand in the contract."""
        with tempfile.TemporaryDirectory() as folder:
            self.pact.write_file(folder)
            [file] = Path(folder).iterdir()
            return json.dumps(json.loads(file.read_bytes())["interactions"][0]["providerStates"])

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """The client must hear that it is refused, while the block runs."""
        with self.assertRaises(Refused) as refused:
            yield
        self.assertEqual(refused.exception.status, status)


@contextmanager
def telling(states: str) -> Iterator[None]:
    """While the block runs, every request of this program tells these provider states."""
    opener = urllib.request.build_opener()
    opener.addheaders = [("X-Signet-State", states)]
    urllib.request.install_opener(opener)
    try:
        yield
    finally:
        urllib.request.install_opener(urllib.request.build_opener())
