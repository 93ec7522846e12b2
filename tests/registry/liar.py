"""A server that speaks git's protocol properly and sends whatever it likes: packs made by hand."""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
PERSON = b"Ada <ada@example.org> 1700000000 +0000"


def object_id(kind: str, content: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(content)}".encode() + b"\0" + content, usedforsecurity=False).hexdigest()


def tree_of(*entries: tuple[bytes, bytes, str]) -> bytes:
    """A tree object with entries (mode, name, id) in the given order."""
    return b"".join(mode + b" " + name + b"\0" + bytes.fromhex(one) for mode, name, one in entries)


def commit_of(tree: str, *parents: str, author: bytes = PERSON, more: bytes = b"\n\nx\n") -> bytes:
    head = b"tree " + tree.encode() + b"".join(b"\nparent " + one.encode() for one in parents)
    return head + b"\nauthor " + author + b"\ncommitter " + PERSON + more


def header(kind: int, size: int) -> bytes:
    first, rest = (kind << 4) | (size & 15), size >> 4
    out = bytearray()
    while rest:
        out.append(first | 0x80)
        first, rest = rest & 0x7F, rest >> 7
    out.append(first)
    return bytes(out)


def pack_of(*objects: tuple[str, bytes], raw: tuple[bytes, ...] = (), count: int | None = None) -> bytes:
    """A pack with these objects, and with entries that are already encoded."""
    body = [header(KINDS[kind], len(content)) + zlib.compress(content) for kind, content in objects]
    number = len(objects) + len(raw) if count is None else count
    pack = b"PACK" + (2).to_bytes(4, "big") + number.to_bytes(4, "big") + b"".join([*body, *raw])
    return pack + hashlib.sha1(pack, usedforsecurity=False).digest()


def line(data: bytes) -> bytes:
    return f"{len(data) + 4:04x}".encode() + data


@contextmanager
def lying(tip: str, pack: bytes, *, shallow: tuple[str, ...] = (), endless: bytes = b"") -> Iterator[str]:
    """The URL of a registry whose main is at ``tip``, and whose server answers every fetch with this pack."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            capabilities = [b"version 2\n", b"agent=liar\n", b"ls-refs\n", b"fetch=shallow filter\n"]
            body = line(b"# service=git-upload-pack\n") + b"0000" + b"".join(map(line, capabilities)) + b"0000"
            self._send("advertisement", body)

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if b"command=ls-refs" in asked:
                main = tip.encode() + b" refs/heads/main\n"
                head = tip.encode() + b" HEAD symref-target:refs/heads/main\n"
                self._send("result", line(head) + line(main) + b"0000")
                return
            cut = b""
            if shallow:
                cut = line(b"shallow-info\n") + b"".join(line(b"shallow " + one.encode()) for one in shallow) + b"0001"
            blocks = [line(b"\1" + pack[at : at + 60_000]) for at in range(0, len(pack), 60_000)]
            body = cut + line(b"packfile\n") + b"".join(blocks)
            self._send("result", body if endless else body + b"0000", end=not endless)
            with suppress(OSError):
                while endless:
                    self.wfile.write(endless)

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

        def _send(self, what: str, body: bytes, *, end: bool = True) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"application/x-git-upload-pack-{what}")
            if end:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/r.git"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
