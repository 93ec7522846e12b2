"""An event as a request: its target, headers and body, with the secrets that the subscription names.

It is made anew for every try, and kept nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from signet.core import webhooks
from signet.core.webhooks import Occasion, Subscription
from signet.errors import WebhookRefused
from signet.service.webhooks import signing
from signet.service.webhooks.addresses import Target, target
from signet.service.webhooks.outgoing import Outgoing

CLOUD_EVENT = "application/cloudevents+json; charset=utf-8"
JSON = "application/json; charset=utf-8"


class Message(NamedTuple):
    """What is sent. Neither its headers nor its body are shown anywhere."""

    target: Target
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Message({self.target.scheme}://{self.target.authority})"


def hindrance(one: Subscription, outgoing: Outgoing, variables: Mapping[str, str]) -> str:
    """Why nothing can be sent for a subscription as things are configured; "" if it can."""
    reason = signing.missing(one.secrets, variables, signing=True)
    reason = reason or signing.missing(sorted(one.variables()), variables, signing=False)
    if reason:
        return reason
    try:
        target(_with_secrets(one.url, variables), outgoing.hosts)
        _headers(one, variables)
    except WebhookRefused as error:
        return error.message
    return ""


def message(
    one: Subscription, told: Occasion, outgoing: Outgoing, variables: Mapping[str, str], seconds: float
) -> Message:
    """The request for an event; WebhookRefused where it may not be sent. ``hindrance`` said that nothing hinders it."""
    known = webhooks.values(told)
    if one.body is None:
        value, kind = webhooks.cloud_event(told), CLOUD_EVENT
    else:
        secret = {f"env.{name}": variables[name] for name in one.variables()}
        value, kind = webhooks.filled(one.body, known | secret), JSON
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    given = _headers(one, variables)
    known_names = {name.lower() for name in given}
    headers = {
        name: said
        for name, said in {"User-Agent": "Signet", "Accept": "*/*"}.items()
        if name.lower() not in known_names
    }
    headers |= given | {"Content-Type": kind}
    secrets = [variables[name] for name in one.secrets]
    headers |= signing.signed(secrets, told.event.id, seconds, body)
    return Message(target(_with_secrets(one.url, variables), outgoing.hosts), headers, body)


def _headers(one: Subscription, variables: Mapping[str, str]) -> dict[str, str]:
    found = {name: _with_secrets(said, variables) for name, said in one.headers.items()}
    for name, said in found.items():
        if not said.isascii() or not said.isprintable():
            raise WebhookRefused(f"The header {name} has signs that stand in none.", "Mend the variable that it names.")
    return found


def _with_secrets(text: str, variables: Mapping[str, str]) -> str:
    return str(webhooks.filled(text, {f"env.{name}": value for name, value in variables.items()}))
