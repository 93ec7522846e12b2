"""A provider is started, waited for and ended, however it behaves: real processes, and the process table afterwards.

The fixture ``room`` asserts after each test that no process is left and that the file with the URL is gone.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from signet.errors import CouldNotTest, UsageError
from signet.live.provider import Provider, line, output, reach, start, started, tree
from tests.live.conftest import Room, gone, processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the process table is read from /proc")


def asked(provider: Provider, path: str = "/") -> str:
    """What is seen when the provider is asked; empty for a good answer."""
    return reach.look(reach.Target("127.0.0.1", provider.port, path))


def test_a_provider_runs_as_long_as_the_block(room: Room) -> None:
    with room.started("plain") as provider:
        assert asked(provider) == ""
        assert provider.url == f"http://127.0.0.1:{provider.port}"
        assert provider.variables == {"SIGNET_PROVIDER_URL": provider.url}
        assert room.url_file.read_text() == f"{provider.url}\n"
        assert any(one.startswith(f"{provider.pid} ") for one in processes(room.token))
        provider.check()
    assert asked(provider) == "nothing listens there"


def test_it_is_ended_when_the_block_fails(room: Room) -> None:
    with pytest.raises(ZeroDivisionError), room.started("plain"):
        _ = 1 / 0


def test_it_is_waited_for(room: Room) -> None:
    told: list[str] = []
    with room.started("slow", tell=told.append) as provider:
        assert asked(provider) == ""
    assert told[0].startswith("starting the provider: ")
    assert told[-1] == f"the provider is healthy at {provider.url}"


@pytest.mark.parametrize("mode", ["plain", "moved"])
@pytest.mark.parametrize("wait_for", ["/", "/health?deep=1", "tcp", "http://127.0.0.1:{port}/x"])
def test_what_is_healthy(room: Room, mode: str, wait_for: str) -> None:
    port = reach.free_port()
    with room.started(mode, wait_for=wait_for.replace("{port}", str(port)), port=port) as provider:
        assert provider.port == port


def test_words_variables_and_the_folder_arrive_as_they_are(
    room: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (room.folder / "ein Ordner ü").mkdir()
    monkeypatch.chdir(room.folder)
    words = ["two words", "$HOME;`id`", "quo\"te's", "日本", "{url}/{port}", "{x}", ""]
    with room.started("tells", *words, folder=Path("ein Ordner ü")) as provider:
        pass
    shown = room.log.read_text().split("\n")
    filled = [one.replace("{url}", provider.url).replace("{port}", str(provider.port)) for one in words]
    assert shown[: len(words) + 1] == [str(tmp_path / "ein Ordner ü"), *filled]
    assert shown[len(words) + 1] == "['SIGNET_CACHE', 'SIGNET_PROVIDER_ID']"  # those of this process, and the mark


def test_it_gets_the_variables_that_are_given_and_no_others(room: Room) -> None:
    with room.started("tells", environment={"SIGNET_A": "1"}):
        pass
    assert "['SIGNET_A', 'SIGNET_PROVIDER_ID']" in room.log.read_text()


def test_two_at_once_have_ports_of_their_own(room: Room) -> None:
    ports: list[int] = []
    together = threading.Barrier(2, timeout=30)

    def one(number: int) -> None:
        with room.started("plain", log=room.folder / f"{number}.log", url_file=None) as provider:
            together.wait()
            assert asked(provider) == ""
            ports.append(provider.port)
            together.wait()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ports)) == 2


@pytest.mark.slow
def test_a_real_server_on_a_real_application(room: Room) -> None:
    (room.folder / "shop.py").write_text(
        "from fastapi import FastAPI\n\napp = FastAPI()\n@app.get('/health')\ndef health() -> str:\n    return 'well'\n"
    )
    command = f"{shlex.quote(sys.executable)} -m uvicorn shop:app --port {{port}} --workers 2"
    given = {"folder": room.folder, "log": room.log, "wait_for": "/health", "url_file": room.url_file}
    with started(command, **given, within=60.0, stop_after=20.0) as provider:
        assert asked(provider, "/health") == ""
        assert asked(provider, "/nothing") == "it answered 404"
    assert "Finished server process" in room.log.read_text()  # it was asked to end, and had the time


def test_another_port_is_tried_when_the_first_is_taken(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken, free = other.getsockname()[1], reach.free_port()
        ports = iter([taken, free])
        monkeypatch.setattr(reach, "free_port", lambda: next(ports))
        with room.started("plain") as provider:
            assert provider.port == free
        assert "Address already in use" not in room.log.read_text()  # the log is that of the one that ran
        monkeypatch.setattr(reach, "free_port", lambda: taken)
        with pytest.raises(CouldNotTest, match=r"exit code 1 before it was healthy"), room.started("plain"):
            pass
        with pytest.raises(CouldNotTest, match=f"Port {taken} is taken"), room.started("plain", port=taken):
            pass


def test_a_port_is_tried_again_only_because_it_was_taken(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []
    monkeypatch.setattr(start, "Line", lambda *given: tries.append(1) or line.Line(*given))
    with pytest.raises(CouldNotTest), room.started("exits"):
        pass
    assert tries == [1]


REFUSED = {
    "exits": (r"ended with exit code 3 before it was healthy", "/"),
    "background": (r"ended with exit code 0 before it was healthy. It must stay in the foreground", "/"),
    "refuses": (r"not healthy within \d+ s: http://127.0.0.1:\d+/: nothing listens there. It listens nowhere", "/"),
    "mute": (r"not healthy within \d+ s: \S+ it gave no answer in ", "/"),
    "trickle": (r"not healthy within \d+ s: \S+ it gave no answer in ", "/"),
    "error": (r"not healthy within \d+ s: \S+ it answered 500", "/"),
    "words": (r"not healthy within \d+ s: \S+ it answered something that is not HTTP", "/"),
    "elsewhere": (r"nothing listens there. It listens at 127.0.0.1:\d+\.", "tcp"),
}


@pytest.mark.parametrize(
    "mode", [pytest.param(one, marks=pytest.mark.slow if one in ("error", "trickle") else ()) for one in REFUSED]
)
def test_a_provider_that_never_gets_healthy(room: Room, mode: str) -> None:
    told, wait_for = REFUSED[mode]
    for within in (1.0, 4.0, 16.0):  # a busy machine may take longer to start the program
        began = time.monotonic()
        with pytest.raises(CouldNotTest) as error, room.started(mode, wait_for=wait_for, within=within):
            pytest.fail("it is not healthy")
        assert time.monotonic() - began < within + 20
        if re.search(told, str(error.value)):
            break
    assert re.search(told, str(error.value)), error.value
    assert error.value.remedy
    assert "\n" not in str(error.value)


def test_the_error_shows_the_last_lines_of_the_log(room: Room) -> None:
    with pytest.raises(CouldNotTest) as error, room.started("exits"):
        pass
    shown = [(one.file, one.line, one.message) for one in error.value.faults]
    assert shown == [(str(room.log), 1, "no such table: items"), (str(room.log), 3, "stopping")]


def test_a_log_of_bytes_is_shown_as_text_and_cut(room: Room) -> None:
    with pytest.raises(CouldNotTest, match="exit code 1") as error, room.started("binary"):
        pass
    assert [len(one.message) for one in error.value.faults][1:] == [output.LINE]
    assert room.log.read_bytes().startswith(b"\x1b[2J\x1b]0;owned\x07\xff\xfe\x00::error::")


@pytest.mark.parametrize(("path", "how"), [("/exit", "exit code 7"), ("/crash", "signal SIGSEGV")])
def test_a_provider_that_ends_on_the_way(room: Room, path: str, how: str) -> None:
    with (
        pytest.raises(CouldNotTest, match=f"ended on the way, with {how}") as error,
        room.started("plain") as provider,
    ):
        assert "closed the connection" in asked(provider, path)
        provider.check()
        pytest.fail("it has ended")
    assert error.value.remedy


def test_an_end_on_the_way_is_noticed_at_the_end_of_the_block_too(room: Room) -> None:
    with pytest.raises(CouldNotTest, match="ended on the way"), room.started("plain") as provider:
        asked(provider, "/exit")  # the connection is gone a little before the process is


def test_an_end_on_the_way_is_why_something_could_not_be_tested(room: Room) -> None:
    with pytest.raises(CouldNotTest, match="exit code 7"), room.started("plain") as provider:
        asked(provider, "/exit")
        raise CouldNotTest("connection refused")
    with pytest.raises(CouldNotTest, match="no time"), room.started("plain") as provider:
        raise CouldNotTest("no time")


CHILDREN = {"child": 2, "session": 2, "daemon": 2, "deaf-child": 2, "forgetful": 2, "fifty": 51, "more": 1, "thread": 0}


@pytest.mark.parametrize("mode", CHILDREN)
def test_nothing_is_left_of_what_a_provider_started(room: Room, mode: str) -> None:
    began = time.monotonic()
    with room.started(mode) as provider:
        until = time.monotonic() + 20
        while len(processes(room.token)) < CHILDREN[mode] + 1:  # and the guardian
            assert time.monotonic() < until
            time.sleep(0.02)
    assert processes(room.token) == []
    assert asked(provider) == "nothing listens there"
    assert time.monotonic() - began < 30


def test_nothing_is_left_of_what_a_provider_started_that_ended_by_itself(room: Room) -> None:
    with pytest.raises(CouldNotTest, match="on the way"), room.started("deaf-child") as provider:
        asked(provider, "/exit")


def test_one_that_takes_no_notice_of_sigterm_is_killed_in_time(room: Room) -> None:
    with room.started("deaf", stop_after=1.0):
        began = time.monotonic()
    assert 0.9 < time.monotonic() - began < 10


def test_one_that_ends_when_it_is_asked_to_is_not_waited_for(room: Room) -> None:
    with room.started("plain", stop_after=60.0):
        began = time.monotonic()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("signalled", [signal.SIGKILL, signal.SIGSTOP])
def test_a_guardian_that_is_killed_or_stopped_changes_nothing(
    room: Room, signalled: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "GRACE", 1.0)
    monkeypatch.setattr("signet.live.provider.running.ANSWER", 1.0)
    with pytest.raises(CouldNotTest, match="process that guards"), room.started("daemon") as provider:
        os.kill(provider.line.process.pid, signalled)
        time.sleep(0.2)
    assert processes(room.token) == []


def test_a_program_dies_with_its_guardian(room: Room) -> None:
    with pytest.raises(CouldNotTest), room.started("plain") as provider:
        os.kill(provider.line.process.pid, signal.SIGKILL)
        assert gone(room.token, 10)  # before anybody sweeps


@pytest.mark.parametrize("megabytes", [20, pytest.param(300, marks=pytest.mark.slow)])
def test_a_flood_neither_fills_the_disk_nor_stops_the_provider(room: Room, megabytes: int) -> None:
    with room.started("flood", str(megabytes), wait_for="tcp", within=60.0):
        pass
    data = room.log.read_bytes()
    assert len(data) <= output.HEAD + 2 * output.TAIL
    assert data.startswith(b"the first line\n0000000 flooding")
    assert data.endswith(b"0024999 flooding the log of the provider\n")
    left_out = re.findall(rb"\n\[signet: (\d+) bytes of output are left out here\]\n", data)
    assert len(left_out) == 1
    written = len(b"the first line\n") + megabytes * 25_000 * len(b"0000000 flooding the log of the provider\n")
    note = len(f"\n[signet: {0:020} bytes of output are left out here]\n")
    assert int(left_out[0]) == written - (len(data) - note)


def test_one_that_floods_for_ever_is_ended(room: Room) -> None:
    with room.started("floods-on", stop_after=1.0) as provider:
        assert asked(provider) == ""
        began = time.monotonic()
    assert time.monotonic() - began < 10


def test_one_that_closes_its_output_is_a_provider(room: Room) -> None:
    with room.started("closes") as provider:
        assert asked(provider) == ""
        provider.check()


def test_secrets_are_in_no_error_and_in_no_log(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "canary-7d1f")
    told: list[str] = []

    def masked(text: str) -> str:
        return text.replace("canary-7d1f", "***")

    with (
        pytest.raises(CouldNotTest) as error,
        room.started("says", "canary-7d1f", masked=masked, tell=told.append) as provider,
    ):
        asked(provider, "/exit")
        provider.check(5.0)
    assert [one.message for one in error.value.faults] == ["***"]
    assert room.log.read_text() == "***\n"
    assert "canary" not in str(told)
    with (
        pytest.raises(CouldNotTest) as error,
        started("./canary-7d1f {port}", folder=room.folder, log=room.log, masked=masked),
    ):
        pass
    assert "canary" not in str(error.value)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("no-such-program {port}", "'no-such-program': No such file or directory"),
        ("./plain.txt {port}", "'./plain.txt': Permission denied"),
        ("./empty {port}", "'./empty': Exec format error"),
        (". {port}", "Permission denied"),
    ],
)
def test_what_cannot_be_started(room: Room, command: str, told: str) -> None:
    (room.folder / "plain.txt").write_text("x")
    (room.folder / "empty").write_bytes(b"\x01\x02")
    (room.folder / "empty").chmod(0o755)
    with pytest.raises(CouldNotTest) as error, started(command, folder=room.folder, log=room.log):
        pass
    assert "did not start" in str(error.value) and told in str(error.value)


def test_a_folder_that_is_not_there(room: Room) -> None:
    with (
        pytest.raises(CouldNotTest, match=r"the folder '.*nowhere': No such file"),
        room.started("plain", folder=room.folder / "nowhere"),
    ):
        pass


@pytest.mark.parametrize(
    ("command", "options", "told"),
    [
        ("", {}, "no command"),
        ("a\0{port}", {}, "no command"),
        ("'a {port}", {}, "No closing quotation"),
        ("run", {}, "nowhere at which port"),
        ("run {port}", {"within": 0.0}, "--within is"),
        ("run {port}", {"within": float("nan")}, "--within is"),
        ("run {port}", {"stop_after": -1.0}, "--stop-after is"),
        ("run {port}", {"stop_after": float("inf")}, "--stop-after is"),
        ("run {port}", {"wait_for": "https://localhost/"}, "--wait-for"),
        ("run {port}", {"wait_for": "health"}, "--wait-for"),
        ("run {port}", {"wait_for": "http://[::1/"}, "--wait-for"),
        ("run {port}", {"wait_for": "http://a:99999/"}, "--wait-for"),
        ("run {port}", {"wait_for": "/a\r\nX-Evil: 1"}, "--wait-for"),
        ("run {port}", {"wait_for": ""}, "--wait-for"),
        ("run {port}", {"log": Path("no/such/folder/log")}, "The log"),
        ("run {port}", {"url_file": Path("no/such/folder/url")}, "The URL file"),
    ],
)
def test_what_cannot_be_meant_starts_nothing(
    room: Room, command: str, options: dict[str, object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "Line", lambda *_: pytest.fail("it was started"))
    with pytest.raises(UsageError) as error, started(command, **{"folder": room.folder, "log": room.log, **options}):  # type: ignore[arg-type]
        pass
    assert told in str(error.value)


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "hard link", "folder", "other user"])
@pytest.mark.parametrize("which", ["log", "url_file"])
def test_only_plain_files_of_our_own_are_written(
    room: Room, kind: str, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = room.folder / "victim"
    victim.write_text("precious")
    path = room.folder / "chosen"
    if kind == "link":
        path.symlink_to(victim)
    elif kind == "dangling":
        path.symlink_to(room.folder / "new")
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "hard link":
        os.link(victim, path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_text("theirs")
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    monkeypatch.setattr(start, "Line", lambda *_: pytest.fail("it was started"))
    with pytest.raises(UsageError), room.started("plain", **{which: path}):
        pass
    assert victim.read_text() == "precious"
    assert not (room.folder / "new").exists()


def test_files_of_ours_are_for_us(room: Room) -> None:
    room.url_file.write_text("http://127.0.0.1:1\n")  # left by an earlier run
    with room.started("plain") as provider:
        assert room.log.stat().st_mode & 0o777 == 0o600
        assert room.url_file.read_text() == f"{provider.url}\n"
    assert [one.name for one in room.folder.iterdir()] == ["provider.log"]


def test_a_file_that_somebody_else_wrote_since_is_left(room: Room) -> None:
    with room.started("plain"):
        room.url_file.write_text("http://127.0.0.1:9\n")
    assert room.url_file.read_text() == "http://127.0.0.1:9\n"
    room.url_file.unlink()


def test_without_a_process_table_the_group_is_ended(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """What other systems have: the guardian is told that there is no /proc."""
    begin = line._BEGIN.replace(
        "from signet",
        "import pathlib; from signet.live.provider import tree; tree.PROC = pathlib.Path('/no'); from signet",
    )
    monkeypatch.setattr(line, "_BEGIN", begin)
    with room.started("child"):
        monkeypatch.setattr(tree, "swept", lambda _mark: set())
    assert processes(room.token) == []
