"""What a writing command answers: one line of what was recorded, or that there was nothing to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signet.cli import render

if TYPE_CHECKING:
    from signet.registry.record import Receipt


def recorded(receipt: Receipt, *, as_json: bool, **more: Any) -> int:
    """Print a receipt (schema ``signet.receipt/1`` with ``more`` beside it), and return the exit code: 0."""
    from signet.registry.faults import reached

    reached("output")
    for text in receipt.notes:
        render.note(text)
    if as_json:
        render.say_json(receipt_json(receipt) | more)
    elif receipt.proposal is not None:
        render.say(f"proposed: {receipt.subject} [{receipt.commit[:10]}] on branch {receipt.proposal.branch}")
        requested = receipt.proposal.requested
        if requested is not None and requested.status:
            render.say(f"pull request {requested.status}: {requested.url}", colour="green")
        else:
            render.say(f"open a pull request: {receipt.proposal.address or 'at the forge, from that branch'}")
    elif receipt.changed:
        render.say(f"{receipt.subject} [{receipt.commit[:10]}]", colour="green")
    else:
        render.say(f"nothing to change: {receipt.subject} [{receipt.commit[:10]}]")
    return 0


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """A receipt as a JSON object, schema ``signet.receipt/1``."""
    value: dict[str, Any] = {
        "schema": "signet.receipt/1",
        "changed": receipt.changed,
        "commit": receipt.commit,
        "subject": receipt.subject,
        "paths": list(receipt.paths),
        "notes": list(receipt.notes),
    }
    if receipt.proposal is not None:
        value["proposal"] = {"branch": receipt.proposal.branch, "address": receipt.proposal.address}
        requested = receipt.proposal.requested
        if requested is not None:
            opened = {"url": requested.url, "status": requested.status}
            value["proposal"]["pull_request"] = opened if requested.status else None
    if receipt.decision is not None:
        value["decision"] = receipt.decision.as_json()
    return value
