"""Secrets that are sent to ``signet mock``: in no output, log, refusal or contract, taken or refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Desk
from tests.live.test_recording import JWT, PEM, TRACES

BODY = {"type": "object", "properties": {"pin": {"type": "string", "maxLength": 4}, "n": {"type": "integer"}}}
TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
CONTENT = {name: {"schema": BODY} for name in TYPES}
PLACES = [
    {"name": name, "in": place, "schema": {"type": "integer"}}
    for name, place in (("number", "query"), ("X-Number", "header"), ("number", "cookie"))
]
OK = {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}}
SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Echo", "version": "1"},
    "paths": {
        "/echo": {
            "get": {"parameters": PLACES, "responses": OK},
            "post": {"requestBody": {"required": True, "content": CONTENT}, "responses": OK},
        },
        "/echo/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"enum": ["a", "b"]}}],
                "responses": OK,
            }
        },
        "/own": {"get": {"security": [{"own": []}], "responses": OK}},
    },
    "components": {"securitySchemes": {"own": {"type": "http", "scheme": "digest"}}},
}
ATTACK = f"""
import http.client, os, sys, urllib.parse
url = urllib.parse.urlsplit(os.environ["SIGNET_PROVIDER_URL"])
heard = open("answers", "ab")
def ask(path, data=None, method=None, **headers):
    client = http.client.HTTPConnection(url.netloc)
    named = {{name.replace("_", "-"): value for name, value in headers.items()}}
    client.request(method or ("POST" if data else "GET"), path, data, named)
    answer = client.getresponse()
    heard.write(str(answer.status).encode() + repr(answer.getheaders()).encode() + answer.read() + b"\\n")
JSON = {{"Content_Type": "application/json"}}
FORM = {{"Content_Type": "application/x-www-form-urlencoded"}}
ask("/echo?token=canary", Authorization="Bearer canary-bearer", Cookie="sid=canary", X_Api_Key="canary", X_Own="canary")
ask("/echo", Authorization="Basic bWU6Y2FuYXJ5")
ask("/echo?number=starling", X_Number="{JWT}", Cookie="number=canary")
ask("/echo?token={JWT}&number={JWT}")
ask("/echo", b'{{"x": "{JWT}", "hook": "https://me:canary@example.com/", "card": "4111 1111 1111 1111"}}', **JSON)
ask("/echo", b'{{"pin": "{JWT}", "n": "starling"}}', **JSON)
ask("/echo", b'{{"n": 4111111111111111, "pin": "4111 1111 1111 1111"}}', **JSON)
ask("/echo", {json.dumps({"pin": PEM}).encode()!r}, **JSON)
ask("/echo", b'"{JWT}"', **JSON)
ask("/echo", b'{{"n": "starling"', **JSON)
ask("/echo", b'pin=canary-canary&n=starling', **FORM)
ask("/echo", b'--b\\r\\nContent-Disposition: form-data; name="pin"\\r\\n\\r\\ncanary\\r\\n--b--\\r\\n',
    Content_Type="multipart/form-data; boundary=b")
ask("/echo", b"starling", Content_Type="text/plain")
ask("/echo/{JWT}")
ask("/echo/starling")
ask("/nothing/{JWT}?x={JWT}", X_Signet_State="a state")
ask("/own", Authorization="Digest canary")
ask("/own", Authorization="Bearer {JWT}")
ask("/echo", Prefer="code=starling")
ask("/echo", Prefer="example=starling")
ask("/echo", Accept="image/starling")
ask("/echo", b"starling", method="PATCH")
"""


class TestNoSecret:
    """safety.md T57: canaries are looked for in every byte that is written, said or answered.

    ``starling`` is what no rule can know to be a secret: it may be in a contract, and nowhere else.
    """

    @pytest.mark.parametrize("code", [0, 3])
    def test_is_said_written_or_answered_by_the_mock(self, desk: Desk, code: int) -> None:
        (desk.folder / "spec.json").write_text(json.dumps(SPEC))
        own = {name: str(desk.folder / name.lower()) for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME", "SIGNET_CACHE")}
        for folder in own.values():
            Path(folder).mkdir()
        words = ["--record", "x.json", "--name", "cart", "--record-refused", "--write-failed", "--request-log"]
        command = [sys.executable, "-X", "dev", "-m", "signet", "mock", "echo=spec.json", *words, "--url-file", "url"]
        done = subprocess.run(
            [*command, "--", sys.executable, "-c", f"{ATTACK}\nraise SystemExit({code})"],
            cwd=desk.folder, capture_output=True, check=False, env=os.environ | own | {"SIGNET_DEBUG": "1"},
        )  # fmt: skip
        assert done.returncode == code, done.stderr.decode()
        answers = (desk.folder / "answers").read_bytes()
        assert [answers.count(b"\n%d[" % status) for status in (404, 405, 415, 422, 406)] == [1, 1, 1, 6, 1], answers
        assert b"/echo" in (desk.folder / "x.json").read_bytes(), "it was recorded"
        said = [done.stdout, done.stderr, *(path.read_bytes() for path in desk.folder.rglob("*") if path.is_file())]
        for trace in (*TRACES, b"4111 1111", b"4111111111111111"):
            assert not [one for one in said if trace in one], trace
        assert not [one for one in (done.stdout, done.stderr, answers) if b"starling" in one]
