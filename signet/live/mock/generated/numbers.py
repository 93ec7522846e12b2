"""Numbers that fit bounds and steps: small readable ones where they fit, else the nearest to a bound. All are exact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any, NamedTuple

from signet.core.compare import values

_HALF = Fraction(1, 2)
MOST_DIGITS = 400


class _Bounds(NamedTuple):
    """What numbers may be: ends, whether the ends themselves are excluded, and what they are multiples of."""

    low: Fraction | None
    is_above: bool
    high: Fraction | None
    is_below: bool
    step: Fraction | None


def numbers(schemas: Sequence[Mapping[str, Any]], is_whole: bool, turn: int) -> Iterator[int | Decimal]:
    """Proposals, the most readable first; nothing where no number can fit."""
    bounds = _bounds(schemas, is_whole)
    found = _free(bounds, turn) if bounds.step is None else _stepped(bounds, bounds.step, turn)
    for each in found:
        written = _written(each)
        if written is not None:
            yield written


def _bounds(schemas: Sequence[Mapping[str, Any]], is_whole: bool) -> _Bounds:
    lows: list[tuple[Fraction, bool]] = []
    highs: list[tuple[Fraction, bool]] = []
    steps = [Fraction(1)] if is_whole else []
    for schema in schemas:
        for ends, keyword, exclusive in (
            (lows, "minimum", "exclusiveMinimum"),
            (highs, "maximum", "exclusiveMaximum"),
        ):
            bound, strict = schema.get(keyword), schema.get(exclusive)
            if values.is_number(bound):
                ends.append((_exact(bound), strict is True))
            if values.is_number(strict):
                ends.append((_exact(strict), True))
        bits = values.BOUNDS.get(schema["format"]) if isinstance(schema.get("format"), str) else None
        if bits:
            lows.append((Fraction(-(2**bits)), False))
            highs.append((Fraction(2**bits - 1), False))
        step = schema.get("multipleOf")
        if values.is_number(step) and step > 0:
            steps.append(_exact(step))
    low = max(lows, default=None)
    high = min(((end, not strict) for end, strict in highs), default=None)
    return _Bounds(
        low[0] if low else None,
        bool(low and low[1]),
        high[0] if high else None,
        bool(high and not high[1]),
        _common(steps),
    )


def _exact(value: float | Decimal) -> Fraction:
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _common(steps: list[Fraction]) -> Fraction | None:
    """The smallest number that is a multiple of all steps."""
    if not steps:
        return None
    below = lcm(*[each.denominator for each in steps])
    return Fraction(lcm(*[each.numerator * (below // each.denominator) for each in steps]), below)


def _is_inside(number: Fraction, bounds: _Bounds) -> bool:
    low, high = bounds.low, bounds.high
    if low is not None and (number < low or (bounds.is_above and number == low)):
        return False
    return not (high is not None and (number > high or (bounds.is_below and number == high)))


def _stepped(bounds: _Bounds, step: Fraction, turn: int) -> Iterator[Fraction]:
    """Multiples: 1 and what follows where that fits, else from the lower bound up, else from the upper one down."""
    first = None if bounds.low is None else ceil(bounds.low / step)
    last = None if bounds.high is None else floor(bounds.high / step)
    whole = max(1, step.denominator)  # so many steps make a whole number
    near = max(1, ceil(1 / step))
    proposed = [near + turn * whole, near + turn, turn * whole, turn]
    if first is not None:
        start = first + (bounds.is_above and first * step == bounds.low)
        room = None if last is None else last - start + 1
        shift = turn if room is None or room <= 0 else turn % room
        round_up = -(-start // whole) * whole
        proposed += [round_up + turn * whole, start + shift, start, start + 1]
    if last is not None:
        end = last - (bounds.is_below and last * step == bounds.high)
        proposed += [end - turn, end, end - 1]
    proposed.append(0)
    yield from (number for count in proposed if _is_inside(number := count * step, bounds))


def _free(bounds: _Bounds, turn: int) -> Iterator[Fraction]:
    low, high = bounds.low, bounds.high
    proposed = [1 + turn + _HALF, Fraction(1 + turn), Fraction(turn), Fraction(0)]
    if low is not None:
        proposed += [floor(low) + 1 + turn + _HALF, Fraction(floor(low) + 1 + turn), low]
    if high is not None:
        proposed += [ceil(high) - 1 - turn - _HALF, Fraction(ceil(high) - 1 - turn), high]
    if low is not None and high is not None:
        proposed += [low + (high - low) / 2, low + (high - low) / (2 + turn)]
    yield from (number for number in proposed if _is_inside(number, bounds))


def _written(number: Fraction) -> int | Decimal | None:
    """The number as JSON writes it; None where its digits never end, or are too many."""
    if number.denominator == 1:
        return number.numerator if number.numerator.bit_length() < 3 * MOST_DIGITS else None
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    digits = max(twos, fives)
    if rest != 1 or digits > MOST_DIGITS:
        return None
    return Decimal(number.numerator * 10**digits // number.denominator).scaleb(-digits)
