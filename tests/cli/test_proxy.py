"""``signet proxy`` as a user meets it: tests run behind it, and what is left on the disk afterwards."""

from __future__ import annotations

import itertools
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import Desk
from tests.live.conftest import TOKEN, gone, processes
from tests.live.providers import everything

PAIR = ("--name", "cart", "--provider-name", "catalog")
GET = "import os, sys, urllib.request as u; u.urlopen(os.environ['{0}'] + '/items/1').read(); sys.exit({1})"


def run_of(code: int = 0, variable: str = "SIGNET_PROVIDER_URL") -> list[str]:
    """A test run that asks for one item, and ends with this code."""
    return ["--", sys.executable, "-S", "-c", GET.format(variable, code)]


@pytest.fixture
def provider() -> Iterator[str]:
    """A provider that runs."""
    with everything() as url:
        yield url


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Marks all processes of the test, of which none may be left."""
    made = uuid.uuid4().hex
    monkeypatch.setenv(TOKEN, made)
    yield made
    monkeypatch.delenv(TOKEN)
    left = processes(made)
    for line in left:
        with suppress(OSError):
            os.kill(int(line.split()[0]), signal.SIGKILL)
    assert left == []


@contextmanager
def running(desk: Desk, *words: str, until: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """The command as a process, once its URL is printed, or a file is there."""
    process = subprocess.Popen(
        [sys.executable, "-m", "signet", "proxy", *words],
        cwd=desk.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        end = time.monotonic() + 30
        while until is not None and not until.exists() and time.monotonic() < end:
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_connections_that_are_over_leave_no_memory_behind(desk: Desk, provider: str) -> None:
    """Each takes 5 KB with it when nobody collects what hangs together in circles."""

    def called(port: int, times: int) -> None:
        for _ in range(times):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as caller:
                caller.sendall(b"GET /items/1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                while caller.recv(1 << 16):
                    pass

    with running(desk, "--target", provider, *PAIR, "--path", "x.json") as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().strip().rpartition(":")[2])
        called(port, 1_500)
        before = megabytes(process.pid)
        called(port, 3_000)
        assert megabytes(process.pid) < before + 5


def megabytes(pid: int) -> float:
    """The memory that a process has now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024


class TestWithACommand:
    def test_the_contract_is_written_when_the_tests_pass(self, desk: Desk, provider: str) -> None:
        done = desk.does("proxy", "--target", provider, *PAIR, "--path", "new/cart.json", *run_of())
        assert done.out == "new/cart.json: 1 interaction of 1 exchange\n"
        written = json.loads((desk.folder / "new/cart.json").read_text())
        assert written["consumer"] == {"name": "cart"} and written["provider"] == {"name": "catalog"}
        assert written["metadata"] == {"pactSpecification": {"version": "4.0"}, "signet": {"recorded": True}}
        assert [item["description"] for item in written["interactions"]] == ["GET /items/1 answers 200"]

    def test_the_same_tests_write_the_same_bytes(self, desk: Desk, provider: str) -> None:
        words = ("proxy", "--target", provider, *PAIR, "--path")
        desk.does(*words, "one.json", *run_of())
        desk.does(*words, "two.json", *run_of())
        assert (desk.folder / "one.json").read_bytes() == (desk.folder / "two.json").read_bytes()
        again = desk.does(*words, "two.json", *run_of())
        assert again.out == "two.json: 1 interaction of 1 exchange, as before\n"

    @pytest.mark.parametrize("is_there", [True, False])
    def test_a_folder_gets_a_file_for_the_pair_and_publish_takes_it(
        self, shop: Desk, provider: str, is_there: bool
    ) -> None:
        if is_there:
            (shop.folder / "pacts").mkdir()
        shop.does("proxy", "--target", provider, *PAIR, "--path", "pacts", "--pact-version", "3", *run_of())
        shop.does("publish", "--version", "9", "--path", "pacts/cart-catalog.json")

    def test_tests_that_fail_write_nothing_and_keep_their_code(self, desk: Desk, provider: str) -> None:
        failed = desk.signet("proxy", "--target", provider, *PAIR, "--path", "cart.json", *run_of(7))
        assert failed.code == 7
        assert failed.out == "" and "ended with exit code 7" in failed.err
        assert list(desk.folder.iterdir()) == []
        asked = desk.signet("proxy", "--target", provider, *PAIR, "--path", "cart.json", "--write-failed", *run_of(7))
        assert asked.code == 7
        assert (desk.folder / "cart.json").exists()

    def test_a_signal_that_ends_the_tests_is_in_the_code(self, desk: Desk, provider: str) -> None:
        kill = ["--", sys.executable, "-c", "import os; os.kill(os.getpid(), 11)"]
        assert desk.signet("proxy", "--target", provider, *PAIR, "--path", "x.json", *kill).code == 128 + 11

    def test_the_url_is_in_the_variables_that_are_named(self, desk: Desk, provider: str) -> None:
        words = ("--path", "x.json", "--variable", "CATALOG_URL", "--variable", "API")
        desk.does("proxy", "--target", provider, *PAIR, *words, *run_of(variable="CATALOG_URL"))
        desk.does("proxy", "--target", provider, *PAIR, *words, *run_of(variable="API"))

    def test_json_is_one_document(self, desk: Desk, provider: str) -> None:
        said = [*run_of()[:-1], run_of()[-1].replace("sys.exit", "print('of the tests'); sys.exit")]
        done = desk.does("proxy", "--target", provider, *PAIR, "--path", "x.json", "--json", *said)
        assert done.answer == {
            "schema": "signet.recording/1", "path": "x.json", "consumer": "cart", "provider": "catalog",
            "interactions": 1, "exchanges": 1, "changed": True, "notes": [],
        }  # fmt: skip

    def test_no_request_at_all_is_an_error(self, desk: Desk, provider: str) -> None:
        done = desk.signet("proxy", "--target", provider, *PAIR, "--path", "x.json", "--", "true")
        assert done.code == 4 and "Nothing was recorded" in done.err
        assert list(desk.folder.iterdir()) == []

    def test_an_answer_that_cannot_be_recorded_is_an_error_and_the_rest_is_written(
        self, desk: Desk, provider: str
    ) -> None:
        (desk.folder / "s.py").write_text("def state(asked):\n    return 7 if asked.path == '/items/2' else None\n")
        run = run_of()
        run[-1] = run[-1].replace(
            ".read();", ".read(); u.urlopen(os.environ['SIGNET_PROVIDER_URL'] + '/items/2').read();"
        )
        done = desk.signet(
            "proxy", "--target", provider, *PAIR, "--path", "x.json", "--state-function", "s.py:state", *run
        )
        assert done.code == 4 and "1 exchange could not be recorded" in done.err
        assert len(json.loads((desk.folder / "x.json").read_text())["interactions"]) == 1

    def test_the_state_function_tells_the_state(self, desk: Desk, provider: str) -> None:
        (desk.folder / "s.py").write_text("def state(asked):\n    print('hello')\n    return 'so it is'\n")
        done = desk.does(
            "proxy", "--target", provider, *PAIR, "--path", "x.json", "--state-function", "s.py:state", *run_of()
        )
        assert "hello" not in done.out
        [item] = json.loads((desk.folder / "x.json").read_text())["interactions"]
        assert item["providerStates"] == [{"name": "so it is"}]

    def test_what_the_tests_leave_running_is_ended(self, desk: Desk, provider: str, token: str) -> None:
        left = [
            "--",
            "sh",
            "-c",
            f"{sys.executable} -c 'import time; time.sleep(60)' & {' '.join(run_of()[1:3])} -c pass",
        ]
        assert desk.signet("proxy", "--target", provider, *PAIR, "--path", "x.json", *left).code == 4
        assert gone(token, 5)


class TestWithoutACommand:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_a_signal_writes_what_was_answered(self, desk: Desk, provider: str, number: int) -> None:
        with running(desk, "--target", provider, *PAIR, "--path", "x.json") as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            for at in range(5):
                assert httpx.get(f"{url}/items/{at}").status_code == 200
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (0, "x.json: 5 interactions of 5 exchanges\n"), err

    def test_another_signal_while_it_ends_loses_nothing(self, desk: Desk, provider: str) -> None:
        with running(desk, "--target", provider, *PAIR, "--path", "x.json") as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            httpx.get(f"{url}/items/1")
            host, port = url.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port)), timeout=20) as slow:
                slow.sendall(f"GET /slow?1 HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
                time.sleep(0.5)
                for _ in range(3):
                    process.send_signal(signal.SIGTERM)
                    time.sleep(0.1)
                out, err = process.communicate(timeout=20)
        assert process.returncode == 0, err
        assert out == "x.json: 2 interactions of 2 exchanges\n"

    def test_it_listens_where_it_is_told(self, desk: Desk, provider: str) -> None:
        from signet.live.provider.reach import free_port

        port = free_port()
        with running(desk, "--target", provider, *PAIR, "--path", "x.json", "--port", str(port)) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == f"http://127.0.0.1:{port}\n"

    @pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGTERM])
    def test_nothing_that_was_answered_is_lost_when_it_ends_under_load(
        self, desk: Desk, provider: str, number: int
    ) -> None:
        answered: list[int] = []
        numbers = itertools.count()

        def client() -> None:
            with suppress(OSError, HTTPException):
                connection = HTTPConnection("127.0.0.1", int(url.rpartition(":")[2]), timeout=20)
                while True:
                    at = next(numbers)
                    connection.request("GET", f"/items/{at}")
                    assert json.loads(connection.getresponse().read())["id"] == at
                    answered.append(at)

        with running(desk, "--target", provider, *PAIR, "--path", "x.json") as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            clients = [threading.Thread(target=client) for _ in range(8)]
            for one in clients:
                one.start()
            while len(answered) < 100:
                time.sleep(0.02)
            process.send_signal(number)
            _, err = process.communicate(timeout=30)
            for one in clients:
                one.join()
        assert process.returncode == 0, err
        written = json.loads((desk.folder / "x.json").read_text())["interactions"]
        assert {f"/items/{at}" for at in answered} <= {item["request"]["path"] for item in written}


class TestInterrupted:
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_the_tests_are_ended_too_and_nothing_is_written(
        self, desk: Desk, provider: str, token: str, number: int
    ) -> None:
        wait = "import pathlib, time; pathlib.Path('begun').touch(); time.sleep(60)"
        asking = f"{GET.format('SIGNET_PROVIDER_URL', 0).rpartition(';')[0]}; {wait}"
        words = ("--target", provider, *PAIR, "--path", "x.json", "--", sys.executable, "-c", asking)
        with running(desk, *words, until=desk.folder / "begun") as process:
            process.send_signal(number)
            _, err = process.communicate(timeout=20)
        assert process.returncode == 130, err
        assert {path.name for path in desk.folder.iterdir()} == {"begun"}
        assert "the command was interrupted: no contract is written of 1 exchange" in err
        assert gone(token, 5)

    def test_a_kill_ends_the_tests_too(self, desk: Desk, provider: str, token: str) -> None:
        if not sys.platform.startswith("linux"):
            pytest.skip("only Linux tells a process of the death of its parent")
        wait = "import os, pathlib, time; pathlib.Path('begun').touch(); time.sleep(60)"
        words = ("--target", provider, *PAIR, "--path", "x.json", "--", sys.executable, "-c", wait)
        with running(desk, *words, until=desk.folder / "begun") as process:
            process.kill()
            process.wait(20)
            assert gone(token, 5)


class TestTheFile:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("spec.json", b'{"openapi": "3.0.3"}'),
            ("notes.txt", b"my notes"),
            ("other.json", b'{"consumer": {"name": "a"}, "provider": {"name": "b"}, "interactions": []}'),
            ("own.json", b'{"consumer": {"name": "cart"}, "provider": {"name": "catalog"}, "interactions": []}'),
        ],
    )
    def test_that_is_no_recording_of_this_pair_stays(
        self, desk: Desk, provider: str, name: str, content: bytes
    ) -> None:
        (desk.folder / name).write_bytes(content)
        done = desk.signet("proxy", "--target", provider, *PAIR, "--path", name, *run_of())
        assert done.code == 2 and "is there" in done.err
        assert (desk.folder / name).read_bytes() == content

    def test_that_finds_no_room_is_told_and_the_old_one_stays(self, desk: Desk, provider: str) -> None:
        desk.does("proxy", "--target", provider, *PAIR, "--path", "x.json", *run_of())
        before = (desk.folder / "x.json").read_bytes()
        changed = run_of()
        changed[-1] = changed[-1].replace("/items/1", "/items/22")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        try:
            done = desk.signet("proxy", "--target", provider, *PAIR, "--path", "x.json", *changed)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert done.code == 4
        assert "1 interaction could not be written to x.json: File too large. They are lost" in done.err
        assert {path.name: path.read_bytes() for path in desk.folder.iterdir()} == {"x.json": before}

    def test_on_a_disk_that_is_full_is_told_and_the_old_one_stays(self, desk: Desk, provider: str) -> None:
        (desk.folder / "disk").mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "disk"]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("no disk can be mounted here")
        try:
            desk.does("proxy", "--target", provider, *PAIR, "--path", "disk/x.json", *run_of())
            before = (desk.folder / "disk/x.json").read_bytes()
            with suppress(OSError), (desk.folder / "disk/filler").open("wb") as filler:
                filler.write(b"x" * 100_000)
            changed = run_of()
            changed[-1] = changed[-1].replace("/items/1", "/items/22")
            words = ("proxy", "--target", provider, *PAIR, "--path", "disk/x.json", *changed)
            done = desk.signet(*words)
            assert done.code == 4
            assert (
                "1 interaction could not be written to disk/x.json: No space left on device. They are lost" in done.err
            )
            assert {path.name for path in (desk.folder / "disk").iterdir()} == {"x.json", "filler"}
            assert (desk.folder / "disk/x.json").read_bytes() == before
            (desk.folder / "disk/filler").unlink()
            desk.does(*words)
            assert (desk.folder / "disk/x.json").read_bytes() != before
        finally:
            subprocess.run(["umount", "--lazy", str(desk.folder / "disk")], check=True)


REFUSED = [
    (2, "--target is missing", ""),
    (2, "--target is no URL", "--target canary://x --path x.json"),
    (2, "--path is missing", "--target http://127.0.0.1:1"),
    (2, "cannot be written", "--target http://127.0.0.1:1 --path /dev/null/x.json"),
    (2, "names no function", "--target http://127.0.0.1:1 --path x.json --state-function nothing"),
    (2, "cannot be imported", "--target http://127.0.0.1:1 --path x.json --state-function no_such.py:f"),
    (2, "names no variable", "--target http://127.0.0.1:1 --path x.json --variable A=B"),
    (2, "is no program", "--target http://127.0.0.1:1 --path x.json -- no-such-program"),
    (2, "'9'", "--target http://127.0.0.1:1 --path x.json --pact-version 9"),
]


@pytest.mark.parametrize(("code", "said", "words"), REFUSED)
def test_what_cannot_be_meant_is_refused(desk: Desk, code: int, said: str, words: str) -> None:
    own = words.split(" -- ")
    done = desk.signet("proxy", *PAIR, *own[0].split(), *(["--", *own[1].split()] if own[1:] else []))
    assert done.code == code and said in done.err, done
    assert "canary" not in done.err
    assert list(desk.folder.iterdir()) == []


def test_a_library_that_is_not_there_is_named(desk: Desk) -> None:
    hidden = "import sys; sys.modules['h11'] = None; from signet.cli import main; sys.exit(main())"
    words = ["proxy", *PAIR, "--target", "http://127.0.0.1:1", "--path", "x.json", "true"]
    done = subprocess.run([sys.executable, "-c", hidden, *words], cwd=desk.folder, capture_output=True, check=False)
    assert done.returncode == 2
    assert b"needs h11" in done.stderr and b"signet-registry[proxy]" in done.stderr


def test_names_are_needed_and_are_names(desk: Desk) -> None:
    words = ("--target", "http://127.0.0.1:1", "--path", "x.json")
    assert "--name is missing" in desk.signet("proxy", *words).err
    assert "--provider-name is missing" in desk.signet("proxy", *words, "--name", "a").err
    assert desk.signet("proxy", *words, "--name", "../a", "--provider-name", "b").code == 2
