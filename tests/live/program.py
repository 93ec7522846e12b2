"""A provider for tests, good or bad: ``program.py MODE PORT [WORDS]``. It uses sockets only, to start at once."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

mode, port = sys.argv[1], int(sys.argv[2])

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
SLEEP = "import time; time.sleep(600)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"
DAEMON = f"import os; os.fork() and os._exit(0); os.setsid(); os.fork() and os._exit(0); {SLEEP}"


def answers(line: socket.socket) -> None:
    """A good answer, and a death on demand."""
    asked = line.recv(4096)
    if asked.startswith(b"GET /exit"):
        os._exit(7)
    if asked.startswith(b"GET /crash"):
        os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(1)
    line.sendall(OK)


def serve(at: int = port, reply: Callable[[socket.socket], None] = answers) -> None:
    """Answer for ever, one after the other."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", at))
        listener.listen(50)
        while True:
            line, _ = listener.accept()
            with suppress(OSError):
                reply(line)
            if reply is not mute:
                line.close()


KEPT: list[socket.socket] = []


def mute(line: socket.socket) -> None:
    """Take the connection, and say nothing."""
    KEPT.append(line)


def trickle(line: socket.socket) -> None:
    """A byte at a time, without an end."""
    for _ in range(600):
        line.sendall(b"H")
        time.sleep(0.05)


def child(code: str, **more: object) -> None:
    """Start another process; the last word says whose it is."""
    subprocess.Popen([sys.executable, "-I", "-S", "-c", code, *sys.argv[3:]], **more)  # type: ignore[call-overload]


def flood(megabytes: int) -> None:
    """Write lines that can be told apart."""
    block = b"".join(b"%07d flooding the log of the provider\n" % number for number in range(25_000))
    print("the first line", flush=True)
    for _ in range(megabytes):
        sys.stdout.buffer.write(block)
    sys.stdout.buffer.flush()


def more_at_the_end(*_: object) -> None:
    """Answer SIGTERM with a new process that takes no notice of it."""
    child(DEAF, start_new_session=True)
    sys.exit(0)


def leave_the_first_thread() -> None:
    """Serve in a thread, and let the first one end; the process goes on."""
    threading.Thread(target=serve).start()
    time.sleep(0.2)
    ctypes.CDLL(None).pthread_exit(None)


if mode == "exits":
    print("no such table: items\n\nstopping", file=sys.stderr)
    sys.exit(3)
elif mode == "background":
    os.fork() and os._exit(0)
elif mode == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
elif mode == "slow":
    time.sleep(0.5)
elif mode == "refuses":
    time.sleep(600)
elif mode == "mute":
    serve(reply=mute)
elif mode == "trickle":
    serve(reply=trickle)
elif mode == "error":
    serve(reply=lambda line: line.sendall(OK.replace(b"200 OK", b"500 Oh")) if line.recv(4096) else None)
elif mode == "moved":
    serve(reply=lambda line: line.sendall(OK.replace(b"200 OK", b"302 Found")) if line.recv(4096) else None)
elif mode == "words":
    serve(reply=lambda line: line.sendall(b"220 mail\r\n") if line.recv(4096) else None)
elif mode == "elsewhere":
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        found = other.getsockname()[1]
    print(f"listening at {found}", flush=True)
    serve(found)
elif mode == "child":
    child(SLEEP)
elif mode == "session":
    child(SLEEP, start_new_session=True)
elif mode == "daemon":
    child(DAEMON)
    time.sleep(0.2)
elif mode == "deaf-child":
    child(DEAF, start_new_session=True)
elif mode == "forgetful":
    child(DAEMON, env={})
    time.sleep(0.2)
elif mode == "more":
    signal.signal(signal.SIGTERM, more_at_the_end)
elif mode == "fifty":
    for number in range(50):
        child(DEAF if number % 2 else DAEMON, start_new_session=number % 3 == 0)
elif mode == "closes":
    for descriptor in (0, 1, 2):
        os.close(descriptor)
elif mode == "flood":
    flood(int(sys.argv[4]))
elif mode == "floods-on":
    threading.Thread(target=flood, args=(100_000,), daemon=True).start()
elif mode == "binary":
    sys.stdout.buffer.write(b"\x1b[2J\x1b]0;owned\x07\xff\xfe\x00::error::forged\r\n" + b"x" * 5000 + b"\n")
    sys.exit(1)
elif mode == "tells":
    print(os.getcwd(), *sys.argv[4:], sep="\n", flush=True)  # noqa: PTH109 - pathlib would take longer to import
    print(sorted(name for name in os.environ if name.startswith("SIGNET_")), flush=True)
elif mode == "says":
    print(os.environ["CANARY"], flush=True)
elif mode == "thread":
    leave_the_first_thread()

serve()
