"""The short cut in front of the evaluator: does a value fit, yes or no, without places.

A plan is what a set of nodes says, made ready once for each kind of value that is met; it asks the same questions as
``schemas``, in the same words of ``inside`` and ``values``, and keeps only the answer. It never produces a finding: a
no, and a ``Doubt``, are handed to the evaluator, which judges again. So a yes of a plan must be a yes of the evaluator;
the only differences are listed in ``docs/decisions/0012-a-short-cut-that-only-says-yes.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from signet.core.compare import demands, inside, leaves
from signet.core.compare.expansion import Group
from signet.core.compare.modes import MAKING, PARTIAL, PLAIN, Budget, Mode, OverBudget
from signet.core.compare.outline import Outline, outlined
from signet.core.compare.quick_work import Doubt, Work, matchers_are_met
from signet.core.compare.schemas import Judge
from signet.core.compare.source import Node, Source
from signet.core.compare.texts import Unjudgeable
from signet.core.formats.matchers import Rules

MOST_PLANS = 20_000
PLAIN_KINDS = (str, int, bool)
_BEYOND_NAMES = frozenset({"patternProperties", "additionalProperties", "unevaluatedProperties"})

Check = Callable[[Any, Work], bool]
Key = tuple[tuple[str, ...], Mode, frozenset[str]]


def always(_value: Any, _work: Work) -> bool:
    """A check that everything passes."""
    return True


def never(_value: Any, _work: Work) -> bool:
    """A check that nothing passes."""
    return False


class Plans:
    """The plans of one spec, each made at its first use."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._known: dict[Key, Plan] = {}
        self._tops: dict[tuple[str, Mode], Plan] = {}

    @property
    def is_used(self) -> bool:
        """True if a plan was made."""
        return bool(self._known)

    def fits(self, value: Any, node: Node, mode: Mode, rules: Rules, budget: Budget) -> bool:
        """True if the evaluator would find nothing; False if it would, or if only it can tell."""
        plan = self._tops.get((node.pointer, mode))
        if plan is None:
            plan = self._tops[node.pointer, mode] = self.plan((node,), mode)
        work = Work(budget, bool(rules.rules))
        try:
            work.spend(1)
            if rules.rules and not matchers_are_met(rules, value, work):
                return False
            return plan.fits(value, work)
        except (Doubt, OverBudget, Unjudgeable, RecursionError):
            return False

    def plan(self, nodes: Sequence[Node], mode: Mode, decided: frozenset[str] = frozenset()) -> Plan:
        """The plan of a set of nodes."""
        key = (tuple([node.pointer for node in nodes]), mode, decided)
        found = self._known.get(key)
        if found is None:
            if len(self._known) >= MOST_PLANS:
                self._known.clear()
                self._tops.clear()
            found = self._known[key] = Plan(self, nodes, mode, decided)
        return found


class Plan:
    """What one set of nodes says in one mode; for each type of value a check, made when the type is first met."""

    __slots__ = ("_checks", "_outline", "decided", "mode", "nodes", "plans")

    def __init__(self, plans: Plans, nodes: Sequence[Node], mode: Mode, decided: frozenset[str]) -> None:
        self.plans, self.nodes, self.mode, self.decided = plans, tuple(nodes), mode, decided
        self._checks: dict[type, Check] = {}
        self._outline: Outline | None = None

    def fits(self, value: Any, work: Work) -> bool:
        """True if the value fits all nodes, False if not; Doubt if only the evaluator can tell."""
        check = self._checks.get(value.__class__)
        if check is None:
            check = self._of(value.__class__)
            work.spend(MAKING)
        return check(value, work)

    def takes_all(self, kind: type) -> bool:
        """True if every value of a type fits: texts, integers or flags."""
        return kind in PLAIN_KINDS and self._of(kind) is always

    def _of(self, kind: type) -> Check:
        if kind not in self._checks:
            try:
                self._checks[kind] = self._made(kind)
            except (Doubt, Unjudgeable, OverBudget, LookupError, TypeError):
                self._checks[kind] = _doubtful
        return self._checks[kind]

    def _made(self, kind: type) -> Check:
        if kind is type(None):
            return self._of_null()
        whole = self._outlined()
        if whole.forbidden:
            return never
        if not whole.groups:
            own = self._of_parts(whole, kind)
        elif not self.mode.closed:
            own = self._and_one_of_each(self._of_parts(whole, kind), whole.groups)
        else:
            own = self._and_branches(self._of_leaves(whole, kind), whole, kind in (dict, list))
        return own if kind is not dict or not whole.names else _unless_named(own, whole.names)

    def _of_parts(self, whole: Outline, kind: type) -> Check:
        """What is said about a value with all that is inside it."""
        if kind is dict:
            return self._of_objects(whole)
        return self._of_lists(whole) if kind is list else self._of_leaves(whole, kind)

    def _outlined(self) -> Outline:
        if self._outline is None:
            self._outline = outlined(self.plans.source, self.nodes, self.decided)
        return self._outline

    def _of_null(self) -> Check:
        """``nullable`` takes a schema out of the set: the evaluator tells once, for there is only one null."""
        found = Judge(self.plans.source).misfits(None, self.nodes, self.mode, (), self.decided)
        if any(misfit.is_open for misfit in found):
            raise Doubt
        return never if found else always

    # --- leaves ------------------------------------------------------------------------------------------------------

    def _of_leaves(self, whole: Outline, kind: type) -> Check:
        checks: list[Check] = []
        for node in whole.flat:
            own = leaves.check(node.schema, kind)
            if own is False:
                return never
            if own is not True:
                checks.append(_of_leaf(own, node.schema, kind))
            checks += self._denied(node)
        return _all_of(checks)

    def _denied(self, node: Node) -> list[Check]:
        if not isinstance(node.schema.get("not"), (dict, bool)):
            return []
        denied = self.plans.plan((node.at("not"),), PLAIN)

        def check(value: Any, work: Work) -> bool:
            work.enter(1)
            fits = denied.fits(value, work)
            work.depth -= 1
            return not fits

        return [check]

    # --- objects -----------------------------------------------------------------------------------------------------

    def _of_objects(self, whole: Outline) -> Check:
        flat, mode = whole.flat, self.mode
        head = self._of_leaves(whole, dict)
        if head is never or whole.is_beyond_objects(mode):
            return never if head is never else _doubtful
        judge = Judge(self.plans.source)
        needed = tuple(self._needed(judge, flat)) if mode.required else ()
        counted = [node.schema for node in flat if leaves.counts_properties(node.schema)]
        find = self._finder(flat)
        simple = _simple(flat)
        entries: dict[str, Check] = {}
        kinds: dict[str, type] = {}

        def found(name: str, kind: type, work: Work) -> Check:
            if kind in PLAIN_KINDS and leaves.is_plain(schema := simple.get(name)):
                work.spend(MAKING)
                return leaf(name, kind, schema)
            return planned(name, kind, work)

        def leaf(name: str, kind: type, schema: Any) -> Check:
            own = leaves.check(schema, kind)
            if own is False:
                return never
            if own is True:
                kinds[name] = kind
                return always
            judged = _of_leaf(own, schema, kind)
            entries[name] = lambda value, work: (
                judged(value, work) if value.__class__ is kind else planned(name, value.__class__, work)(value, work)
            )
            return entries[name]

        def planned(name: str, kind: type, work: Work) -> Check:
            check, plan, is_kept = find(name, work)
            if is_kept:
                entries[name] = check
                if plan is not None and plan.takes_all(kind):
                    kinds[name] = kind
            return check

        def objects(value: Any, work: Work) -> bool:
            work.spend(len(value))
            for name in needed:
                if name not in value:
                    return False
            for name, child in value.items():
                if kinds.get(name) is not child.__class__ and not (
                    entries.get(name) or found(name, child.__class__, work)
                )(child, work):
                    return False
            return True

        def counting(value: Any, work: Work) -> bool:
            return all(leaves.has_count(value, schema, mode.required) for schema in counted) and objects(value, work)

        whole_check = counting if counted else objects
        return whole_check if head is always else lambda value, work: head(value, work) and whole_check(value, work)

    def _needed(self, judge: Judge, flat: Sequence[Node]) -> Iterator[str]:
        """The properties that must be there."""
        for node in flat:
            listed = node.schema.get("required")
            for name in listed if isinstance(listed, list) else ():
                if not inside.left_to_the_other(judge, name, flat, self.mode, judge.budget):
                    yield name

    def _finder(self, flat: Sequence[Node]) -> Callable[[str, Work], tuple[Check, Plan | None, bool]]:
        """How a property is looked up: its check, its plan if it has one, and whether the name is one of the spec's."""
        named = {
            name
            for node in flat
            if isinstance(node.schema.get("properties"), dict)
            for name in node.schema["properties"]
        }
        has_patterns = any(isinstance(node.schema.get("patternProperties"), dict) for node in flat)
        rest: list[Check] = []

        def find(name: str, work: Work) -> tuple[Check, Plan | None, bool]:
            is_named = name in named
            if rest and not is_named:
                return rest[0], None, False
            work.spend(MAKING)
            nodes, refused, doubts = inside.said(name, flat, self.mode, work)
            if doubts:
                raise Doubt
            plan, judge = None, Judge(self.plans.source)
            if refused is not None:
                check: Check = never
            elif not nodes:
                check = never if self.mode.closed and inside.names_something(flat) else always
            elif self.mode.hides and any(inside.marked(judge, node, "writeOnly") for node in nodes):
                check = never
            else:
                plan = self.plans.plan(nodes, self.mode)
                check = plan.fits
            if not is_named and not has_patterns:
                rest.append(check)
            return check, plan, is_named

        return find

    # --- lists -------------------------------------------------------------------------------------------------------

    def _of_lists(self, whole: Outline) -> Check:
        flat, mode = whole.flat, self.mode
        head = self._of_leaves(whole, list)
        if head is never or whole.is_beyond_lists(mode):
            return never if head is never else _doubtful
        bounded = [node.schema for node in flat if leaves.bounds_items(node.schema)]
        by_position = any(isinstance(node.schema.get(keyword), list) for node in flat for keyword in leaves.POSITIONS)
        each = self._item(flat, 0)
        plain = None if each is None else next(filter(each.takes_all, PLAIN_KINDS), None)

        def lists(value: Any, work: Work) -> bool:
            work.spend(len(value))
            for schema in bounded:
                if work.has_matchers and mode.direction:
                    raise Doubt  # matchers may make the list an example
                if any(True for _ in demands.lengths(value, schema, (), loose=False)):
                    return False
                if schema.get("uniqueItems") is True and inside.has_doubles(value, work, mode.direction == "response"):
                    return False
            if by_position:
                return all(
                    (own := self._item(flat, position)) is None or own.fits(child, work)
                    for position, child in enumerate(value)
                )
            if each is None:
                return True
            fits = each.fits
            return all(child.__class__ is plain or fits(child, work) for child in value)

        return lists if head is always else lambda value, work: head(value, work) and lists(value, work)

    def _item(self, flat: Sequence[Node], position: int) -> Plan | None:
        nodes = [node for each in flat for node in inside.items(each, position)]
        return self.plans.plan(nodes, self.mode) if nodes else None

    # --- oneOf and anyOf ---------------------------------------------------------------------------------------------

    def _and_one_of_each(self, check: Check, groups: Sequence[Group]) -> Check:
        alternatives = [self._one_of(group) for group in groups]
        return never if check is never else _all_of([*([] if check is always else [check]), *alternatives])

    def _and_branches(self, check: Check, whole: Outline, has_parts: bool) -> Check:
        """What a branch names is promised with it, so that the parts are judged with the branches only."""

        tries = [
            [(branch, self.plans.plan((branch,), PARTIAL, group.made).fits) for branch in group.branches]
            for group in whole.groups
        ]
        width = sum(map(len, tries))
        search = self._searcher(whole)

        def closed_set(value: Any, work: Work) -> bool:
            if not check(value, work):
                return False
            work.enter(width)
            options = []
            for branches in tries:
                left = [branch for branch, fits in branches if fits(value, work)]
                if not left:
                    break
                options.append(left)
            fits = len(options) == len(tries) and (not has_parts or search(value, options, work))
            work.depth -= 1
            return fits

        return never if check is never else closed_set

    def _one_of(self, group: Group) -> Check:
        exactly_one = group.exactly_one and self.mode.required
        branches = [self.plans.plan((branch,), self.mode, group.made).fits for branch in group.branches]

        def one_of(value: Any, work: Work) -> bool:
            fitting = 0
            work.enter(len(branches))
            for fits in branches:
                fitting += fits(value, work)
                if fitting and not exactly_one:
                    break
            work.depth -= 1
            return fitting == 1

        return one_of

    def _searcher(self, whole: Outline) -> Callable[[Any, list[list[Node]], Work], bool]:
        """Looks for one branch of each group that fit together with the set, in the steps of the evaluator's search."""
        decided = self.decided | {group.key for group in whole.groups}
        together: dict[tuple[str, ...], Plan] = {}

        def search(value: Any, options: list[list[Node]], work: Work) -> bool:
            work.spend(5 * len(options))
            key = tuple([node.pointer for left in options for node in left])
            plan = together.get(key)
            if plan is None:
                nodes = (*whole.flat, *[node for left in options for node in left])
                plan = together[key] = self.plans.plan(nodes, self.mode, decided)
            fits = plan.fits(value, work)
            position = next((index for index, left in enumerate(options) if len(left) > 1), None)
            if not fits or position is None:
                return fits
            return any(
                search(value, [*options[:position], [branch], *options[position + 1 :]], work)
                for branch in options[position]
            )

        return search


def _simple(flat: Sequence[Node]) -> Mapping[str, Any]:
    """The properties about which one schema of a set says all, by name."""
    named: dict[str, Any] = {}
    again: set[str] = set()
    for node in flat:
        if not _BEYOND_NAMES.isdisjoint(node.schema) and (len(flat) > 1 or "patternProperties" in node.schema):
            return {}
        properties = node.schema.get("properties")
        if isinstance(properties, dict):
            again |= named.keys() & properties.keys()
            named.update(properties)
    return {name: schema for name, schema in named.items() if name not in again} if again else named


def _of_leaf(check: Callable[[Any], bool], schema: Mapping[str, Any], kind: type) -> Check:
    """A check of a value alone; a pattern is paid for."""
    pattern = schema.get("pattern")
    if kind is not str or not isinstance(pattern, str):
        return lambda value, _work: check(value)

    def paid(value: Any, work: Work) -> bool:
        work.pay(pattern, value)
        return check(value)

    return paid


def _all_of(checks: list[Check]) -> Check:
    if not checks:
        return always
    if len(checks) == 1:
        return checks[0]
    return lambda value, work: all(check(value, work) for check in checks)


def _unless_named(check: Check, names: Sequence[str]) -> Check:
    """A discriminator that finds its text chooses a schema; the evaluator knows which."""

    def named(value: Any, work: Work) -> bool:
        if any(isinstance(value.get(name), str) for name in names):
            raise Doubt
        return check(value, work)

    return named


def _doubtful(_value: Any, _work: Work) -> bool:
    raise Doubt
