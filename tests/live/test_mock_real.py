"""The mock with specs that nobody here wrote: every answer valid by the reference, every request judged as expected."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from signet.core.formats import pact, text
from signet.core.formats.canonical import dump
from signet.live.mock import Request, Service
from tests import published
from tests.conformance.where import conformance
from tests.live import mocked

GITHUB_HASH = "94a7533a61500f72a2d657a851134032f65dfd64f2dd67a3b8859e667242dea2"
"""Of all answers for GitHub's document (``mocked.total``)."""


def _specs() -> list[Path]:
    try:
        return sorted(conformance("real").glob("*/spec.json"))
    except pytest.skip.Exception:
        return []


@pytest.mark.slow
@pytest.mark.parametrize("path", _specs(), ids=lambda path: path.parent.name)
def test_every_answer_is_valid(path: Path) -> None:
    spec = mocked.read(path)
    judge = mocked.Judge(spec)
    answers = list(mocked.every_answer(Service("x", spec)))
    faults = [fault for each in answers for fault in judge.faults(each)]
    assert (len(answers) > 10, faults) == (True, [])


@pytest.mark.parametrize("name", [path.parent.name for path in _specs()])
def test_requests_are_taken_and_refused_as_the_cases_say(name: str) -> None:
    """Requests of contracts: what must not be sent is refused, all else is taken.

    Two things are asked for here that a comparison lets pass: tokens that a contract does not show, and success.
    """
    folder = conformance("real") / name
    service = Service(name, mocked.read(folder / "spec.json"))
    contract = pact.contract(text.read((folder / "pact.json").read_bytes(), "pact.json"))
    cases = {case["interaction"]: case for case in json.loads((folder / "expected.json").read_bytes())["interactions"]}
    strange = []
    for each in contract.interactions:
        case = cases[each.index]
        if each.response["status"] >= 400:
            continue  # such a request may be wrong on purpose
        answer = service.outcome(_request(each.request)).answer
        is_wrong = not case["compatible"] and case["code"].startswith("request")
        is_refused = answer.code.startswith("request.")
        if answer.status >= 500 or (is_wrong != is_refused and answer.status != 401):
            strange.append((case, answer.status, answer.code))
    assert strange == []


def _request(said: dict) -> Request:  # type: ignore[type-arg]
    headers = tuple((name.lower().encode(), value.encode()) for name, value, _ in said["headers"])
    body = said.get("body")
    value = body.value if body is not None else None
    content = b"" if value is None else (value if isinstance(value, str) else dump(value)).encode()
    return Request(
        said["method"], said["path"], urlencode([(key, each) for key, each, _ in said["query"]]), headers, content
    )


@pytest.mark.slow
def test_every_answer_of_github(pytestconfig: pytest.Config) -> None:
    """The whole document, with all its operations; it comes by npm."""
    spec = mocked.read(published.document("github", pytestconfig))
    service, judge = Service("github", spec), mocked.Judge(spec)
    faults, count = [], 0
    for each in mocked.every_answer(service):
        count += 1
        faults += judge.faults(each)
    assert (count > 2_500, faults) == (True, [])
    assert mocked.total(service) == GITHUB_HASH
