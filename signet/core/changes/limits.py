"""Limits of values: how large, how long, how many, a multiple of what; a limit that is exclusive is the tighter one."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from signet.core.changes.run import Run
from signet.core.changes.views import View
from signet.core.changes.where import Where

COUNTS = {
    "maxLength": ("max-length", None),
    "minLength": ("min-length", 0),
    "maxItems": ("max-items", None),
    "minItems": ("min-items", None),
    "maxProperties": ("max-properties", None),
    "minProperties": ("min-properties", 0),
}
"""Keyword, its events, and what it is where it is not written; minItems is told as it is in oasdiff."""
CONTAINED = {"maxContains": ("max-contains", None), "minContains": ("min-contains", 1)}


class Limit(NamedTuple):
    """A limit of numbers: the value, whether it is allowed itself, and the keyword."""

    value: Decimal
    is_exclusive: bool
    keyword: str

    @property
    def event(self) -> str:
        """Its name in ids."""
        return {"minimum": "min", "maximum": "max", "exclusiveMinimum": "exclusive-min"}.get(
            self.keyword, "exclusive-max"
        )


def compare(run: Run, old: View, new: View, where: Where) -> None:
    """Tell what became of the limits."""
    _range(run, old, new, where, ("minimum", "exclusiveMinimum"), is_upper=False)
    _range(run, old, new, where, ("maximum", "exclusiveMaximum"), is_upper=True)
    counts = dict(COUNTS)
    if "contains" in old.words and "contains" in new.words:
        counts |= CONTAINED
    for keyword, (event, implied) in counts.items():
        _count(run, old, new, where, keyword, event, implied)
    _multiple(run, old, new, where)
    is_set, was_set = new.flag("uniqueItems"), old.flag("uniqueItems")
    if is_set != was_set:
        event = "unique-items-set" if is_set else "unique-items-unset"
        run.report.add(where.id(event), (old.at("uniqueItems"), new.at("uniqueItems")), what=where)


def number(value: Any) -> Decimal | None:
    """A number as it counts; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    try:
        return Decimal(value)
    except (InvalidOperation, ValueError):
        return None


def _range(run: Run, old: View, new: View, where: Where, keywords: tuple[str, str], *, is_upper: bool) -> None:
    before, after = _limit(old, keywords, is_upper), _limit(new, keywords, is_upper)
    if before is None or after is None:
        one = before or after
        if one is not None:
            event = f"{one.event}-{'unset' if after is None else 'set'}"
            _tell(run, old, new, where, one.keyword, event)
        return
    if before[:2] == after[:2]:
        return
    rises = _rank(after, is_upper) > _rank(before, is_upper)
    event = f"{after.event}-{'increased' if rises else 'decreased'}"
    run.report.add(
        where.id(event),
        (old.at(before.keyword), new.at(after.keyword)),
        what=where,
        before=before.value,
        after=after.value,
    )


def _limit(one: View, keywords: tuple[str, str], is_upper: bool) -> Limit | None:
    """The tighter of the two."""
    found = [
        Limit(value, keyword == keywords[1], keyword)
        for keyword in keywords
        if (value := number(one.words.get(keyword))) is not None
    ]
    if not found:
        return None
    return (min if is_upper else max)(found, key=lambda each: _rank(each, is_upper))


def _rank(limit: Limit, is_upper: bool) -> tuple[Decimal, bool]:
    """Limits in the order of where they stand on the line of numbers."""
    return limit.value, limit.is_exclusive != is_upper


def _count(run: Run, old: View, new: View, where: Where, keyword: str, event: str, implied: int | None) -> None:
    before, after = number(old.words.get(keyword)), number(new.words.get(keyword))
    before, after = (Decimal(implied) if each is None and implied is not None else each for each in (before, after))
    if before == after:
        return
    if keyword == "minItems" and before in (None, 0) and after in (None, 0):
        return
    if before is None or after is None:
        _tell(run, old, new, where, keyword, f"{event}-{'unset' if after is None else 'set'}")
    else:
        step = "increased" if after > before else "decreased"
        places = old.at(keyword), new.at(keyword)
        run.report.add(where.id(f"{event}-{step}"), places, what=where, before=before, after=after)


def _tell(run: Run, old: View, new: View, where: Where, keyword: str, event: str) -> None:
    values = old.words.get(keyword), new.words.get(keyword)
    places = old.at(keyword), new.at(keyword)
    run.report.add(where.id(event), places, what=where, before=values[0], after=values[1])


def _multiple(run: Run, old: View, new: View, where: Where) -> None:
    before, after = number(old.words.get("multipleOf")), number(new.words.get("multipleOf"))
    if before == after:
        return
    if before is None or after is None:
        _tell(run, old, new, where, "multipleOf", f"multiple-of-{'unset' if after is None else 'set'}")
        return
    event = "multiple-of-changed"
    if _divides(after, before):
        event = "multiple-of-generalized"
    elif _divides(before, after):
        event = "multiple-of-specialized"
    _tell(run, old, new, where, "multipleOf", event)


def _divides(one: Decimal, other: Decimal) -> bool:
    try:
        return bool(one) and other % one == 0
    except InvalidOperation:  # a quotient of more digits than are kept: neither is told to be the wider
        return False
