"""``signet usage``: who relies on an operation or field of a provider, and what nobody uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from signet.cli import opening, options, relying, render

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signet.cli.formats import Side
    from signet.core.usage import FieldUsage, OperationUsage, Usage, Use
    from signet.registry.read import RegistryState


def usage(
    provider: Annotated[str, typer.Argument(metavar="SERVICE", help="The provider; or SERVICE@VERSION for its spec.")],
    operation: Annotated[
        str | None, typer.Argument(metavar="OPERATION", help="An operation: 'GET /items/{id}', or its path.")
    ] = None,
    field: Annotated[
        str | None,
        typer.Argument(metavar="FIELD", help="A field: price, items[].price; or with its side: query:currency."),
    ] = None,
    environment: options.Environment = None,
    at: options.At = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Who uses an operation or a field of a provider, where, and what nobody uses.

    Counted are the consumer versions that are live in any environment (--environment: in that one) or head their main
    branch, by their contracts. Operations and fields are those of the agreed spec (or,
    where there is none, of the head of the main branch), or of a version: SERVICE@VERSION.

    A field is used if a contract's request sends it, or an expected response has it. Sides are path, query, header,
    cookie, request, response and 'response header'.

    \b
    Examples:
      signet usage catalog
      signet usage catalog 'GET /items/{id}'
      signet usage catalog 'GET /items/{id}' price
      signet usage catalog 'GET /items/{id}' query:currency --environment production --json

    Exit code: 0, whoever uses it.
    """
    from signet.core.usage import field_named, operation_named
    from signet.core.usage import usage as found_in
    from signet.registry import stored

    state = opening.for_reading(registry, at=at, offline=offline)
    spec, side = stored.current_spec(provider, state)
    service = provider.partition("@")[0]
    found = found_in(state, service, spec, environment)
    chosen = [operation_named(found, operation)] if operation is not None else list(found.operations)
    fields = field_named(chosen[0], field) if field is not None else None
    if json:
        listed = [one.as_json() for one in chosen]
        if fields is not None:
            listed[0]["fields"] = [one.as_json() for one in fields]
        answer: dict[str, Any] = {
            "schema": "signet.usage/1",
            "commit": state.commit,
            "service": service,
            "operations": listed,
        }
        if operation is None:
            answer["without_operation"] = [use.as_json() for use in found.elsewhere]
        render.say_json(answer)
    elif fields is not None:
        _say_fields(state, service, chosen[0], fields, side)
    elif operation is not None:
        _say_operation(chosen[0])
    else:
        _say_all(found)
    return 0


def _say_all(found: Usage) -> None:
    for one in found.operations:
        render.say(f"{one.name}: {relying.users(one.uses)}", colour=None if one.uses else "dim")
    used = sum(bool(one.uses) for one in found.operations)
    render.say(f"{used} of {render.counted(len(found.operations), 'operation')} used")
    if found.elsewhere:
        render.note(f"the spec has no operation for: {', '.join(_told(use) for use in found.elsewhere)}")


def _say_operation(one: OperationUsage) -> None:
    render.say(f"{one.name}: {relying.users(one.uses)}", colour="bold")
    rows = [(str(each.field), relying.users(each.uses)) for each in one.fields if each.uses]
    for line in render.table(rows, "  "):
        render.say(line)
    unused = [str(each.field) for each in one.fields if not each.uses]
    render.say(f"used by nobody: {', '.join(unused) or 'nothing'}", colour="dim")


def _say_fields(
    state: RegistryState, service: str, operation: OperationUsage, fields: Sequence[FieldUsage], spec: Side
) -> None:
    from signet.registry import stored

    for one in fields:
        where = spec.place(one.pointer)
        render.say(f"{operation.name}, {one.field} ({where}): {relying.users(one.uses)}", colour="bold")
        for use in one.uses:
            _, contract = stored.stored_contract(state, "", use.by.consumer, service, use.by.contract)
            who = f"{use.by.consumer} {use.by.version} ({relying.places(use.by.reasons)})"
            render.say(f"  {who}: {use.description!r} in {contract.place(use.pointer)}")


def _told(use: Use) -> str:
    return f"{use.by.consumer} {use.by.version} {use.description!r}"
