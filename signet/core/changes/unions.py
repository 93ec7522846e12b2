"""``allOf``, ``anyOf`` and ``oneOf``: which schema of the one list is which of the other, and what came or went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from signet.core.changes import schemas, types
from signet.core.changes.keywords import SUBJECTS
from signet.core.changes.law import REQUEST, WIDENS
from signet.core.changes.report import Said
from signet.core.changes.rules import RULES
from signet.core.changes.run import DEEPEST, Run
from signet.core.changes.subtypes import subtypes
from signet.core.changes.views import View, flattened, view
from signet.core.changes.where import Where
from signet.core.compare.source import Node
from signet.core.formats.structure import reference
from signet.core.formats.text import dump_read

EVENTS = {"oneOf": "one-of", "anyOf": "any-of"}
MOST_PAIRS = 400
"""Pairs of schemas of two lists that are held against each other; above it only names and texts tell."""

IsPair = Callable[[Node, Node], bool]
Matched = tuple[list[tuple[Node, Node]], list[Node], list[Node]]


def levelled(run: Run, old: View, new: View, where: Where) -> tuple[View, View]:
    """Both views without ``allOf``: taken in where that can be done, told and walked here where it cannot."""
    before, after = old.unions.get("allOf", []), new.unions.get("allOf", [])
    if not before and not after:
        return old, new
    one, other = flattened(run.base, old), flattened(run.revision, new)
    matched = _matched(run, before, after, where)
    is_whole = not matched[1] and not matched[2]
    if one is not None and other is not None:
        if is_whole or not before or not after:
            return one, other
        if schemas.are_same_views(run, one, other, where):
            return one, one
    _all_of(run, old, new, where, matched)
    return _rest(old, "allOf"), _rest(new, "allOf")


def _rest(one: View, *keywords: str) -> View:
    return replace(one, unions={key: held for key, held in one.unions.items() if key not in keywords})


def _all_of(run: Run, old: View, new: View, where: Where, matched: Matched) -> None:
    pairs, gone, come = matched
    for member in gone:
        event = "all-of-removed" + ("-annotation-only" if view(run.base, member).is_plain else "")
        places = member.pointer, new.at("allOf")
        run.report.add(where.id(event), places, what=where, before=_named(member))
    for member in come:
        event = "all-of-added" + ("-annotation-only" if view(run.revision, member).is_plain else "")
        places = old.at("allOf"), member.pointer
        run.report.add(where.id(event), places, what=where, after=_named(member))
    for pair in pairs:
        run.later(*pair, where)


def _named(member: Node) -> Said:
    """A schema of a list in a sentence."""
    ref = reference(member.schema)
    title = member.schema.get("title") if isinstance(member.schema, dict) else None
    return Said(ref or (title if isinstance(title, str) else f"#{member.pointer}"))


def _matched(run: Run, before: list[Node], after: list[Node], where: Where) -> Matched:
    """Pairs of two lists: of one name or text, of one meaning, of one title, and the last two that are left."""
    pairs, gone, come = _alike(before, after)
    run.spend(len(before))
    if len(gone) * len(come) <= MOST_PAIRS:
        _take(gone, come, pairs, lambda old, new: schemas.are_same(run, old, new, where))
        _take(gone, come, pairs, _is_one_title)
    if len(gone) == len(come) == 1 and not (reference(gone[0].schema) and reference(come[0].schema)):
        pairs.append((gone.pop(), come.pop()))
    return pairs, gone, come


def _alike(before: list[Node], after: list[Node]) -> Matched:
    """Those that are references to one name, or are written alike."""
    free: dict[str, list[Node]] = {}
    for node in reversed(after):
        free.setdefault(_name_or_text(node), []).append(node)
    pairs, gone = [], []
    for node in before:
        same = free.get(_name_or_text(node))
        if same:
            pairs.append((node, same.pop()))
        else:
            gone.append(node)
    left = {node.pointer for nodes in free.values() for node in nodes}
    return pairs, gone, [node for node in after if node.pointer in left]


def _name_or_text(node: Node) -> str:
    ref = reference(node.schema)
    return dump_read(node.schema) if ref is None else f"$ref {ref.rpartition('/')[2]}"


def _take(gone: list[Node], come: list[Node], pairs: list[tuple[Node, Node]], is_pair: IsPair) -> None:
    """Move what is a pair from the two lists to the pairs."""
    for old in list(gone):
        for new in come:
            if is_pair(old, new):
                gone.remove(old)
                come.remove(new)
                pairs.append((old, new))
                break


def _is_one_title(old: Node, new: Node) -> bool:
    titles = [one.schema.get("title") if isinstance(one.schema, dict) else None for one in (old, new)]
    return titles[0] is not None and titles[0] == titles[1]


def claims(run: Run, old: View, new: View, where: Where) -> bool:
    """Tell of one schema that became a union, or a union that became one; True where that is all there is to tell."""
    if types.is_list(run, old, new):
        return False
    had, has = _kinds(old), _kinds(new)
    if bool(had) == bool(has) or len(had) > 1 or len(has) > 1:
        return False
    keyword = (had or has)[0]
    is_wrapped = bool(has)
    one, many = (old, new) if is_wrapped else (new, old)
    rest = _rest(many, keyword)
    order = (one, rest) if is_wrapped else (rest, one)
    if schemas.are_same_views(run, *order, where):
        event = f"{EVENTS[keyword]}-{'set' if is_wrapped else 'unset'}"
        run.report.add(where.id(event), (old.at(keyword), new.at(keyword)), what=where)
        return True
    if rest.properties or one.is_plain:
        return False
    _restructured(run, old, new, where, keyword, is_wrapped)
    return True


def _kinds(one: View) -> list[str]:
    return [keyword for keyword in EVENTS if one.unions.get(keyword)]


def _restructured(run: Run, old: View, new: View, where: Where, keyword: str, is_wrapped: bool) -> None:
    many, one = (new, old) if is_wrapped else (old, new)
    kept = next((each for each in many.unions[keyword] if _is_branch(run, one, many, each, where, is_wrapped)), None)
    event, places = EVENTS[keyword], (old.at(keyword), new.at(keyword))
    if is_wrapped:
        preserved = "-original-preserved" if kept else ""
        run.report.add(where.id(f"wrapped-in-{event}{preserved}"), places, what=where)
    elif kept is None:
        run.report.add(where.id(f"unwrapped-from-{event}"), places, what=where)
    else:
        for member in many.unions[keyword]:
            if member is not kept:
                run.report.add(
                    where.id(f"{event}-removed"), (member.pointer, new.pointer), what=where, before=_named(member)
                )


def _is_branch(run: Run, one: View, many: View, member: Node, where: Where, is_wrapped: bool) -> bool:
    """True if a schema of the union, with what is said beside the union, is what stands alone in the other document."""
    branch = view(run.revision if is_wrapped else run.base, member)
    branch = replace(branch, types=many.types if branch.types is None else branch.types)
    branch = replace(branch, nullable=branch.nullable or many.nullable)
    return schemas.are_same_views(run, *((one, branch) if is_wrapped else (branch, one)), where)


def compare(run: Run, old: View, new: View, where: Where) -> None:
    """Tell what became of the schemas of the unions, and walk those that both have."""
    _discriminator(run, old, new, where)
    if types.is_list(run, old, new):
        return
    had, has = _kinds(old), _kinds(new)
    if len(had) == len(has) == 1:
        _lists(run, old, new, where, (had[0], has[0]))
        return
    for keyword in EVENTS:
        if old.unions.get(keyword) and new.unions.get(keyword):
            _lists(run, old, new, where, (keyword, keyword))
        elif old.unions.get(keyword) or new.unions.get(keyword):
            event = "unset" if old.unions.get(keyword) else "set"
            places = old.at(keyword), new.at(keyword)
            run.report.add(where.id(f"{EVENTS[keyword]}-{event}"), places, what=where)


def _lists(run: Run, old: View, new: View, where: Where, keywords: tuple[str, str]) -> None:
    pairs, gone, come = _matched(run, old.unions[keywords[0]], new.unions[keywords[1]], where)
    event = EVENTS[keywords[1]]
    if keywords == ("anyOf", "oneOf"):
        run.report.add(where.id("one-of-set"), (old.at(keywords[0]), new.at(keywords[1])), what=where)
    elif keywords == ("oneOf", "anyOf"):
        run.report.add(where.id("one-of-unset"), (old.at(keywords[0]), new.at(keywords[1])), what=where)
    for member in gone:
        places = member.pointer, new.at(keywords[1])
        run.report.add(where.id(f"{event}-removed"), places, what=where, before=_named(member))
    for member in come:
        places = old.at(keywords[0]), member.pointer
        run.report.add(where.id(f"{event}-added"), places, what=where, after=_named(member))
    for pair in pairs:
        run.later(*pair, where)
    is_exact = keywords[1] == "oneOf" and len(new.unions["oneOf"]) > 1 and "discriminator" not in new.words
    if is_exact and SUBJECTS[where.prefix].direction == REQUEST and any(_widens(run, *pair, where) for pair in pairs):
        places = old.at(keywords[0]), new.at("oneOf")
        run.report.add(where.id("one-of-schema-widened"), places, what=where)


def _widens(run: Run, old: Node, new: Node, where: Where) -> bool:
    """True if a schema allows more than it did."""
    if schemas.are_same(run, old, new, where):
        return False
    if run.depth >= DEEPEST:
        return True
    aside = run.aside(depth=1)
    aside.later(old, new, where)
    schemas.finish(aside)
    return any(RULES[record.name].effect == WIDENS for record in aside.notes.records)


def _discriminator(run: Run, old: View, new: View, where: Where) -> None:
    keyword = "discriminator"
    before, after = _name_and_mapping(old), _name_and_mapping(new)
    if before is None or after is None:
        if before != after:
            event = "discriminator-added" if before is None else "discriminator-removed"
            places = old.at(keyword), new.at(keyword)
            run.report.add(
                where.id(event),
                places,
                what=where,
                before=before and before[0],
                after=after and after[0],
            )
        return
    _subtypes(run, old, new, where)
    places = old.at(keyword), new.at(keyword)
    if before[0] != after[0]:
        event = where.id("discriminator-property-name-changed")
        run.report.add(event, places, what=where, before=before[0], after=after[0])
    for name in sorted(before[1].keys() | after[1].keys()):
        one, other = before[1].get(name), after[1].get(name)
        if one is None:
            run.report.add(where.id("discriminator-mapping-added"), places, what=where, after=name)
        elif other is None:
            run.report.add(where.id("discriminator-mapping-deleted"), places, what=where, before=name)
        elif one.rpartition("/")[2] != other.rpartition("/")[2]:
            run.report.add(where.id("discriminator-mapping-changed"), places, what=where, before=one, after=other)


def _subtypes(run: Run, old: View, new: View, where: Where) -> None:
    """Schemas that the discriminator may name, as they take in its schema."""
    own, other_own = (one.at("discriminator").rpartition("/")[0] for one in (old, new))
    before, after = subtypes(run.base, own), subtypes(run.revision, other_own)
    for name in sorted(before.keys() | after.keys()):
        one, other = before.get(name), after.get(name)
        if one is not None and other is not None:
            run.later(one, other, where)
        elif one is not None:
            run.report.add(where.id("subtype-removed"), (one.pointer, new.pointer), what=where, before=name)
        elif other is not None:
            run.report.add(where.id("subtype-added"), (old.pointer, other.pointer), what=where, after=name)


def _name_and_mapping(one: View) -> tuple[str, Mapping[str, str]] | None:
    value = one.words.get("discriminator")
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, Mapping) or not isinstance(value.get("propertyName"), str):
        return None
    mapping = value.get("mapping")
    named = mapping.items() if isinstance(mapping, Mapping) else ()
    return value["propertyName"], {key: target for key, target in named if isinstance(target, str)}
