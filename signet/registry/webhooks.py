"""``webhooks/<name>.yaml``: who wants to be told of which events, and where. Secrets are named, never written.

It reads and checks; whether a host may be called is for the service's own configuration to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from signet.core import webhooks
from signet.core.formats import secrets, text
from signet.core.model import names
from signet.core.model.event import ABOUT
from signet.core.webhooks import Filters, Subscription
from signet.errors import InvalidData
from signet.registry import documents, layout
from signet.registry.documents import EnvironmentName, Record, ServiceName, Texts, YesOrNo
from signet.registry.read import RegistryState

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}\Z")
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "te", "upgrade"})
"""Headers that belong to the sender; so do those that begin with ``webhook-``."""
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\Z")
_ENV = "env:"
LONGEST = 20_000


def _url(value: str) -> str:
    _without_secrets(value)
    if re.search(r"[\x00-\x20\x7f\\\"<>^`]|[^\x00-\x7f]", value) or len(value) > 2_000:
        raise ValueError("it is no URL: it is too long, or has spaces or signs that stand in none")
    scheme, _, rest = value.partition("://")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if scheme not in ("https", "http") or not _HOST.match(host):
        raise ValueError("https://HOST/... is expected, without a login, and with a host that is written out")
    if "#" in value:
        raise ValueError("it has a fragment, which nobody would send")
    if scheme == "http" and not urlsplit(value).port:
        raise ValueError("https is expected; http is for hosts that the service lists with their port")
    _placeholders(value, is_body=False)
    return value


def _placeholders(value: str, *, is_body: bool) -> None:
    def is_allowed(name: str) -> bool:
        if name.startswith("env."):
            return webhooks.SECRET.match(name.removeprefix("env.")) is not None
        return is_body and name in webhooks.PLACEHOLDERS

    for name in webhooks.faults(value, is_allowed):
        if name.startswith("env."):
            raise ValueError(f"${{{name}}} names a variable that is not SIGNET_WEBHOOK_...: a webhook gets no other")
        near = names.nearest(name, webhooks.PLACEHOLDERS) if is_body else None
        here = "" if is_body else " here: only ${env.SIGNET_WEBHOOK_...} is"
        raise ValueError(f"{name!r} is no placeholder{here}" + (f" (did you mean {near!r}?)" if near else ""))


def _without_secrets(value: Any) -> None:
    for leak in secrets.scan(_bare(value)):
        raise ValueError(f"it holds what looks like {leak.kind}; write ${{env.SIGNET_WEBHOOK_...}} in its place")


def _bare(value: Any) -> Any:
    """A value without its placeholders: they are the one thing that may stand for a secret."""
    if isinstance(value, str):
        return webhooks.PLACEHOLDER.sub(" ", value)
    if isinstance(value, list):
        return [_bare(one) for one in value]
    return {key: _bare(one) for key, one in value.items()} if isinstance(value, dict) else value


def _reference(value: str) -> str:
    if not value.startswith(_ENV) or not webhooks.SECRET.match(value.removeprefix(_ENV)):
        raise ValueError("env:SIGNET_WEBHOOK_... is expected: the name of a variable of the service, never a secret")
    return value


def _secrets(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _event(value: str) -> str:
    if value != "*" and value not in ABOUT:
        near = names.nearest(value, ABOUT)
        raise ValueError("there is no such event" + (f" (did you mean {near!r}?)" if near else ""))
    return value


def _body(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = text.read(value.encode(), "body.json").value
        except InvalidData as error:
            raise ValueError(f"it is no JSON: {error.faults[0].message if error.faults else error.message}") from None
    if not isinstance(value, (dict, list)):
        raise ValueError("an object or a list is expected, or JSON as text")
    _without_secrets(value)
    for one in webhooks.texts(value):
        _placeholders(one, is_body=True)
    return value


Reference = Annotated[str, AfterValidator(_reference)]


class FiltersPart(Record):
    """``filters`` of a webhook: what its events must be about."""

    services: list[ServiceName] = Field(default_factory=list)
    consumers: list[ServiceName] = Field(default_factory=list)
    providers: list[ServiceName] = Field(default_factory=list)
    environments: list[EnvironmentName] = Field(default_factory=list)
    branches: Texts = Field(default_factory=list)

    def noun(self) -> Filters:
        """The filters."""
        return Filters(
            frozenset(self.services),
            frozenset(self.consumers),
            frozenset(self.providers),
            frozenset(self.environments),
            frozenset(self.branches),
        )


class WebhookFile(Record):
    """``webhooks/<name>.yaml``. ``secret`` is one reference, or two while a secret is being replaced."""

    url: Annotated[str, AfterValidator(_url)]
    events: Annotated[list[Annotated[str, AfterValidator(_event)]], Field(min_length=1, max_length=100)]
    description: str = ""
    enabled: YesOrNo = True
    filters: FiltersPart = FiltersPart()
    secret: Annotated[list[Reference], BeforeValidator(_secrets), Field(default_factory=list, max_length=2)]
    headers: Annotated[dict[str, str], Field(default_factory=dict, max_length=30)]
    body: Annotated[Any, Field(repr=False)] = None

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, str]) -> dict[str, str]:
        for name, said in value.items():
            if not _HEADER.match(name) or re.search(r"[\x00-\x1f\x7f]|[^\x00-\x7f]", said):
                raise ValueError(f"{name!r} is no header, or has signs that stand in none")
            if name.lower() in _OURS or name.lower().startswith(("webhook-", "proxy-")):
                raise ValueError(f"the header {name!r} is the service's own to send")
            _placeholders(said, is_body=False)
            _without_secrets(said)
            if secrets.is_named(name) and not webhooks.PLACEHOLDER.search(said):
                raise ValueError(f"the header {name!r} holds a secret; write ${{env.SIGNET_WEBHOOK_...}} in its place")
        return value

    @field_validator("body")
    @classmethod
    def _a_body(cls, value: Any) -> Any:
        return None if value is None else _body(value)

    def noun(self, name: str, mark: str = "") -> Subscription:
        """The subscription of that name."""
        return Subscription(
            name,
            self.url,
            frozenset(self.events),
            self.filters.noun(),
            tuple(one.removeprefix(_ENV) for one in self.secret),
            MappingProxyType(self.headers),
            self.body,
            self.enabled,
            mark,
        )


def parsed(data: bytes, path: str) -> WebhookFile:
    """One file; InvalidData with every fault of it."""
    return documents.parse(WebhookFile, data, path)


def listed(state: RegistryState) -> tuple[str, ...]:
    """The names of all webhooks, broken ones too; InvalidData where something else stands in the folder's place."""
    return tuple(sorted(state.names_in("webhooks", "webhook", ".yaml")))


def subscription(state: RegistryState, name: str) -> Subscription | None:
    """A webhook by its name, None where there is none; InvalidData for a broken one."""
    path = layout.path("webhook", name)
    data = state.bytes_at(path)
    return None if data is None else parsed(data, path).noun(name, state.mark(path) or "")


def subscriptions(state: RegistryState) -> Iterator[tuple[str, Subscription | InvalidData]]:
    """Every webhook by its name, or why it cannot be read."""
    for name in listed(state):
        try:
            found = subscription(state, name)
        except InvalidData as error:
            yield name, error
            continue
        if found is not None:
            yield name, found
