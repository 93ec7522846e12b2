"""Pact's matchers alone: spellings, matchers inside matchers, the texts of date patterns."""

from __future__ import annotations

from typing import Any

import pytest

from signet.core.compare import dates
from signet.core.compare.demands import bounds, is_met
from signet.core.compare.texts import Unjudgeable, has_format, matches
from signet.core.formats import matchers
from signet.core.formats.matchers import Rule


@pytest.mark.parametrize(
    ("matcher", "kind"),
    [
        ({"match": "type"}, "type"),
        ({"min": 1}, "type"),
        ({"match": "max-type", "max": 1}, "type"),
        ({"regex": "a"}, "regex"),
        ({"timestamp": "yyyy"}, "timestamp"),
        ({"match": "real"}, "decimal"),
        ({"match": "not-empty"}, "notEmpty"),
        ({"pact:matcher:type": "integer"}, "integer"),
        ({"match": "luck"}, "luck"),
    ],
)
def test_a_matcher_has_many_spellings(matcher: dict[str, Any], kind: str) -> None:
    assert Rule("body", (), matcher, "").kind == kind


@pytest.mark.parametrize(
    "rules",
    [
        {"$.query.q": {"match": "integer"}},
        {"query": {"q": {"matchers": [{"match": "integer"}]}}},
        {"query": {"$.q": {"combine": "AND", "matchers": [{"match": "integer"}]}}},
        {"query": {"q": [{"match": "integer"}]}},
        {"query": {"q": {"match": "integer"}}},
    ],
)
def test_the_rules_of_a_parameter_have_many_spellings(rules: dict[str, Any]) -> None:
    found, faults = matchers.read(rules, "/m")
    assert not faults
    assert [(rule.category, rule.path, rule.kind, rule.either) for rule in found] == [("query", ("q",), "integer", "")]


def test_a_parameter_may_be_named_as_a_keyword_is() -> None:
    found, _ = matchers.read({"query": {"match": {"matchers": [{"match": "integer"}]}}}, "/m")
    assert [(rule.path, rule.kind) for rule in found] == [(("match",), "integer")]


def test_matchers_inside_matchers_are_rules_of_their_places() -> None:
    variants = [{"index": 1, "rules": {"$.k": {"matchers": [{"match": "integer"}]}}}, {"index": "x"}, 1]
    each = {"match": "eachValue", "rules": [{"match": "eachValue", "rules": [{"match": "null"}]}, 5]}
    found, faults = matchers.read(
        {
            "body": {
                "$.a": {"matchers": [{"match": "arrayContains", "variants": variants}]},
                "$.b": {"matchers": [each]},
            }
        },
        "/m",
    )
    assert not faults
    inner = {(rule.path, rule.kind, rule.pointer) for rule in found}
    assert (("a", 1, "k"), "integer", "/m/body/$.a/matchers/0/variants/0/rules/$.k/matchers/0") in inner
    assert (("b", "*", "*"), "null", "/m/body/$.b/matchers/0/rules/0/rules/0") in inner
    assert len(found) == 5


def test_one_of_two_matchers_bounds_a_list_by_the_wider() -> None:
    rules = {"body": {"$": {"combine": "OR", "matchers": [{"min": 3, "max": 4}, {"min": 2, "max": 9}]}}}
    either, _ = matchers.read(rules, "/m")
    assert bounds(either) == (2, 9)
    both, _ = matchers.read({"body": {"$": {"matchers": [{"match": "type"}, {"min": 2}]}}}, "/m")
    assert bounds(both) == (2, None)
    open_end, _ = matchers.read({"body": {"$": {"combine": "OR", "matchers": [{"match": "type"}, {"min": 2}]}}}, "/m")
    assert bounds(open_end, 1) == (1, 1)


@pytest.mark.parametrize(
    ("pattern", "text", "answer"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        (r"\Aabc\Z", "abc", True),
        (r"a\\Z", "a\\Z", True),
        (r"(?-mix:^abc$)", "abc", True),
        ("[[:alpha:]]", "abc", None),
        ("[a-z&&[^b]]", "abc", None),
        ("a&&b", "a&&b", True),
        ("(?<", "abc", None),
        (5, "abc", True),
    ],
)
def test_a_pattern_is_searched_for_or_nobody_can_tell(pattern: Any, text: str, answer: bool | None) -> None:
    rule = Rule("body", (), {"match": "regex", "regex": pattern}, "")
    if answer is None:
        with pytest.raises(Unjudgeable):
            is_met(rule, text)
    else:
        assert is_met(rule, text) is answer


@pytest.mark.parametrize(
    ("pattern", "text", "other"),
    [
        ("yyyy-MM-dd", "2020-01-31", "31/01/2020"),
        ("dd/MM/yy", "31/01/20", "2020-01-31"),
        ("yyyy-MM-dd'T'HH:mm:ssXXX", "2020-01-31T10:00:00+01:00", "2020-01-31T10:00:00"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", "2020-01-31T10:00:00.123Z", "2020-01-31T10:00:00Z"),
        ("EEE, d MMM yyyy HH:mm:ss Z", "Fri, 31 Jan 2020 10:00:00 +0100", "31 Jan 2020"),
        ("h:mm a", "9:05 PM", "21:05"),
        ("h 'o''clock' z", "9 o'clock Europe/Paris", "9 z"),
        ("'''Q'", "'Q", "Q"),
    ],
)
def test_a_date_pattern_stands_for_texts(pattern: str, text: str, other: str) -> None:
    known = dates.written(pattern)
    assert known is not None
    assert matches(known.shape, text)
    assert matches(known.shape, known.sample)
    assert not matches(known.shape, other)
    assert is_met(Rule("body", (), {"match": "datetime", "format": pattern}, ""), text)
    assert not is_met(Rule("body", (), {"match": "datetime", "format": pattern}, ""), other)


@pytest.mark.parametrize("pattern", ["", "yyyy[-MM]", "Q yyyy", "yyyy 'open", "GGGG"])
def test_of_a_date_pattern_that_is_not_known_nothing_is_said(pattern: str) -> None:
    assert dates.written(pattern) is None
    assert is_met(Rule("body", (), {"match": "date", "format": pattern}, ""), "anything")


@pytest.mark.parametrize(
    ("pattern", "format_"),
    [
        ("yyyy-MM-dd", "date"),
        ("yyyy-M-d", "date"),
        ("yyyy-MM-dd'T'HH:mm:ssX", "date-time"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSxxx", "date-time"),
        ("HH:mm:ssXXX", "time"),
    ],
)
def test_the_sample_of_a_pattern_has_the_format_that_it_can_have(pattern: str, format_: str) -> None:
    known = dates.written(pattern)
    assert known is not None
    assert has_format(format_, known.sample)


def test_a_date_pattern_made_to_backtrack_does_not() -> None:
    rule = Rule("body", (), {"match": "date", "format": "yMdHms" * 20}, "")
    assert not is_met(rule, "1" * 5_000 + "x")
    assert is_met(rule, "1" * 5_000)
    assert dates.written("yMdHms" * 2_000) is None
