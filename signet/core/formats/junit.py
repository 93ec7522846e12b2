"""JUnit XML, the form in which most test tools report: how many tests passed, failed, and were skipped.

The file is not trusted: a document type (and with it every entity), too many bytes and too deep nesting are refused
before anything is built. Test cases are counted, not what a suite claims of itself; but a suite that claims more
failures than its cases show has failed all the same. It does not decide what a result means.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from signet.core.formats.limits import MAX_BYTES, MAX_DEPTH, refused
from signet.errors import Fault, InvalidData

MOST_NAMES = 50
LONGEST_NAME = 200
_ROOTS = ("testsuites", "testsuite")
_BY_WORD = {
    **dict.fromkeys(("failed", "failure", "fail", "error", "errored"), "failed"),
    **dict.fromkeys(("skipped", "notrun", "suppressed", "disabled", "ignored", "pending"), "skipped"),
}
"""What a test case says of itself in ``status`` or ``result``: GoogleTest's disabled ones have no element for it."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a test run reported. ``tool`` is the name of the suite (often that of the tool), empty if it has none.

    ``failures`` names test cases that failed, at most ``MOST_NAMES`` of them.
    """

    tool: str
    passed: int
    failed: int
    skipped: int
    failures: tuple[str, ...] = ()

    @property
    def ran(self) -> int:
        """How many tests were run."""
        return self.passed + self.failed

    @property
    def success(self) -> bool:
        """True if something ran and nothing failed."""
        return self.passed > 0 and not self.failed


@dataclass
class _Counting:
    """The state of one reading. ``line`` is where it is, ``within`` the depth of the test case.

    ``claimed`` and ``shown`` are failures by suite, the outermost first.
    """

    name: str
    line: Callable[[], int]
    depth: int = 0
    tool: str = ""
    case: str | None = None
    within: int = 0
    verdict: str = ""
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)
    claimed: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        tag = tag.rpartition("}")[2]
        if self.depth == 0 and tag not in _ROOTS:
            raise refused(self.name, self.line(), f"it is not JUnit XML: its root is <{tag[:50]}>")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise refused(self.name, self.line(), f"it is nested deeper than {MAX_DEPTH} levels")
        if tag in _ROOTS:
            self.tool = self.tool or attributes.get("name", "").strip()[:LONGEST_NAME]
            self.claimed.append(_number(attributes.get("failures")) + _number(attributes.get("errors")))
            self.shown.append(self.failed)
        elif tag == "testcase" and self.case is None:
            words = (attributes.get("classname", ""), attributes.get("name", ""))
            self.case, self.verdict = ".".join(filter(None, words))[:LONGEST_NAME], _verdict(attributes)
            self.within = self.depth
        elif self.case is not None and tag in ("failure", "error"):
            self.verdict = "failed"
        elif self.case is not None and tag == "skipped" and self.verdict == "passed":
            self.verdict = "skipped"

    def end(self, tag: str) -> None:
        tag = tag.rpartition("}")[2]
        if self.case is not None and self.depth == self.within:
            self.passed += self.verdict == "passed"
            self.skipped += self.verdict == "skipped"
            if self.verdict == "failed":
                self.fail(self.case)
            self.case = None
        elif tag in _ROOTS:
            missing = self.claimed.pop() - (self.failed - self.shown.pop())
            if missing > 0:
                self.fail("(a failure that no test case shows)", missing)
        self.depth -= 1

    def fail(self, name: str, times: int = 1) -> None:
        self.failed += times
        if len(self.failures) < MOST_NAMES:
            self.failures.append(name)

    def doctype(self, *_: object) -> None:
        raise refused(self.name, self.line(), "it declares a document type; entities are not read")


def read(data: bytes, name: str) -> Report:
    """Count the tests of a report, of which there may be none; InvalidData if it is no report."""
    if len(data) > MAX_BYTES:
        raise refused(name, 0, f"it has more than {MAX_BYTES:,} bytes")
    parser = expat.ParserCreate(namespace_separator="}")
    counting = _Counting(name, lambda: parser.CurrentLineNumber)
    parser.StartElementHandler = counting.start
    parser.EndElementHandler = counting.end
    parser.StartDoctypeDeclHandler = counting.doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        said = expat.errors.messages.get(error.code, "broken")
        raise InvalidData(f"{name} is refused.", [Fault(name, None, error.lineno, f"not XML: {said}")]) from None
    except (LookupError, ValueError):
        raise refused(name, 1, "it is written in an encoding that is not known") from None
    return Report(counting.tool, counting.passed, counting.failed, counting.skipped, tuple(counting.failures))


def together(reports: Sequence[Report]) -> Report:
    """Several reports as one. Its tool is the one that all of them name: many have a file for each class of tests."""
    tools = {report.tool for report in reports if report.ran}
    return Report(
        tools.pop() if len(tools) == 1 else "",
        sum(report.passed for report in reports),
        sum(report.failed for report in reports),
        sum(report.skipped for report in reports),
        tuple(name for report in reports for name in report.failures)[:MOST_NAMES],
    )


def _verdict(attributes: Mapping[str, str]) -> str:
    said = {_BY_WORD.get(attributes.get(key, "").lower(), "passed") for key in ("status", "result")}
    return min(said, key=("failed", "skipped", "passed").index)


def _number(text: str | None) -> int:
    return int(text) if text and len(text) < 10 and text.isascii() and text.isdigit() else 0
