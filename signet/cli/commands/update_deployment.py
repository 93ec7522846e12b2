"""``signet update-deployment``, and its four parts under names of their own: what is live where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import checkout, opening, options, receipts
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.registry.record import Receipt

Guard = Annotated[
    bool,
    typer.Option(
        "--guard", envvar="SIGNET_GUARD", help="Ask Deploy Guard in the same step, and record only what is safe."
    ),
]


def update_deployment(
    name: options.Name = None,
    version: options.Version = None,
    environment: options.Environment = None,
    instance: options.Instance = None,
    delete: Annotated[
        bool, typer.Option("--delete", "-d", help="The service, or this instance of it, is not deployed any more.")
    ] = False,
    release: Annotated[
        bool, typer.Option("--release", help="The version is released: supported there, beside all others.")
    ] = False,
    end_support: Annotated[bool, typer.Option("--end-support", help="The release is not supported any more.")] = False,
    guard: Guard = False,
    ignore: options.Ignore = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Record that a version is deployed to an environment, or is not any more.

    A deployed version replaces what was in the same slot: a service has one slot in an environment, and one more for
    each --instance. With --delete the slot is emptied; with --release and --end-support a version is supported beside
    all others (an app in a store). --guard asks Deploy Guard on the very state that the record builds on, so that of
    two deployments that are each safe alone and unsafe together only one is recorded.

    \b
    Examples:
      signet update-deployment --name cart --version 2.1.0 --environment production
      signet update-deployment --name cart --version 2.1.0 --environment production --guard
      signet update-deployment --name cart --environment staging --delete

    Exit code with --guard: 0 recorded, 1 not safe, 4 not known to be safe; nothing is recorded then.
    """
    chosen = [flag for flag, on in (("--delete", delete), ("--release", release), ("--end-support", end_support)) if on]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} do not go together.", "Pass one of them.")
    if chosen and guard:
        raise UsageError(f"--guard does not go with {chosen[0]}: it guards deployments.", "Leave one of them out.")
    if (release or end_support) and instance:
        raise UsageError(f"--instance does not go with {chosen[0]}.", "A release is not tied to an instance.")
    if delete:
        return record_undeployment(name, version, environment, instance, registry, json)
    if release:
        return record_release(name, version, environment, registry, json)
    if end_support:
        return record_support_ended(name, version, environment, registry, json)
    return record_deployment(name, version, environment, instance, guard, ignore, registry, json)


def record_deployment(
    name: options.Name = None,
    version: options.Version = None,
    environment: options.Environment = None,
    instance: options.Instance = None,
    guard: Guard = False,
    ignore: options.Ignore = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Record that a version is deployed to an environment.

    The same as 'signet update-deployment'.

    \b
    Example:
      signet record-deployment --name cart --version 2.1.0 --environment production
    """
    from signet.registry import record

    if ignore and not guard:
        raise UsageError("--ignore is for Deploy Guard, which was not asked.", "Add --guard.")
    receipt = record.deploy(
        opening.for_writing(registry),
        opening.required(name, "name"),
        checkout.version(version),
        opening.required(environment, "environment"),
        instance=instance,
        guard=guard,
        ignore=ignore or (),
        how=opening.how(),
    )
    return _done(receipt, json)


def record_undeployment(
    name: options.Name = None,
    version: options.PlainVersion = None,
    environment: options.Environment = None,
    instance: options.Instance = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Record that a service is not deployed to an environment any more.

    The same as 'signet update-deployment --delete'. With --version, only if that version is what is deployed.

    \b
    Example:
      signet record-undeployment --name cart --environment staging
    """
    from signet.registry import record

    receipt = record.undeploy(
        opening.for_writing(registry),
        opening.required(name, "name"),
        opening.required(environment, "environment"),
        version=checkout.version(version) if version else None,
        instance=instance,
        how=opening.how(),
    )
    return _done(receipt, json)


def record_release(
    name: options.Name = None,
    version: options.Version = None,
    environment: options.Environment = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Record that a version is released: supported in an environment, beside all others.

    The same as 'signet update-deployment --release'.

    \b
    Example:
      signet record-release --name app --version 7.2.0 --environment production
    """
    from signet.registry import record

    receipt = record.release(
        opening.for_writing(registry),
        opening.required(name, "name"),
        checkout.version(version),
        opening.required(environment, "environment"),
        how=opening.how(),
    )
    return _done(receipt, json)


def record_support_ended(
    name: options.Name = None,
    version: options.Version = None,
    environment: options.Environment = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Record that a released version is not supported in an environment any more.

    The same as 'signet update-deployment --end-support'.

    \b
    Example:
      signet record-support-ended --name app --version 6.0.0 --environment production
    """
    from signet.registry import record

    receipt = record.end_support(
        opening.for_writing(registry),
        opening.required(name, "name"),
        opening.required(version, "version") if version != "auto" else checkout.version(version),
        opening.required(environment, "environment"),
        how=opening.how(),
    )
    return _done(receipt, json)


def _done(receipt: Receipt, as_json: bool) -> int:
    return receipts.recorded(receipt, as_json=as_json)
