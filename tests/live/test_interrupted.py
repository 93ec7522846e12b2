"""Signet itself is interrupted, ended or killed while a provider runs: nothing of the provider is left."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.live.conftest import TOKEN, Room, gone, processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the process table is read from /proc")

IN_THE_BLOCK = """
import sys, time
from pathlib import Path
from signet.live.provider import started

folder = Path(sys.argv[2])
with started(
    sys.argv[1], folder=folder, log=folder / "provider.log", url_file=folder / "provider.url", wait_for="/",
    stop_after=float(sys.argv[3]),
):
    print("it runs", flush=True)
    time.sleep(600)
"""


def in_the_block(room: Room, mode: str, stop_after: float = 1.0) -> subprocess.Popen[str]:
    """A process of Signet's in the middle of a test."""
    words = [sys.executable, "-c", IN_THE_BLOCK, room.command(mode), str(room.folder), str(stop_after)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "it runs\n"
    return process


def while_waiting(room: Room) -> subprocess.Popen[str]:
    """The command, while it waits for a provider that never gets healthy."""
    words = ["start-provider", "--start", room.command("deaf-child"), "--url-file", str(room.url_file)]
    process = subprocess.Popen(
        [sys.executable, "-m", "signet", *words, "--wait-for", "http://127.0.0.1:1/", "--stop-after", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 30
    while len(processes(room.token)) < 4 and time.monotonic() < until:
        time.sleep(0.02)
    return process


EACH_END = [signal.SIGTERM, *(pytest.param(one, marks=pytest.mark.slow) for one in (signal.SIGINT, signal.SIGHUP))]


@pytest.mark.parametrize("number", EACH_END)
@pytest.mark.parametrize("mode", ["plain", "deaf-child"])
def test_signet_is_told_to_end_in_the_block(room: Room, number: signal.Signals, mode: str) -> None:
    with in_the_block(room, mode) as process:
        assert room.url_file.exists()
        process.send_signal(number)
        _out, err = process.communicate(timeout=30)
    assert process.returncode in (1, -signal.SIGINT)
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert processes(room.token) == []
    assert not room.url_file.exists()


@pytest.mark.parametrize("number", EACH_END)
def test_the_command_is_told_to_end_while_it_waits(room: Room, number: signal.Signals) -> None:
    with while_waiting(room) as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "")
    assert processes(room.token) == []


def test_a_second_ctrl_c_waits_for_nothing(room: Room) -> None:
    with in_the_block(room, "deaf", stop_after=300.0) as process:
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        assert processes(room.token) != []
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert processes(room.token) == []


@pytest.mark.parametrize("mode", ["plain", "deaf-child", "forgetful", "floods-on"])
def test_signet_is_killed_in_the_block(room: Room, mode: str) -> None:
    with in_the_block(room, mode) as process:
        process.kill()
    assert gone(room.token, 30)
    assert not room.url_file.exists()


def test_the_command_is_killed_while_it_waits(room: Room) -> None:
    with while_waiting(room) as process:
        process.kill()
    assert gone(room.token, 30)


def test_signet_is_killed_while_another_process_holds_the_line(room: Room, tmp_path: Path) -> None:
    """A fork without exec inherits the pipe; that the parent is gone is noticed all the same."""
    script = IN_THE_BLOCK.replace(
        'print("it runs"', 'import os; os.fork() or (sys.stdin.read(), os._exit(0)); print("it runs"'
    )
    words = [sys.executable, "-c", script, room.command("plain"), str(room.folder), "1"]
    # With the token, so that the guardian counts, too: it is the last to end.
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin", TOKEN: room.token}
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True, stdin=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdout.readline() == "it runs\n"
    process.kill()
    process.wait()
    began = time.monotonic()
    while any("\0plain\0" in one for one in processes(room.token)):
        time.sleep(0.02)
        assert time.monotonic() - began < 30
    assert processes(room.token) != []  # the fork: it waits for its input to end
    assert process.stdin is not None
    process.stdin.close()
    assert gone(room.token, 20)
