"""One replica of a service, as a process of its own: it looks at the registry, and carries webhooks until it is killed.

    python -m tests.service.replica REGISTRY STORE POLL HOST...

It prints ``ready`` when it has begun. Each line that comes in is a call: look at the registry now.
"""

from __future__ import annotations

import sys
import threading

from signet.errors import SignetError
from signet.registry.opening import PLAIN
from signet.service.snapshots import Shelf
from signet.service.webhooks.courier import Courier
from signet.service.webhooks.outgoing import Outgoing
from signet.service.webhooks.store import Store
from tests.service.subscribed import VARIABLES


def main(location: str, store: str, poll: float, hosts: list[str]) -> None:
    """Run until the input ends, or the process is killed."""
    outgoing = Outgoing(
        tuple(hosts), ("127.0.0.0/8",), attempts=1_000, first=0.01, longest=0.05, connect=2.0, total=5.0, lease=2.0
    )
    shelf = Shelf(location, PLAIN)
    courier = Courier(outgoing, shelf, Store(store), variables=VARIABLES, sweep=0.3)
    courier.start()
    called, ended = threading.Event(), threading.Event()

    def follow() -> None:
        while not ended.is_set():
            called.wait(poll)
            called.clear()
            try:
                shelf.refresh()
            except SignetError as error:
                print(error.message, file=sys.stderr, flush=True)

    following = threading.Thread(target=follow, daemon=True)
    following.start()
    print("ready", flush=True)
    for _line in sys.stdin:
        called.set()
    ended.set()
    courier.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:])
