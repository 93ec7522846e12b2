"""An event as a sentence for people. Programs read its type and fields; a sentence may be put in better words."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from signet.core.model import event as kinds
from signet.core.model.event import Event


def sentence(event: Event) -> str:
    """What happened, in one sentence without a full stop."""
    return _SENTENCES[event.type](event)


def _who(one: Event) -> str:
    return f"{one.service} {one.version}" if one.version else one.service


def _whom(one: Event) -> str:
    return f"{one.other} {one.other_version}" if one.other_version else one.other or ""


def _where(one: Event) -> str:
    return f"in {one.environment}" if one.environment else "on main branches"


def _verified(one: Event) -> str:
    what = f"replay of the contract of {one.other}" if one.detail.get("kind") == "replay" else "test against its spec"
    return f"{_who(one)} {one.detail.get('result', '')} the {what}"


def _owed(one: Event) -> str:
    if one.detail.get("kind") == "replay":
        return f"the contract of {one.other} is to be replayed at {_who(one)}"
    return f"{_who(one)} is to be tested against its spec"


def _deployed(one: Event) -> str:
    instance, replaced = one.detail.get("instance"), one.detail.get("replaced")
    text = f"{_who(one)} was deployed to {one.environment}" + (f" ({instance})" if instance else "")
    return text + (f", in place of {replaced}" if replaced else "")


def _turned(one: Event) -> str:
    says = {"compatible": "fits", "incompatible": "does not fit", "undecided": "cannot be compared with"}
    text = f"the contract of {_who(one)} {says.get(one.detail.get('after', ''), 'is beside')} the spec of {_whom(one)}"
    return f"{text} {_where(one)}"


def _red(one: Event) -> str:
    why = one.detail.get("sentence", "").rstrip(".")
    return f"Deploy Guard says no of {_who(one)} in {one.environment}" + (f": {why}" if why else "")


def _unreadable(one: Event) -> str:
    about = one.detail.get("file") or one.detail.get("what") or one.service
    return f"what happened cannot be told, because a file is broken: {about}"


_SENTENCES: Mapping[str, Callable[[Event], str]] = {
    kinds.SERVICE_REGISTERED: lambda one: f"{one.service} is a service of the registry",
    kinds.SERVICE_REMOVED: lambda one: f"{one.service} is gone from the registry",
    kinds.ENVIRONMENT_REGISTERED: lambda one: f"{one.environment} is an environment",
    kinds.ENVIRONMENT_REMOVED: lambda one: f"{one.environment} is no environment any more",
    kinds.VERSION_REGISTERED: lambda one: f"{_who(one)} is known",
    kinds.SPEC_PROPOSED: lambda one: f"{one.service} has a changed agreed spec",
    kinds.SPEC_WITHDRAWN: lambda one: f"{one.service} has no agreed spec any more",
    kinds.SPEC_PUBLISHED: lambda one: f"{_who(one)} was published with a spec",
    kinds.CONTRACT_PUBLISHED: lambda one: f"{_who(one)} was published with a contract with {one.other}",
    kinds.CONTRACT_CHANGED: lambda one: f"{_who(one)} expects something else of {one.other} than before",
    kinds.VERIFICATION_RECORDED: _verified,
    kinds.DEPLOYMENT_DESIRED: lambda one: f"{_who(one)} is to be deployed to {one.environment}",
    kinds.DEPLOYMENT_WITHDRAWN: lambda one: f"{_who(one)} is not to be deployed to {one.environment} any more",
    kinds.DEPLOYED: _deployed,
    kinds.UNDEPLOYED: lambda one: f"{_who(one)} was taken away from {one.environment}",
    kinds.RELEASED: lambda one: f"{_who(one)} is released in {one.environment}",
    kinds.RELEASE_ENDED: lambda one: f"the release {_who(one)} is not supported in {one.environment} any more",
    kinds.COMPARISON_TURNED: _turned,
    kinds.GUARD_RED: _red,
    kinds.GUARD_GREEN: lambda one: f"Deploy Guard says yes of {_who(one)} in {one.environment}",
    kinds.VERIFICATION_OWED: _owed,
    kinds.UNREADABLE: _unreadable,
}
