"""What the consumer tests of the shop have in common: where contracts go, and a provider that answers as expected.

A consumer test runs the *real client* against a stand-in that pact-python serves. Whatever the client needed to pass
becomes the contract: nobody writes it by hand, and it holds nothing that the client does not use. Matchers say how
exact it is: ``match.int(1250)`` relies on a whole number being there, not on 1250.
"""

from __future__ import annotations

import os
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
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
        """The address of a server that answers as expected while the block runs."""
        with self.pact.serve() as server:
            yield str(server.url)
        self.pact.write_file(self.folder)

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """The client must hear that it is refused, while the block runs."""
        with self.assertRaises(Refused) as refused:
            yield
        self.assertEqual(refused.exception.status, status)
