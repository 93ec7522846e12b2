"""``signet register-version``: a version is known, with nothing published of it."""

from __future__ import annotations

from signet.cli import checkout, opening, options, receipts


def register_version(
    name: options.Name = None,
    version: options.Version = None,
    branch: options.Branch = None,
    artifact: options.Artifacts = None,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Register a version that publishes neither spec nor contract.

    Publishing registers a version by itself; this is for services that have nothing to publish and are deployed all the
    same.

    \b
    Example:
      signet register-version --name cart --version 2.1.0 --branch main --artifact image=registry/cart:2.1.0
    """
    from signet.registry import record

    service = opening.required(name, "name")
    receipt = record.register_version(
        opening.for_writing(registry),
        service,
        checkout.version(version),
        branch=checkout.branch(branch),
        artifacts=options.artifacts(artifact),
        how=opening.how(),
    )
    return receipts.recorded(receipt, as_json=json)
