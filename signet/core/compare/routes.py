"""Which operation a request means: paths against path templates, with and without the base path.

A literal segment wins over a template. It does not judge path parameters; it hands out their texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import unquote

from signet.core.compare.operations import Operation, operation
from signet.core.compare.servers import Bases
from signet.core.compare.source import Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.structure import METHODS

_EXPRESSION = re.compile(r"\{[;.?]?([^{}/]+?)\*?\}")
WHOLE = 2
"""The rank of a segment that is nothing but a template."""
MOST_TEMPLATES = 4_096


class Route(NamedTuple):
    """A path template: its segments, the names in each, and how literal each is (2: nothing but a name)."""

    path: str
    item: Any
    pointer: str
    segments: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    rank: tuple[int, ...]

    @property
    def is_literal(self) -> bool:
        """True if no segment is a template."""
        return not any(self.names)


class Match(NamedTuple):
    """A route that takes a path, with the texts of its path parameters."""

    route: Route
    values: Mapping[str, str]


@dataclass(slots=True)
class _Fork:
    """Where paths part: the next segment is a literal, or a template; ``ends`` are the routes that end here."""

    literals: dict[str, _Fork] = field(default_factory=dict)
    templates: dict[str, _Fork] = field(default_factory=dict)
    ends: list[tuple[int, Route]] = field(default_factory=list)

    def below(self, segment: str, is_template: bool) -> _Fork:
        """The fork after one more segment."""
        branches = self.templates if is_template else self.literals
        return branches.setdefault(segment if is_template else unquote(segment), _Fork())

    def candidates(self, parts: list[str]) -> list[Route]:
        """The routes that may take a path, in the order of the spec."""
        level = [self]
        for part in map(unquote, parts):
            below = [fork.literals[part] for fork in level if part in fork.literals]
            below += [each for fork in level for each in fork.templates.values()]
            level = below
        found = [end for fork in level for end in fork.ends]
        return [route for _, route in sorted(found, key=itemgetter(0))]


class Routes:
    """All paths of a spec; operations are read at their first use."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.routes: list[Route] = []
        self.literal: dict[str, Route] = {}
        self.root = _Fork()
        self._operations: dict[tuple[str, str], Operation | Unjudgeable] = {}
        for path, item, pointer in source.entries(source.root, "paths", ""):
            if path.startswith("/") and isinstance(item, dict):
                self._add(path, item, pointer)
        self.bases = Bases(source)

    def _add(self, path: str, item: Any, pointer: str) -> None:
        segments = tuple(_segments(path))
        names = tuple([_names(segment) for segment in segments])
        rank = tuple([_rank(segment, own) for segment, own in zip(segments, names, strict=True)])
        route = Route(path, item, pointer, segments, names, rank)
        fork = self.root
        for segment, own in zip(segments, rank, strict=True):
            fork = fork.below("{}" if own == WHOLE else segment, own > 0)
        fork.ends.append((len(self.routes), route))
        self.routes.append(route)
        if route.is_literal:
            self.literal.setdefault(unquote(path), route)

    def matches(self, path: str, method: str = "", *, is_strict: bool = False) -> list[Match]:
        """The routes that take a path, the most literal first; a base path only where its servers serve the operation.

        A missing leading slash, a trailing slash and the case of letters are forgiven where nothing fits exactly, but
        for ``is_strict``.
        """
        path = path if path.startswith("/") else f"/{path}"
        spellings: list[tuple[str, re.Pattern[str] | None]] = [(path, None)]
        for base in self.bases.every:
            if match := base.match(path):
                spellings.append((path[match.end() :] or "/", base))
        for look in (self._exact,) if is_strict else (self._exact, self._forgiving):
            for spelling, own in spellings:
                found = look(spelling)
                if own is not None:
                    found = [each for each in found if self.bases.serves(own, each.route.pointer, method)]
                if found:
                    return found
        return []

    def _exact(self, path: str) -> list[Match]:
        literal = self.literal.get(unquote(path))
        if literal is not None:
            return [Match(literal, {})]
        parts = _segments(path)
        found = [match for route in self.root.candidates(parts) if (match := _matched(route, parts))]
        return sorted(found, key=_order)

    def _forgiving(self, path: str) -> list[Match]:
        bare = unquote(path).rstrip("/").lower() or "/"
        for route in self.routes:
            if route.is_literal and unquote(route.path).rstrip("/").lower() == bare:
                return [Match(route, {})]
        parts = _segments(path.rstrip("/"))
        found = []
        for route in self.routes:
            own = len(_segments(route.path.rstrip("/")))
            if own == len(parts) and (match := _matched(route, parts, str.lower)):
                found.append(match)
            elif (stem := _wildcard(route.path)) and path.startswith(stem):
                found.append(Match(route, {}))
        return sorted(found, key=_order)

    def operation(self, route: Route, method: str) -> Operation | None:
        """The operation of a route, or None; Unjudgeable if it cannot be read."""
        method = method.lower()
        key = (route.path, method)
        if method not in METHODS:
            return None
        if key not in self._operations:
            try:
                item, pointer = self.source.resolved(route.item, route.pointer)
                if isinstance(item.get(method), dict):
                    self._operations[key] = operation(self.source, method, route.path, item, pointer)
                elif isinstance(route.item.get(method), dict):
                    self._operations[key] = operation(self.source, method, route.path, route.item, route.pointer)
                else:
                    return None
            except Unjudgeable as error:
                self._operations[key] = error
        found = self._operations[key]
        if isinstance(found, Unjudgeable):
            raise Unjudgeable(found.why, found.pointer)
        return found


def _order(match: Match) -> tuple[tuple[int, ...], str]:
    """The most literal first; what is left open does not hang on the order in which a spec is written."""
    return match.route.rank, match.route.path


def _segments(path: str) -> list[str]:
    return path.split("/")[1:]


def _names(segment: str) -> tuple[str, ...]:
    return tuple([name.strip() for name in _EXPRESSION.findall(segment)]) if "{" in segment else ()


def _rank(segment: str, names: tuple[str, ...]) -> int:
    if not names:
        return 0
    return WHOLE if _EXPRESSION.fullmatch(segment) else 1


@lru_cache(MOST_TEMPLATES)
def _literals(segment: str) -> tuple[str, ...]:
    """What stands before, between and after the names of a segment."""
    literals, last = [], 0
    for match in _EXPRESSION.finditer(segment):
        literals.append(unquote(segment[last : match.start()]))
        last = match.end()
    return (*literals, unquote(segment[last:]))


def _filled(segment: str, text: str, fold: Callable[[str], str]) -> list[str] | None:
    """The texts that the names of a segment stand for, each as short as can be; None if the text is another.

    Each literal is looked for from the left, which finds a way if there is any, without trying them all.
    """
    head, *rest = map(fold, _literals(segment))
    folded = fold(text)
    if len(folded) != len(text) or not folded.startswith(head):
        return None
    if not rest:
        return [] if folded == head else None
    found, start = [], len(head)
    for literal in rest[:-1]:
        end = folded.find(literal, start + 1)
        if end < 0:
            return None
        found.append(text[start:end])
        start = end + len(literal)
    end = len(text) - len(rest[-1])
    return [*found, text[start:end]] if folded.endswith(rest[-1]) and end > start else None


def _matched(route: Route, parts: list[str], fold: Callable[[str], str] = str) -> Match | None:
    values: dict[str, str] = {}
    for segment, names, rank, part in zip(route.segments, route.names, route.rank, parts, strict=False):
        text = unquote(part)
        if rank == WHOLE:
            if not text:
                return None
            values[names[0]] = text
        elif rank or fold is not str:
            groups = _filled(segment, text, fold)
            if groups is None:
                return None
            values.update(zip(names, groups, strict=True))
        elif text != unquote(segment):
            return None
    return Match(route, values)


def _wildcard(path: str) -> str:
    """What stands before a trailing ``*`` or ``**``, a spelling for any rest."""
    stem, _, last = path.rpartition("/")
    return f"{stem}/" if last in ("*", "**") else ""
