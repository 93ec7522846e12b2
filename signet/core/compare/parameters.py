"""From the texts of a parameter to the value that it means, by its style, and whether that value fits.

What a text means by the types that a schema allows is ``signet.core.compare.written``.

Where a text can be read in several ways, a reading that fits the schema is taken. Sloppy syntax is forgiven where its
meaning is plain (a matrix without names, ``k=v`` where ``k,v`` is asked for); what a value must be is never softened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from signet.core.compare import media
from signet.core.compare.about import placed
from signet.core.compare.modes import REQUEST, Misfit, Mode, definite
from signet.core.compare.operations import Parameter
from signet.core.compare.schemas import NO_RULES, Judge
from signet.core.compare.written import WHOLE, fields, item, kinds_of, parsed, scalar
from signet.core.formats.bodies import is_json
from signet.core.formats.matchers import Rule

_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|", "tabDelimited": "\t"}
_KEY = re.compile(r"\[([^\[\]]*)\]")


def misfits(
    judge: Judge, parameter: Parameter, texts: Sequence[str], mode: Mode = REQUEST, rules: Sequence[Rule] = ()
) -> list[Misfit]:
    """What does not fit about the texts given for a parameter; of several readings, about the likeliest.

    ``rules`` are the matchers that speak about it.
    """
    if parameter.node is None or (parameter.may_be_empty and not any(texts)):
        return []
    if len(texts) > 1 and _is_plain(judge, parameter):
        return [each for text in texts for each in misfits(judge, parameter, [text], mode, rules)]
    if len(texts) > 1 and parameter.place == "query" and not parameter.explode and not parameter.content:
        why = f"it is given {len(texts)} times, and its items stand in one text"
        return [Misfit((), why, parameter.pointer)]
    tried: list[list[Misfit]] = []
    for value in _spellings(judge, parameter, texts):
        own = placed(rules, value, parameter.explode and parameter.place == "query") if rules else NO_RULES
        found = Judge(judge.source, own, judge.budget).found(value, parameter.node, mode)
        if not found:
            return []
        tried.append(found)
    return min(tried, key=definite, default=[])


def _is_plain(judge: Judge, parameter: Parameter) -> bool:
    """True if each text is a value of its own: one that is given twice must fit twice."""
    assert parameter.node is not None  # noqa: S101 - asked by the caller
    kinds = kinds_of(judge.source, parameter.node)
    return bool(kinds) and not kinds & WHOLE and parameter.place in ("query", "formData")


def _spellings(judge: Judge, parameter: Parameter, texts: Sequence[str]) -> Iterator[Any]:
    """The readings of the texts as they are, and where they may be percent-encoded and nobody decoded them, decoded."""
    yield from readings(judge, parameter, texts)
    if parameter.place in ("cookie", "header") and any("%" in text for text in texts):
        yield from readings(judge, parameter, [unquote(text) for text in texts])


def readings(judge: Judge, parameter: Parameter, texts: Sequence[str]) -> Iterator[Any]:
    """The values that the texts can mean, the likeliest first."""
    node = parameter.node
    assert node is not None  # noqa: S101 - callers ask only for parameters with a schema
    if parameter.content:
        yield parsed(texts[0]) if is_json(parameter.content) else scalar(judge, texts[0], node)
        return
    kinds = kinds_of(judge.source, node)
    for written in _ways(parameter):
        if "array" in kinds:
            yield [item(judge, part, node, position) for position, part in enumerate(_split(written, texts))]
        if "object" in kinds:
            yield fields(judge, _pairs(written, texts), node)
    if not kinds or kinds - WHOLE:
        for each in texts:
            yield scalar(judge, _bare(parameter, each), node)


def _ways(parameter: Parameter) -> Sequence[Parameter]:
    """A label that is not exploded has commas by RFC 6570, and dots by the table of OpenAPI 3.0.3."""
    return (parameter, parameter._replace(explode=True)) if parameter.style == "label" else (parameter,)


def is_comparable(parameter: Parameter) -> bool:
    """False if the parameter has a media type that no schema speaks about (XML)."""
    return not parameter.content or media.comparable(parameter.content) in ("json", "text")


# --- styles ----------------------------------------------------------------------------------------------------------


def _bare(parameter: Parameter, written: str) -> str:
    if parameter.style == "label":
        return written.removeprefix(".")
    if parameter.style == "matrix":
        return written.removeprefix(";").removeprefix(f"{parameter.name}=")
    return written


def _split(parameter: Parameter, texts: Sequence[str]) -> list[str]:
    """The texts of the items of a list."""
    if parameter.place == "cookie" and parameter.explode:  # "&" is what the table of styles has, "; " what HTTP has
        return [part for text in texts for part in text.split(f"&{parameter.name}=")]
    if parameter.place in ("query", "formData") and parameter.explode:
        return list(texts)
    joined = ",".join(texts)
    if parameter.style in _SEPARATORS:
        separator = _SEPARATORS[parameter.style]
        return [part for written in texts for part in written.split(separator)]
    if parameter.style == "matrix":
        parts = [part for part in joined.split(";") if part]
        bare = [part.removeprefix(f"{parameter.name}=") for part in parts]
        return [piece for part in bare for piece in part.split(",")]
    if parameter.style == "label":
        bare_text = joined.removeprefix(".")
        return bare_text.split("." if parameter.explode and "," not in bare_text else ",")
    return [part.strip() if parameter.place == "header" else part for part in joined.split(",")] if joined else []


def _pairs(parameter: Parameter, texts: Sequence[str]) -> Iterator[tuple[Sequence[str], str]]:
    """(keys, text) of the properties of an object."""
    parts = _split(parameter._replace(explode=parameter.explode and parameter.place == "path"), texts)
    if all("=" in part for part in parts):
        for part in parts:
            key, _, written = part.partition("=")
            yield (key,), written
    else:
        for key, written in zip(parts[::2], parts[1::2], strict=False):
            yield (key,), written


def deep_pairs(name: str, query: Iterable[tuple[str, str]]) -> Iterator[tuple[Sequence[str], str]]:
    """``name[a][b]=text`` as (("a", "b"), "text"); text right after the last bracket is forgiven."""
    for key, written in query:
        if not key.startswith(f"{name}["):
            continue
        keys = _KEY.findall(key)
        rest = key[key.rindex("]") + 1 :] if "]" in key else ""
        if keys:
            yield tuple(keys), written or rest
