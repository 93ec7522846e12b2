"""Lists: the items that are said one by one, those that are counted, and those that must differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from signet.core.compare import inside, values
from signet.core.compare.source import Node
from signet.core.formats.canonical import dump
from signet.live.mock.generated.maker import NoValue
from signet.live.mock.generated.said import Said

if TYPE_CHECKING:
    from signet.live.mock.generated.maker import Maker, Place

MOST_ITEMS = 2_000
DIFFERENT = 3
"""Items that are made one by one where they need not differ; further ones repeat them."""
TURNS = 40


def lists(maker: Maker, whole: Said, place: Place) -> Iterator[list[Any]]:
    """Proposals: with the items that are said, then with no more than must be."""
    one = _List(maker, whole, place)
    counts = [one.usual(), one.fewest, one.fewest + 1] if not place.is_lean else [one.fewest, one.fewest + 1]
    for count in dict.fromkeys(counts):
        with suppress(NoValue):
            yield one.made(count)


class _List:
    """One list."""

    def __init__(self, maker: Maker, whole: Said, place: Place) -> None:
        self.maker, self.whole, self.place, self.flat = maker, whole, place, whole.flat
        self.is_set = any(node.schema.get("uniqueItems") is True for node in self.flat)
        self.wanted = [node for node in self.flat if isinstance(node.schema.get("contains"), (dict, bool))]
        self.containing = sum(self.contained(node) for node in self.wanted)
        self.fewest = max([*self.counts("minItems"), self.containing])
        self.most = min(self.counts("maxItems"), default=MOST_ITEMS)
        if self.fewest > MOST_ITEMS:
            raise NoValue(f"a list of {self.fewest:,} items is asked for")

    def counts(self, keyword: str) -> list[int]:
        found = [int(node.schema[keyword]) for node in self.flat if values.is_number(node.schema.get(keyword))]
        return found or ([0] if keyword == "minItems" else [])

    @staticmethod
    def contained(node: Node) -> int:
        fewest = node.schema.get("minContains", 1)
        return int(fewest) if values.is_number(fewest) else 1

    def usual(self) -> int:
        """How many items people expect: those that are said one by one, or one."""
        said_each = [
            len(each) for node in self.flat for each in (node.schema.get("prefixItems"),) if isinstance(each, list)
        ]
        more = self.maker.draw.number(self.place.steps, "items", 3)
        return max(min(max([1 + more, *said_each]), self.most), self.fewest)

    def made(self, count: int) -> list[Any]:
        """A list of so many items; fewer where no more may be there or differ. NoValue where they are too few."""
        found: list[Any] = []
        seen: set[str] = set()
        demanded = [node.at("contains") for node in self.wanted for _ in range(self.contained(node))]
        for position in range(min(count, self.most)):
            nodes = [each for node in self.flat for each in inside.items(node, position)]
            left = count - position
            if demanded and left <= len(demanded):
                nodes.append(demanded[len(demanded) - left])
            elif position >= DIFFERENT and not self.is_set and not demanded and self.is_even(position):
                found.append(found[position % DIFFERENT])
                continue
            try:
                found.append(self.item(nodes, position, seen, is_needed=position < self.fewest))
            except NoValue:
                if position < self.fewest:
                    raise
                break
        if len(found) < self.fewest:
            raise NoValue("too few items")
        return found

    def is_even(self, position: int) -> bool:
        """True if an item so far behind is as those before it."""
        said_each = [len(node.schema[key]) for node in self.flat for key in ("prefixItems", "items")
                     if isinstance(node.schema.get(key), list)]  # fmt: skip
        return position - DIFFERENT >= max(said_each, default=0)

    def item(self, nodes: list[Node], position: int, seen: set[str], *, is_needed: bool) -> Any:
        """One item, that differs from the ones before where it must."""
        nodes = nodes or [Node({}, f"{self.flat[0].pointer}~item" if self.flat else "item")]
        if not is_needed and self.maker.leads_back(nodes, self.place.inside(0, self.whole)):
            raise NoValue("an item leads back to the schema that it stands in")
        for turn in range(position, position + (TURNS if self.is_set else 1)):
            place = self.place.inside(position, self.whole, turn=self.place.turn + turn)
            value = self.maker.value(nodes, place)
            written = dump(value) if self.is_set else ""
            if not self.is_set or written not in seen:
                seen.add(written)
                return value
        raise NoValue("no more items that differ")
