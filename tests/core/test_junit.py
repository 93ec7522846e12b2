"""JUnit XML of real tools, and of somebody who means harm."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signet.core.formats.junit import MOST_NAMES, Report, read, together
from signet.core.formats.limits import MAX_BYTES
from signet.errors import InvalidData, SignetError


def suite(*cases: str, **attributes: int | str) -> bytes:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<testsuites><testsuite{given}>{''.join(cases)}</testsuite></testsuites>".encode()


GOOD, BAD = (
    '<testcase classname="a" name="good"/>',
    '<testcase name="bad"><failure message="x">trace</failure></testcase>',
)
ERROR = '<testcase classname="a.b" name="error"><error/><system-out>x</system-out></testcase>'
SKIPPED = '<testcase name="later"><skipped/></testcase>'


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (suite(GOOD, GOOD, name="jest"), Report("jest", 2, 0, 0)),
        (suite(GOOD, BAD, ERROR, SKIPPED, failures=1, errors=1), Report("", 1, 2, 1, ("bad", "a.b.error"))),
        (b'<testsuite name="x">' + GOOD.encode() + b"</testsuite>", Report("x", 1, 0, 0)),
        (b"\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?>" + suite(GOOD), Report("", 1, 0, 0)),
        (suite(GOOD).decode().encode("utf-16"), Report("", 1, 0, 0)),
        (b'<testsuites xmlns="urn:x">' + suite(BAD)[12:], Report("", 0, 1, 0, ("bad",))),
        (suite(GOOD, failures=1), Report("", 1, 1, 0, ("(a failure that no test case shows)",))),
        (suite(GOOD, failures="many", errors="-1"), Report("", 1, 0, 0)),
    ],
)
def test_tests_are_counted(data: bytes, expected: Report) -> None:
    assert read(data, "report.xml") == expected
    assert expected.success == (not expected.failed)


def test_nested_suites_do_not_count_twice() -> None:
    inner = '<testsuite name="in" failures="1">' + BAD + "</testsuite>"
    assert read(suite(inner, GOOD, failures=1), "r.xml") == Report("in", 1, 1, 0, ("bad",))


@pytest.mark.parametrize("data", [suite(), suite(SKIPPED), b"<testsuites/>", suite(tests=5)])
def test_no_tests_are_no_pass(data: bytes) -> None:
    report = read(data, "report.xml")
    assert (report.ran, report.success) == (0, False)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ('<testcase name="DISABLED_x" status="notrun" result="suppressed"/>', (0, 0, 1)),
        ('<testcase name="x" status="run" result="completed"/>', (1, 0, 0)),
        ('<testcase name="x" status="Failed"/>', (0, 1, 0)),
        ('<testcase name="x" result="skipped" status="error"/>', (0, 1, 0)),
        ('<testcase name="x" status="passed"><failure/></testcase>', (0, 1, 0)),
        ('<testcase name="x" status="failed"><skipped/></testcase>', (0, 1, 0)),
        ('<testcase name="x"><rerunFailure/></testcase>', (1, 0, 0)),
        ('<testcase name="x"><properties><property name="failure"/></properties></testcase>', (1, 0, 0)),
        ('<testcase name="x"><testcase name="y"/><failure/></testcase>', (0, 1, 0)),
    ],
)
def test_what_a_case_says_of_itself(case: str, expected: tuple[int, int, int]) -> None:
    report = read(suite(case), "report.xml")
    assert (report.passed, report.failed, report.skipped) == expected


def test_several_reports_are_one() -> None:
    first, second = read(suite(GOOD, BAD, name="jest"), "1"), read(suite(GOOD, SKIPPED, name="jest"), "2")
    assert together([first, second]) == Report("jest", 2, 1, 1, ("bad",))
    other, idle = read(suite(GOOD, name="mocha"), "3"), read(suite(SKIPPED, name="idle"), "4")
    assert together([first, other]).tool == ""
    assert together([second, idle]) == Report("jest", 1, 0, 2)
    assert not together([idle]).success
    assert len(together([read(suite(*[BAD] * 40), "5")] * 2).failures) == MOST_NAMES


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (f"{LAUGHS}]><testsuite name='&j;'>{GOOD}</testsuite>".encode(), "document type"),
        (b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite>&f;</testsuite>', "document type"),
        (b'<!DOCTYPE testsuite SYSTEM "http://192.0.2.1/x.dtd"><testsuite/>', "document type"),
        (b"<testsuite>&undefined;</testsuite>", "not XML"),
        (b"<testsuite>" * 101, "deeper than 100"),
        (b"<testsuite>", "not XML"),
        (b"", "not XML"),
        (b"{}", "not XML"),
        (b"<html/>", "its root is <html>"),
        (b"<?xml version='1.0' encoding='rot13'?><testsuite/>", "encoding|not XML"),
        (b" " * (MAX_BYTES + 1), "more than"),
        (suite(GOOD) + suite(GOOD), "not XML"),
        (b"<testsuite>\x00</testsuite>", "not XML"),
    ],
)
def test_what_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(InvalidData) as caught:
        read(data, "report.xml")
    assert re.search(said, str(caught.value))
    assert bool(caught.value.faults[0].line) == (len(data) < MAX_BYTES)


def test_a_refusal_says_where() -> None:
    with pytest.raises(InvalidData) as caught:
        read(b"<testsuite>\n<testcase name='a'/>\n<testcase name='b'>\n</testsuite>", "report.xml")
    assert str(caught.value.faults[0]) == "report.xml:4: not XML: mismatched tag"


def test_many_failures_are_counted_and_not_all_named() -> None:
    report = read(suite(*[BAD] * 1000), "report.xml")
    assert (report.failed, len(report.failures)) == (1000, MOST_NAMES)


@given(st.one_of(st.binary(), st.text(alphabet='<>/&;"= testsuiecafl!?[]', max_size=60).map(str.encode)))
def test_anything_is_a_report_or_an_error_of_ours(data: bytes) -> None:
    with contextlib.suppress(SignetError):
        read(data, "report.xml")


def test_what_pytest_writes(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\ndef test_a(): pass\ndef test_b(): assert 0\n"
        "@pytest.mark.skip\ndef test_c(): pass\n@pytest.fixture\ndef f(): 1/0\ndef test_d(f): pass\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--junitxml=r.xml", "test_it.py"]
    alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # what is installed beside pytest has no part in it
    subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, timeout=60)
    report = read((tmp_path / "r.xml").read_bytes(), "r.xml")
    assert (report.passed, report.failed, report.skipped) == (1, 2, 1)
    assert report.tool.startswith("pytest")
    assert report.failures == ("test_it.test_b", "test_it.test_d")
