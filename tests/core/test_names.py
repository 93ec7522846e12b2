"""Names: what may be one, and why not (safety.md T30)."""

from __future__ import annotations

import pytest

from signet.core.model import names
from signet.errors import NameRefused

REFUSED = {
    "": "empty",
    "../x": "may hold only",
    "a/b": "may hold only",
    ".": "itself",
    "..": "itself",
    ".git": "itself",
    ".GIT": "itself",
    "CON": "device",
    "com1": "device",
    "nul.txt": "device",
    "a\nb": "control",
    "a\u202eb": "control",
    "Cafe\u0301": "normalisation",
    "Café": "may hold only",
    "x" * 65: "longer than 64",
    "-x": "begin with",
    "_x": "begin with",
    "x.yaml": "ends like a file",
    "x.JSON": "ends like a file",
    "x.sig": "ends like a file",
    "x.": "ends with a dot",
    "Cart Service": "may hold only",
    "\ud800": "control",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused_with_the_reason(text: str) -> None:
    with pytest.raises(NameRefused) as caught:
        names.checked("service", text)
    assert REFUSED[text] in caught.value.message


@pytest.mark.parametrize("text", ["cart", "Cart-2", "a.b_c", "9lives", "x" * 64, "console"])
def test_accepted_as_it_is(text: str) -> None:
    assert names.checked("service", text) == text


def test_versions_may_be_longer_and_hold_a_plus() -> None:
    assert names.checked("version", "1.10.0+build.5") == "1.10.0+build.5"
    assert names.fault_of("version", "v" * 128) is None
    assert names.fault_of("version", "v" * 129) is not None
    assert names.fault_of("service", "a+b") is not None


@pytest.mark.parametrize("text", ["", "-x", "a..b", "a b", "a~1", "x.lock", "/x", "x/", "@", "a@{1", "a\x1bb", "a/.b"])
def test_branches_that_git_would_refuse(text: str) -> None:
    with pytest.raises(NameRefused):
        names.checked_branch(text)


@pytest.mark.parametrize("text", ["main", "feature/Ünïcode", "dependabot/npm_and_yarn/x-1.2", "renovate/a+b"])
def test_branches_that_people_use(text: str) -> None:
    assert names.checked_branch(text) == text


def test_case_alone_does_not_make_a_name() -> None:
    assert names.clash("Billing", ["billing"]) == "billing"
    assert names.clash("billing", ["billing", "cart"]) is None


def test_did_you_mean() -> None:
    assert names.nearest("prodution", ["production", "staging"]) == "production"
    assert names.nearest("zzz", ["production"]) is None
