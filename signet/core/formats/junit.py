"""JUnit XML, the form in which most test tools report: how many tests passed, failed, and were skipped.

The file is not trusted: a document type (and with it every entity), too many bytes and too deep nesting are refused
before anything is built. Test cases are counted, not what a suite claims of itself; but a suite that claims more
failures than its cases show has failed all the same. It does not decide what a result means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from signet.core.formats.limits import MAX_BYTES, MAX_DEPTH, refused
from signet.errors import Fault, InvalidData, UsageError

MOST_NAMES = 50
LONGEST_NAME = 200
_ROOTS = ("testsuites", "testsuite")


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
    def success(self) -> bool:
        """True if something ran and nothing failed."""
        return self.passed > 0 and not self.failed


@dataclass
class _Counting:
    """The state of one reading. ``claimed`` and ``shown`` are failures by suite, the outermost first."""

    name: str
    depth: int = 0
    tool: str = ""
    case: str | None = None
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
            raise refused(self.name, 0, f"it is not JUnit XML: its root is <{tag[:50]}>")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise refused(self.name, 0, f"it is nested deeper than {MAX_DEPTH} levels")
        if tag in _ROOTS:
            self.tool = self.tool or attributes.get("name", "").strip()[:LONGEST_NAME]
            self.claimed.append(_number(attributes.get("failures")) + _number(attributes.get("errors")))
            self.shown.append(self.failed)
        elif tag == "testcase" and self.case is None:
            words = (attributes.get("classname", ""), attributes.get("name", ""))
            self.case, self.verdict = ".".join(filter(None, words))[:LONGEST_NAME], "passed"
        elif self.case is not None and tag in ("failure", "error"):
            self.verdict = "failed"
        elif self.case is not None and tag == "skipped" and self.verdict == "passed":
            self.verdict = "skipped"

    def end(self, tag: str) -> None:
        tag = tag.rpartition("}")[2]
        self.depth -= 1
        if tag == "testcase" and self.case is not None:
            self.passed += self.verdict == "passed"
            self.skipped += self.verdict == "skipped"
            if self.verdict == "failed":
                self.fail(self.case)
            self.case = None
        elif tag in _ROOTS:
            missing = self.claimed.pop() - (self.failed - self.shown.pop())
            if missing > 0:
                self.fail("(a failure that no test case shows)", missing)

    def fail(self, name: str, times: int = 1) -> None:
        self.failed += times
        if len(self.failures) < MOST_NAMES:
            self.failures.append(name)

    def doctype(self, *_: object) -> None:
        raise refused(self.name, 0, "it declares a document type; entities are not read")


def read(data: bytes, name: str) -> Report:
    """Count the tests of a report. InvalidData if it is none; UsageError if no test of it was run."""
    if len(data) > MAX_BYTES:
        raise refused(name, 0, f"it has more than {MAX_BYTES:,} bytes")
    counting = _Counting(name)
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = counting.start
    parser.EndElementHandler = counting.end
    parser.StartDoctypeDeclHandler = counting.doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        said = expat.errors.messages.get(error.code, "broken")
        raise InvalidData(f"{name} is refused.", [Fault(name, None, error.lineno, f"not XML: {said}")]) from None
    except (LookupError, ValueError):
        raise refused(name, 0, "it is written in an encoding that is not known") from None
    if counting.passed + counting.failed == 0:
        raise UsageError(f"{name} reports no test that was run.", "No tests are no pass: run them, then record them.")
    return Report(counting.tool, counting.passed, counting.failed, counting.skipped, tuple(counting.failures))


def _number(text: str | None) -> int:
    return int(text) if text and len(text) < 10 and text.isascii() and text.isdigit() else 0
