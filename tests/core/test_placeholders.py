"""A template of the user, and texts of other teams in it: always one argument, never a program, an option or code."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.placeholders import checked, fault_of, filled, places, split
from signet.errors import UsageError


@pytest.mark.parametrize(
    "template",
    [
        "docker run --rm -p {port}:8000 {image}",
        "docker run --env=SOURCE={source} x@{image}",
        "pytest {tests}",
        "pytest -c {source}",
        "env API={url} pytest {tests}",
        "timeout 60 python -m pytest {tests}",
        "uvx --from {source} pytest",
        "sh -c 'docker run \"$1\"' sh {image}",
        "bash -euc 'exec docker run \"$1\"' x {image}",
        "sh -c 'exec uvicorn app:app --port {port}'",
        "git clone -- {source}",
        "{url} {version}",
    ],
)
def test_arguments_of_a_named_program(template: str) -> None:
    words = checked("--tests", template)
    values = {"image": "a b;c", "source": "$(x)", "tests": "`y` 'z'", "url": "u", "version": "1", "port": "2"}
    done = filled(words, values)
    assert len(done) == len(shlex.split(template))
    assert not places(done)


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{tests}", "it would be the program"),
        ("./{tests} -x", "it would be the program"),
        ("A=1 {tests}", "it would be the program"),
        ("env A=1 -i {tests}", "it would be the program"),
        ("/usr/bin/env {tests}", "it would be the program"),
        ("timeout 5 nice -n 3 {image}", "it would be the program"),
        ("sh -c {tests}", "code"),
        ("sh -c 'pytest {tests}'", "code"),
        ("bash -lc {tests}", "code"),
        ("env X=1 /bin/dash -ec {source}", "code"),
        ("busybox sh -c {tests}", "code"),
        ("python3.12 -c {source}", "code"),
        ("python -c 'run(\"{source}\")'", "code"),
        ("node --eval {tests}", "code"),
        ("node -p {tests}", "code"),
        ("perl -e {tests}", "code"),
        ("cmd.exe /C {tests}", "code"),
        ("pwsh -Command {tests}", "code"),
        ("docker run x sh -c '{tests}'", "code"),
        ("ssh host {tests}", "a shell would read it"),
        ("eval {tests}", "a shell would read it"),
        ("watch ls {tests}", "a shell would read it"),
        ("pytest '{tests};x'", "code"),
        ("pytest 'a {tests}'", "code"),
    ],
)
def test_places_that_are_refused(template: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        checked("--tests", template)


@pytest.mark.parametrize("template", ["", "  ", "'a", "a\0b"])
def test_no_command(template: str) -> None:
    with pytest.raises(UsageError, match="--start"):
        split("--start", template)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", "empty"),
        ("-x", "option"),
        ("--upload-pack=x", "option"),
        (" -x", "option"),
        ("a\nb", "control"),
        ("a\0b", "control"),
        ("a\x1b[2K", "control"),
        ("a\u202eb", "control"),
        ("\udcff", "control"),
        ("{url}", "brace"),
        ("x" * 5000, "characters"),
    ],
)
def test_values_that_are_refused(value: str, told: str) -> None:
    assert told in fault_of(value)


@pytest.mark.parametrize(
    "value", ["shop/cart:2.1.0", "shop/cart@sha256:0f", "git+https://x.example/a?b=1&c#d", "@shop/tests", "a b; $(c)"]
)
def test_values_that_are_taken(value: str) -> None:
    assert fault_of(value) == ""


@given(st.text(), st.text())
def test_a_value_is_a_part_of_one_word_whatever_it_holds(tests: str, image: str) -> None:
    words = checked("--tests", "run --with={tests} {image} {other} end")
    assert filled(words, {"tests": tests, "image": image}) == ["run", f"--with={tests}", image, "{other}", "end"]
