"""Runs one service of the shop on a free port of this machine, and prints where it listens.

    CATALOG_VERSION=2.0.0 python serve.py catalog

It runs until it is interrupted; with ``--with-parent`` it also stops when its standard input ends, so that it never
outlives the program that started it.
"""

from __future__ import annotations

import argparse
import importlib
import socket
import sys
import threading

import uvicorn


def main() -> None:
    """Serve the service that the command line names."""
    parser = argparse.ArgumentParser(description="Run one service of the shop on a free port of this machine.")
    parser.add_argument("service", choices=["catalog", "inventory"])
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    asked = parser.parse_args()
    app = importlib.import_module(f"{asked.service}.app").app
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        if asked.with_parent:
            threading.Thread(target=stop_at_end_of_input, args=(server,), daemon=True).start()
        server.run(sockets=[listener])


def stop_at_end_of_input(server: uvicorn.Server) -> None:
    """Wait until nobody can write to our standard input any more."""
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    main()
