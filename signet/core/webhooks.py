"""Who is told of which events, and in which words: subscriptions, CloudEvents, and bodies with placeholders.

Pure: secrets are references here, and whoever sends fills them in. Where subscriptions are written is for
``signet.registry.webhooks``; when and how often something is sent, for ``signet.service.webhooks``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from signet.core.model.event import Event
from signet.core.sentences import sentence

SECRET = re.compile(r"SIGNET_WEBHOOK_[A-Z0-9_]{1,64}\Z")
"""The variables that a webhook may name: none that the service has for itself."""
PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")

PLACEHOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "signet.id": "the event's id: the same however often it is sent",
        "signet.event": "the type of the event, such as contract.changed",
        "signet.sentence": "what happened, as a sentence",
        "signet.registry": "the registry's name",
        "signet.commit": "the commit of the registry",
        "signet.time": "the time of that commit (RFC 3339, UTC)",
        "signet.service": "the service that the event is about",
        "signet.version": "its version",
        "signet.other": "its counterpart",
        "signet.other_version": "the version of its counterpart",
        "signet.consumer": "the consumer, where there are two sides",
        "signet.consumer_version": "its version",
        "signet.provider": "the provider, or the service whose spec or test this is",
        "signet.provider_version": "its version",
        "signet.environment": "the environment",
        "signet.branch": "the first branch of the version",
        "signet.branches": "all of its branches, with spaces between them",
        "signet.result": "passed or failed",
        "signet.kind": "spec-test or replay",
        "signet.contract": "the digest of the contract",
        "signet.spec": "the digest of the spec",
        "signet.build": "the URL of the build that published the version",
    }
)
"""Every placeholder of a body, and what stands in its place; what an event does not have is an empty text."""

_TWO_SIDED = ("contract.", "comparison.")
_OF_PROVIDERS = ("spec.", "verification.")
_DETAILS = ("branches", "result", "kind", "contract", "spec", "build")


class Filters(NamedTuple):
    """What an event must be about: one of those that are named. An empty filter asks for nothing."""

    services: frozenset[str] = frozenset()
    consumers: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()
    environments: frozenset[str] = frozenset()
    branches: frozenset[str] = frozenset()

    def fit(self, event: Event) -> bool:
        """Is the event about these?"""
        consumer, provider = sides(event)
        has = (
            (self.services, {event.service, event.other}),
            (self.consumers, {consumer[0]}),
            (self.providers, {provider[0]}),
            (self.environments, {event.environment}),
            (self.branches, set(event.detail.get("branches", "").split())),
        )
        return all(not wanted or wanted & found for wanted, found in has)


class Subscription(NamedTuple):
    """Who wants to be told of what. ``secrets`` and the ``${env.NAME}`` in texts are names of variables, never values.

    ``body`` is a JSON value with placeholders, None for a CloudEvent. ``mark`` tells two states of its file apart.
    """

    name: str
    url: str
    events: frozenset[str]
    filters: Filters = Filters()
    secrets: tuple[str, ...] = ()
    headers: Mapping[str, str] = MappingProxyType({})
    body: Any = None
    enabled: bool = True
    mark: str = ""

    def wants(self, event: Event) -> bool:
        """Is this event to be told here?"""
        return self.enabled and ("*" in self.events or event.type in self.events) and self.filters.fit(event)

    def variables(self) -> frozenset[str]:
        """Every variable that it needs."""
        found = {*self.secrets}
        for text in (self.url, *self.headers.values(), *texts(self.body)):
            found |= {name.removeprefix("env.") for name in PLACEHOLDER.findall(text) if name.startswith("env.")}
        return frozenset(found)


class Occasion(NamedTuple):
    """An event with what its commit says; ``time`` is RFC 3339 text, "" where the commit's is no time."""

    event: Event
    commit: str
    time: str
    registry: str = ""


def sides(event: Event) -> tuple[tuple[str | None, str | None], tuple[str | None, str | None]]:
    """The consumer and the provider of an event, each with its version; None where it has no such side."""
    own, other = (event.service, event.version), (event.other, event.other_version)
    if event.type.startswith(_TWO_SIDED):
        return own, other
    if event.type.startswith(_OF_PROVIDERS):
        return other, own
    return (None, None), (None, None)


def values(told: Occasion) -> dict[str, str]:
    """What stands in the place of each placeholder."""
    event = told.event
    consumer, provider = sides(event)
    found = {
        "id": event.id,
        "event": event.type,
        "sentence": sentence(event),
        "registry": told.registry,
        "commit": told.commit,
        "time": told.time,
        "service": event.service,
        "version": event.version,
        "other": event.other,
        "other_version": event.other_version,
        "consumer": consumer[0],
        "consumer_version": consumer[1],
        "provider": provider[0],
        "provider_version": provider[1],
        "environment": event.environment,
        "branch": event.detail.get("branches", "").partition(" ")[0],
        **{key: event.detail.get(key, "") for key in _DETAILS},
    }
    return {f"signet.{key}": value or "" for key, value in found.items()}


def filled(value: Any, known: Mapping[str, str]) -> Any:
    """A JSON value with its placeholders filled, in texts and nowhere else: what is filled in stays inside its text."""
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: known[found[1]], value)
    if isinstance(value, list):
        return [filled(one, known) for one in value]
    if isinstance(value, dict):
        return {key: filled(one, known) for key, one in value.items()}
    return value


def texts(value: Any) -> list[str]:
    """Every text of a JSON value but for the names of members."""
    if isinstance(value, str):
        return [value]
    inside = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    return [text for one in inside for text in texts(one)]


def cloud_event(told: Occasion) -> dict[str, Any]:
    """The event as a CloudEvent 1.0 in its JSON form."""
    event = told.event
    subject = "/".join(part for part in (event.service, event.version, event.environment) if part)
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": f"urn:signet:{quote(told.registry or 'registry', safe='')}",
        "type": f"signet.{event.type}",
        **({"subject": subject} if subject else {}),
        **({"time": told.time} if told.time else {}),
        "datacontenttype": "application/json",
        "data": event.as_json() | {"commit": told.commit, "sentence": sentence(event)},
    }


def faults(text: str, allowed: Callable[[str], bool]) -> list[str]:
    """What is wrong with the placeholders of a text; ``allowed`` says which there are."""
    found = [name for name in PLACEHOLDER.findall(text) if not allowed(name)]
    return found + ["${"] * ("${" in PLACEHOLDER.sub("", text))
