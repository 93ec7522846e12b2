"""Standard Webhooks: the headers by which a receiver knows who sent, when, and that it has this event already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook


def signed(secrets: Sequence[str], event: str, seconds: float, body: bytes) -> dict[str, str]:
    """``webhook-id``, ``webhook-timestamp`` and, with secrets, ``webhook-signature``: one for each of them.

    A secret is ``whsec_`` and base64 of 24 to 64 bytes (``is_secret``).
    """
    moment = datetime.fromtimestamp(int(seconds), UTC)
    headers = {"webhook-id": event, "webhook-timestamp": str(int(seconds))}
    if secrets:
        text = body.decode()
        headers["webhook-signature"] = " ".join(Webhook(one).sign(event, moment, text) for one in secrets)
    return headers


def is_secret(text: str) -> bool:
    """Can a value sign?"""
    import base64
    import binascii

    try:
        return 24 <= len(base64.b64decode(text.removeprefix("whsec_"), validate=True)) <= 64
    except (binascii.Error, ValueError):
        return False


def missing(names: Sequence[str], variables: Mapping[str, str], *, signing: bool) -> str:
    """The first variable that is not set, or whose value cannot sign, as a sentence; "" if all is well."""
    for name in names:
        if not variables.get(name):
            return f"the variable {name} is not set"
        if signing and not is_secret(variables[name]):
            return f"the variable {name} is no secret of Standard Webhooks (whsec_ and base64 of 24 to 64 bytes)"
    return ""
