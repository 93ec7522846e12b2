"""``start-provider`` and ``stop-provider``: prepare, run and tear down as commands of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from signet.live.provider import left, reach
from tests.cli.conftest import Desk
from tests.live.conftest import Room, gone, processes, room  # noqa: F401 - a fixture

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the process table is read from /proc")

FILE = "provider.url"


def begin(desk: Desk, room: Room, mode: str = "plain", *more: str) -> str:  # noqa: F811
    """Start a provider and leave it running; returns its URL."""
    given = ("--wait-for", "/", "--url-file", FILE, "--stop-after", "1")
    return desk.does("start-provider", "--start", room.command(mode), *given, *more).out.strip()


def state(desk: Desk) -> Path:
    return desk.folder / f"{FILE}.state"


def test_it_runs_between_two_commands(desk: Desk, room: Room) -> None:  # noqa: F811
    url = begin(desk, room, "daemon")
    assert (desk.folder / FILE).read_text() == f"{url}\n"
    assert state(desk).stat().st_mode & 0o777 == 0o600
    assert reach.look(reach.target(url, 1)) == ""
    outcome = desk.does("stop-provider", "--url-file", FILE)
    assert outcome.out == f"the provider at {url} has ended\n"
    assert processes(room.token) == []
    assert sorted(one.name for one in desk.folder.iterdir()) == [f"{FILE}.log"]
    assert desk.does("stop-provider", "--url-file", FILE).out == f"no provider runs for {FILE}\n"


def test_both_answer_with_json(desk: Desk, room: Room) -> None:  # noqa: F811
    answer = json.loads(begin(desk, room, "plain", "--json", "--log", "kept.log"))
    assert answer == {
        "schema": "signet.provider/1",
        "url": (desk.folder / FILE).read_text().strip(),
        "port": int(answer["url"].rpartition(":")[2]),
        "pid": answer["pid"],
        "log": "kept.log",
        "url_file": FILE,
        "state_file": f"{FILE}.state",
    }
    assert any(one.startswith(f"{answer['pid']} ") for one in processes(room.token))
    stopped = desk.does("stop-provider", "--url-file", FILE, "--json").answer
    log = str(desk.folder / "kept.log")
    assert stopped == {
        "schema": "signet.stopped/1",
        "url": answer["url"],
        "log": log,
        "stopped": True,
        "had_ended": None,
    }
    nothing = desk.does("stop-provider", "--url-file", FILE, "--json").answer
    assert nothing == {"schema": "signet.stopped/1", "url": None, "log": None, "stopped": False, "had_ended": None}


def test_a_pipe_gets_the_url_and_nobody_waits_for_the_provider(desk: Desk, room: Room) -> None:  # noqa: F811
    """``URL=$(signet start-provider ...)`` returns, as the provider holds neither stdout nor stderr."""
    words = [sys.executable, "-m", "signet", "start-provider", "--start", room.command("plain"), "--url-file", FILE]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == (desk.folder / FILE).read_text()
    assert done.stderr == ""
    desk.does("stop-provider", "--url-file", FILE)


def test_a_second_one_for_the_same_file_is_refused(desk: Desk, room: Room) -> None:  # noqa: F811
    url = begin(desk, room)
    outcome = desk.signet("start-provider", "--start", room.command("plain"), "--url-file", FILE)
    assert outcome.code == 2
    assert f"runs already for {FILE}, at {url}" in outcome.err
    assert reach.look(reach.target("/", int(url.rpartition(":")[2]))) == ""
    desk.does("stop-provider", "--url-file", FILE)


def test_one_that_ended_by_itself_is_told_of(desk: Desk, room: Room) -> None:  # noqa: F811
    url = begin(desk, room)
    reach.look(reach.target("/exit", int(url.rpartition(":")[2])))
    assert gone(room.token, 10)
    assert not (desk.folder / FILE).exists()  # whoever reads the URL now learns it
    outcome = desk.does("stop-provider", "--url-file", FILE)
    assert outcome.out == f"the provider at {url} had ended before: it had ended, with exit code 7\n"
    assert (desk.folder / f"{FILE}.log").read_text().endswith("\n[signet: it had ended, with exit code 7]\n")
    assert not state(desk).exists()


def test_one_that_is_forgotten_ends_when_its_time_is_over(desk: Desk, room: Room) -> None:  # noqa: F811
    begin(desk, room, "deaf-child", "--for", "1")
    assert gone(room.token, 20)
    assert not (desk.folder / FILE).exists()
    outcome = desk.does("stop-provider", "--url-file", FILE)
    assert "had ended before: its time was over" in outcome.out


def test_what_its_dead_guardian_left_is_ended(desk: Desk, room: Room) -> None:  # noqa: F811
    url = begin(desk, room, "daemon")
    os.kill(json.loads(state(desk).read_text())["guardian"], signal.SIGKILL)
    assert not gone(room.token, 0.5)  # the daemon has no parent any more
    assert desk.does("stop-provider", "--url-file", FILE).out == f"the provider at {url} has ended\n"
    assert processes(room.token) == []


def test_a_new_one_may_follow_one_that_died(desk: Desk, room: Room) -> None:  # noqa: F811
    url = begin(desk, room)
    reach.look(reach.target("/exit", int(url.rpartition(":")[2])))
    assert gone(room.token, 10)
    begin(desk, room)
    desk.does("stop-provider", "--url-file", FILE)


def test_a_process_with_a_number_from_before_is_left_alone(desk: Desk, room: Room) -> None:  # noqa: F811
    """The state names a process that is not the guardian: another number, another start, or no mark."""
    begin(desk, room)
    known = json.loads(state(desk).read_text())
    desk.does("stop-provider", "--url-file", FILE)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", room.token]) as other:
        from signet.live.provider import tree

        for identity in (known["identity"], tree.identity(other.pid)):
            state(desk).write_text(json.dumps({**known, "guardian": other.pid, "identity": identity}))
            outcome = desk.does("stop-provider", "--url-file", FILE)
            assert "had ended before: nobody saw how" in outcome.out
            assert other.poll() is None
        marked = {**os.environ, tree.MARK: known["mark"]}
        with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=marked) as second:
            assert not left.State(**{**known, "guardian": second.pid}).is_guarded
            second.kill()
        other.kill()


@pytest.mark.parametrize(
    "change",
    [
        {"mark": ""},
        {"mark": "x" * 32},
        {"guardian": 1},
        {"guardian": -1},
        {"guardian": "7"},
        {"guardian": True},
        {"stop_after": 1e9},
        {"format": 2},
        {"more": 1},
    ],
)
def test_a_state_that_is_not_ours_ends_nothing(desk: Desk, change: dict[str, object]) -> None:
    good = left.State("0" * 32, os.getpid(), "x", 1, "http://127.0.0.1:1", "log", 1.0)
    known = {name: getattr(good, name) for name in good.__slots__}
    state(desk).write_text(json.dumps({**known, **change}))
    outcome = desk.signet("stop-provider", "--url-file", FILE)
    assert outcome.code == 2
    assert "none that this version of Signet wrote" in outcome.err
    state(desk).write_text(json.dumps(known))
    assert desk.signet("stop-provider", "--url-file", FILE).code == 0


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", "\xff", "{" * 5000])
def test_a_state_that_is_no_state(desk: Desk, content: str) -> None:
    state(desk).write_text(content, encoding="latin-1")
    assert desk.signet("stop-provider", "--url-file", FILE).code == 2


def test_a_state_behind_a_link_is_not_read(desk: Desk, room: Room) -> None:  # noqa: F811
    (desk.folder / "elsewhere").write_text("{}")
    state(desk).symlink_to("elsewhere")
    for words in (("stop-provider",), ("start-provider", "--start", room.command("plain"))):
        outcome = desk.signet(*words, "--url-file", FILE)
        assert outcome.code == 2
        assert "not a plain file of your own" in outcome.err


@pytest.mark.parametrize("mode", ["exits", "error", "mute", "flood"])
def test_what_cannot_be_tested_is_exit_code_4_and_leaves_nothing(desk: Desk, room: Room, mode: str) -> None:  # noqa: F811
    words = ("start-provider", "--start", room.command(mode, "20"), "--url-file", FILE, "--wait-for", "/x")
    if mode == "flood":
        words = (*words[:-1], "http://127.0.0.1:1/")
    began = time.monotonic()
    outcome = desk.signet(*words, "--within", "2", "--stop-after", "1")
    assert time.monotonic() - began < 20
    assert outcome.code == 4
    assert outcome.out == ""
    assert outcome.err.startswith("signet: The provider ")
    assert all(line.startswith(f"  {FILE}.log:") for line in outcome.err.splitlines()[1:])
    assert [one.name for one in desk.folder.iterdir()] == [f"{FILE}.log"]
    assert processes(room.token) == []


def test_nothing_of_a_log_is_a_command_to_a_terminal(desk: Desk, room: Room) -> None:  # noqa: F811
    outcome = desk.signet("start-provider", "--start", room.command("binary"), "--url-file", FILE)
    assert outcome.code == 4
    assert "\x1b" not in outcome.err and "\n::error" not in outcome.err


def test_a_token_of_signet_is_not_for_the_provider(desk: Desk, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("SIGNET_TOKEN", "canary-token")
    monkeypatch.setenv("SIGNET_A", "1")
    begin(desk, room, "tells")
    log = (desk.folder / f"{FILE}.log").read_text()
    assert "SIGNET_A" in log and "SIGNET_TOKEN" not in log
    desk.does("stop-provider", "--url-file", FILE)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--url-file", FILE], "--start is missing"),
        (["--start", "x {port}"], "--url-file is missing"),
        (["--start", "x", "--url-file", FILE], "nowhere at which port"),
        (["--start", "x {port}", "--url-file", FILE, "--for", "nan"], "--for is"),
        (["--start", "x {port}", "--url-file", FILE, "--port", "0"], "--port"),
    ],
)
def test_wrong_use(desk: Desk, words: list[str], told: str) -> None:
    outcome = desk.signet("start-provider", *words)
    assert outcome.code == 2
    assert told in outcome.err
    assert list(desk.folder.iterdir()) == []


def test_it_can_stand_in_the_configuration(desk: Desk, room: Room) -> None:  # noqa: F811
    section = {"start": room.command("plain"), "wait-for": "/", "url-file": FILE, "stop-after": 1, "for": 60}
    (desk.folder / ".signetrc.yaml").write_text(
        yaml.safe_dump({"start-provider": section, "stop-provider": {"url-file": FILE}})
    )
    url = desk.does("start-provider").out
    assert desk.does("stop-provider").out == f"the provider at {url.strip()} has ended\n"


def test_a_terminal_is_told_how_it_goes(room: Room, tmp_path: Path) -> None:  # noqa: F811
    import pty

    ours, theirs = pty.openpty()
    words = ["start-provider", "--start", room.command("slow"), "--url-file", FILE, "--wait-for", "/"]
    done = subprocess.run(
        [sys.executable, "-m", "signet", *words], stdout=subprocess.PIPE, stderr=theirs, cwd=tmp_path, check=True
    )
    told = os.read(ours, 65536).decode()
    assert told.startswith("starting the provider: ")
    assert f"the provider is healthy at {done.stdout.decode().strip()}" in told
    subprocess.run([sys.executable, "-m", "signet", "stop-provider", "--url-file", FILE], cwd=tmp_path, check=True)
    os.close(ours)
    os.close(theirs)
