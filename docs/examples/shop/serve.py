"""Runs one service of the shop on 127.0.0.1, and prints where it listens.

    CATALOG_VERSION=2.0.0 python serve.py catalog [--port 8080]

Without a port it takes a free one. It runs until it is interrupted; with ``--with-parent`` it also stops when its
standard input ends, so that it never outlives the program that started it. Alone, without ``ITEM_URL`` and the like,
stand-ins answer in the place of its neighbours; ``shop.py`` starts all five, and each of them knows the others.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import socket
import sys
import tempfile
import threading
from pathlib import Path

import uvicorn

from service import VERSIONS


def main() -> None:
    """Serve the service that the command line names."""
    parser = argparse.ArgumentParser(description="Run one service of the shop.")
    parser.add_argument("service", choices=sorted(VERSIONS))
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--url-file", type=Path, help="write there where it listens")
    parser.add_argument("--pid-lock", type=int, help="an open file: hold it, and write the pid into it")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    asked = parser.parse_args()
    if asked.pid_lock is not None:
        os.pwrite(asked.pid_lock, str(os.getpid()).encode(), 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that what is temporary is removed then, too
    if "SHOP_DATA" in os.environ:
        serve(asked)
    else:
        with tempfile.TemporaryDirectory(prefix="shop-data-", ignore_cleanup_errors=True) as os.environ["SHOP_DATA"]:
            serve(asked)


def serve(asked: argparse.Namespace) -> None:
    """Serve until somebody ends it."""
    app = importlib.import_module(f"{asked.service}.app").app
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    # asyncio sends without delay only where the protocol of the socket is named; each answer would take 40 ms longer.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # it may take the place of one that just ended
        listener.bind(("127.0.0.1", asked.port))
        listener.listen()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        print(url, flush=True)
        if asked.url_file is not None:
            asked.url_file.write_text(f"{url}\n", encoding="utf-8")
        if asked.with_parent:
            threading.Thread(target=stop_at_end_of_input, args=(server,), daemon=True).start()
        server.run(sockets=[listener])


def stop_at_end_of_input(server: uvicorn.Server) -> None:
    """Wait until nobody can write to our standard input any more."""
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
