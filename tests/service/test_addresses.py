"""T50: no URL of the list makes the service connect to anything; what is allowed is called at the address looked up."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from signet.errors import UsageError, WebhookRefused
from signet.service.webhooks.addresses import Target, looked_up, pattern_fault, target, vetted
from signet.service.webhooks.outgoing import Outgoing
from signet.service.webhooks.sending import Outcome, send
from tests.fuzz import effort
from tests.service.receiver import receiving
from tests.service.subscribed import allowing, url

ROWS = yaml.safe_load((Path(__file__).parents[1] / "attacks" / "webhook_urls.yaml").read_text(encoding="utf-8"))
PUBLIC = "93.184.216.34"


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Every address that anything tries to connect to; none is connected to."""
    tried: list[Any] = []

    def connect(_socket: Any, address: Any) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", lambda address, *_, **__: connect(None, address))
    monkeypatch.setattr(socket.socket, "connect", connect)
    yield tried


def called(given: str, hosts: list[str], leads: list[str] | None = None) -> Outcome | None:
    """What comes of sending to a URL; None where it is refused before anything is looked up."""

    def resolver(host: str, port: int) -> list[str]:
        return looked_up(host, port) if leads is None else list(leads)

    outgoing = Outgoing(hosts=tuple(hosts), connect=0.5, total=1.0)
    try:
        return send(target(given, outgoing.hosts), {}, b"{}", outgoing, resolver=resolver)
    except WebhookRefused:
        return None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["url"])
def test_none_of_these_connects(row: dict[str, Any], connections: list[Any]) -> None:
    outcome = called(row["url"], row.get("hosts", ["*"]), row.get("leads"))
    assert outcome is None or outcome.status is None
    assert connections == []


@pytest.mark.parametrize(
    ("given", "hosts", "port"),
    [
        ("https://hooks.example.com/x?y=%7B", ["*"], 443),
        ("https://hooks.example.com", ["hooks.example.com"], 443),
        ("https://HOOKS.example.com./", ["*.Example.com"], 443),
        ("https://hooks.example.com:8443/", ["hooks.example.com:8443"], 8443),
        ("http://hooks.example.com:8080/", ["http://hooks.example.com:8080"], 8080),
    ],
)
def test_what_is_allowed_is_called_where_it_leads(
    given: str, hosts: list[str], port: int, connections: list[Any]
) -> None:
    assert called(given, hosts, [PUBLIC]) == Outcome(None, pytest.approx(0, abs=1), "the host could not be reached")
    assert connections == [(PUBLIC, port)]


def test_a_host_that_leads_elsewhere_the_second_time_is_called_where_it_led_first(connections: list[Any]) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    wanted = target("https://hooks.example.com/", ["*"])
    send(wanted, {}, b"{}", Outgoing(hosts=("*",)), resolver=lambda _host, _port: next(answers))
    assert connections == [(PUBLIC, 443)]


def test_a_private_network_is_called_only_where_it_is_named() -> None:
    wanted = Target("https", "hooks.internal", 443, "/")
    for inside, networks, is_allowed in (
        ("10.1.2.3", ["10.1.0.0/16"], True),
        ("::ffff:10.1.2.3", ["10.1.0.0/16"], True),
        ("10.2.2.3", ["10.1.0.0/16"], False),
        ("fd00::7", ["fd00::/8"], True),
    ):
        try:
            assert vetted(wanted, lambda _host, _port, one=inside: [one], networks) == [inside]
            assert is_allowed
        except WebhookRefused:
            assert not is_allowed


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_answer_and_no_way_on(status: int) -> None:
    with receiving() as inside, receiving(lambda _number: status, Location=f"{inside.host}/") as outside:
        outgoing = allowing(outside, inside)
        outcome = send(target(url(outside), outgoing.hosts), {}, b"{}", outgoing)
        assert (outcome.status, outcome.is_delivered) == (status, False)
        assert inside.received == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.host)
        outgoing = allowing(receiver)
        assert send(target(url(receiver), outgoing.hosts), {}, b"{}", outgoing).is_delivered
        assert proxy.received == []


def test_an_answer_drop_by_drop_ends_with_the_time_and_a_long_one_is_not_read() -> None:
    """One that sends a byte now and then, and one whose body never ends."""

    def slowly(connection: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1000:
            connection.send(bytes([byte]))
            if ended.wait(0.05):
                return

    def endlessly(connection: socket.socket) -> None:
        connection.recv(100_000)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not ended.is_set():
            connection.sendall(b"10000\r\n" + b"x" * 65_536 + b"\r\n")

    for behave, status in ((slowly, None), (endlessly, 200)):
        ended = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            host = f"http://127.0.0.1:{listening.getsockname()[1]}"

            def serve(behave: Any = behave, listening: socket.socket = listening) -> None:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    behave(connection)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            outgoing = replace(allowing(), hosts=(host,), connect=1.0, total=1.0)
            outcome = send(target(f"{host}/", outgoing.hosts), {}, b"{}", outgoing)
            ended.set()
            thread.join(5)
        assert outcome.status == status
        assert outcome.seconds < 3


def test_retry_after_is_understood_where_the_receiver_is_busy() -> None:
    for status, wait in ((429, 7.0), (503, 7.0), (500, 0.0)):
        with receiving(lambda _number, status=status: status, Retry_After="7") as receiver:
            outgoing = allowing(receiver)
            assert send(target(url(receiver), outgoing.hosts), {}, b"{}", outgoing).wait == wait


@pytest.mark.parametrize(
    "pattern", ["", "http://hooks.example.com", "http://*:80", "a b", "0x7f.1", "h:0", "h:99999", "x/y"]
)
def test_a_pattern_that_is_none_is_refused_when_the_service_starts(pattern: str) -> None:
    assert pattern_fault(pattern)
    with pytest.raises(UsageError):
        Outgoing(hosts=(pattern,)).checked()


def test_a_network_that_is_none_is_refused_when_the_service_starts() -> None:
    with pytest.raises(UsageError, match="no network"):
        Outgoing(private=("10.1.2.3/8",)).checked()


@effort(200)
@given(st.ip_addresses() | st.integers(0, 2**32 - 1).map(str))
def test_no_spelling_of_an_address_that_is_not_public_gets_through(address: Any) -> None:
    """Whatever the address: taken only if Python's own tables call it public, too."""
    text = str(address)
    host = f"[{text}]" if ":" in text else text
    try:
        wanted = target(f"https://{host}/", ["*"])
        assert vetted(wanted, lambda _host, _port: [text]) == [text]
    except WebhookRefused:
        return
    assert address.is_global
    assert not address.is_multicast


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of hooks.example.com that nobody signed, and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    key, made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    asked = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    asked += ["-subj", "/CN=hooks.example.com", "-addext", "subjectAltName=DNS:hooks.example.com", "-days", "2"]
    subprocess.run([*asked, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True)
    made.write_text(made.read_text() + key.read_text())
    return made


@pytest.mark.parametrize("host", ["hooks.example.com", "other.example.com"])
def test_tls_is_for_the_name_though_the_address_is_called(certificate: Path, host: str) -> None:
    """The certificate is that of the name in the URL, or nothing is sent; the receiver sees that name."""
    names: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with receiving(tls=context) as receiver:
        outgoing = allowing(hosts=(f"*.example.com:{receiver.port}",))
        wanted = target(f"https://{host}:{receiver.port}/x", outgoing.hosts)
        found = [
            send(wanted, {}, b"{}", outgoing, resolver=lambda _host, _port: ["127.0.0.1"], context=trust)
            for trust in (trusting, None)
        ]
        seen = [one.headers["host"] for one in receiver.received]
    assert names == [host, host]
    assert found[1].problem == "the certificate or the handshake was not accepted"
    if host == "hooks.example.com":
        assert (found[0].status, seen) == (204, [f"{host}:{receiver.port}"])
    else:
        assert (found[0].problem, seen) == ("the certificate or the handshake was not accepted", [])
