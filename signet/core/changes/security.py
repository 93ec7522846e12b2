"""Security: the alternatives of each operation and of the API, their scopes, and the schemes that are defined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from signet.core.changes.report import Said
from signet.core.changes.run import Run
from signet.core.compare.source import Source
from signet.core.formats.text import escape

Alternatives = dict[str, dict[str, frozenset[str]]]


def of_api(run: Run) -> None:
    """Tell what became of the alternatives that hold where an operation has none of its own."""
    old, new = run.base.root.get("security"), run.revision.root.get("security")
    places = (
        "/security" if "security" in run.base.root else "",
        "/security" if "security" in run.revision.root else "",
    )
    _compare(run, old, new, places, "api-global-security")


def of_operation(run: Run, old: Mapping[str, Any], new: Mapping[str, Any], places: tuple[str, str]) -> None:
    """Tell what became of an operation's own alternatives; against the API's, where only one document has own ones."""
    if "security" not in old and "security" not in new:
        return
    one = old.get("security") if "security" in old else run.base.root.get("security")
    other = new.get("security") if "security" in new else run.revision.root.get("security")
    at = tuple(
        f"{place}/security" if "security" in own else place for own, place in zip((old, new), places, strict=True)
    )
    _compare(run, one, other, (at[0], at[1]), "api-security")


def _compare(run: Run, old: Any, new: Any, places: tuple[str, str], prefix: str) -> None:
    before, after = _alternatives(old), _alternatives(new)
    is_open, was_open = _is_open(after), _is_open(before)
    gone = [name for name in before if name not in after and name]
    come = [name for name in after if name not in before and name]
    for name in gone:
        event = "not-required" if is_open else "removed"
        run.report.add(f"{prefix}-{event}", places, before=Said(name))
    for name in come:
        event = "required" if was_open and not is_open else "added"
        run.report.add(f"{prefix}-{event}", places, after=Said(name))
    if was_open and not is_open and not come:
        run.report.add(f"{prefix}-required", places, after=Said(" or ".join(after)))
    for name in before.keys() & after.keys():
        _scopes(run, before[name], after[name], places, prefix)


def _alternatives(value: Any) -> Alternatives:
    """The alternatives by the names of their schemes; one without schemes lets everybody in."""
    found: Alternatives = {}
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            schemes = {
                name: frozenset(one for one in scopes if isinstance(one, str))
                if isinstance(scopes, list)
                else frozenset()
                for name, scopes in each.items()
            }
            found[" and ".join(sorted(each))] = schemes
    return found


def _is_open(alternatives: Alternatives) -> bool:
    return not alternatives or "" in alternatives


def _scopes(
    run: Run, old: dict[str, frozenset[str]], new: dict[str, frozenset[str]], places: tuple[str, str], prefix: str
) -> None:
    for name in sorted(old):
        for scope in sorted(old[name] - new[name]):
            run.report.add(f"{prefix}-scope-removed", places, before=Said(scope))
        for scope in sorted(new[name] - old[name]):
            run.report.add(f"{prefix}-scope-added", places, after=Said(scope))


def of_schemes(run: Run) -> None:
    """Tell what became of the schemes that are defined."""
    before, after = dict(_defined(run.base)), dict(_defined(run.revision))
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            run.report.add("api-security-component-removed", (before[name][1], ""), before=Said(name))
        elif name not in before:
            run.report.add("api-security-component-added", ("", after[name][1]), after=Said(name))
        else:
            _scheme(run, before[name], after[name])


def _defined(source: Source) -> Iterator[tuple[str, tuple[Mapping[str, Any], str]]]:
    holder, pointer, key = source.root.get("components"), "/components", "securitySchemes"
    if source.dialect == "2.0":
        holder, pointer, key = source.root, "", "securityDefinitions"
    for name, value, at in source.entries(holder, key, pointer):
        yield name, source.resolved(value, at)


def _scheme(run: Run, old: tuple[Mapping[str, Any], str], new: tuple[Mapping[str, Any], str]) -> None:
    (one, at), (other, new_at) = old, new
    before, after = _kind(one), _kind(other)
    if before != after:
        run.report.add("api-security-component-type-changed", (at, new_at), before=Said(before), after=Said(after))
        return
    if before == "apiKey":
        carriers = [f"{each.get('in')} {each.get('name')}" for each in (one, other)]
        if carriers[0] != carriers[1]:
            event = "api-security-component-carrier-changed"
            run.report.add(event, (at, new_at), before=Said(carriers[0]), after=Said(carriers[1]))
    flows, new_flows = _flows(one, at), _flows(other, new_at)
    for kind in sorted(flows.keys() & new_flows.keys()):
        _flow(run, flows[kind], new_flows[kind])


def _kind(scheme: Mapping[str, Any]) -> str:
    """Its type, and of one of HTTP's which; Swagger's ``basic`` is one of these."""
    kind = str(scheme.get("type"))
    if kind == "basic":
        return "http basic"
    return f"http {str(scheme.get('scheme')).lower()}" if kind == "http" else kind


def _flows(scheme: Mapping[str, Any], at: str) -> dict[str, tuple[Mapping[str, Any], str]]:
    if isinstance(scheme.get("flow"), str):
        names = {"application": "clientCredentials", "accessCode": "authorizationCode"}
        return {names.get(scheme["flow"], scheme["flow"]): (scheme, at)}
    flows = scheme.get("flows")
    held = flows.items() if isinstance(flows, dict) else ()
    return {kind: (flow, f"{at}/flows/{escape(kind)}") for kind, flow in held if isinstance(flow, dict)}


def _flow(run: Run, old: tuple[Mapping[str, Any], str], new: tuple[Mapping[str, Any], str]) -> None:
    (one, at), (other, new_at) = old, new
    for keyword, name in (("authorizationUrl", "oauth-url"), ("tokenUrl", "oauth-token-url")):
        if one.get(keyword) != other.get(keyword):
            values = [Said(each[keyword]) if isinstance(each.get(keyword), str) else None for each in (one, other)]
            event = f"api-security-component-{name}-changed"
            run.report.add(event, (at, new_at), before=values[0], after=values[1])
    before, after = _scopes_of(one), _scopes_of(other)
    for scope in sorted(before.keys() | after.keys()):
        _scope(run, scope, before.get(scope), after.get(scope), (at, new_at))


def _scopes_of(flow: Mapping[str, Any]) -> Mapping[str, Any]:
    scopes = flow.get("scopes")
    return scopes if isinstance(scopes, dict) else {}


def _scope(run: Run, name: str, old: Any, new: Any, places: tuple[str, str]) -> None:
    prefix = "api-security-component-oauth-scope"
    if old is None or new is None:
        if old is not new:
            event = "added" if old is None else "removed"
            key = "after" if old is None else "before"
            run.report.add(f"{prefix}-{event}", places, **{key: Said(name)})
    elif old != new:
        run.report.add(f"{prefix}-changed", places, before=old, after=new)
