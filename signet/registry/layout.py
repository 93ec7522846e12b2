"""Path <-> identity: the only place that spells a path of the registry (design: registry.md, Layout, format 1).

An identity is a tuple whose first item is the kind: ("manifest", "cart", "2.1.0"). Digests are full in identities and
the first 16 hex digits in file names, so from a path comes a short digest; the record itself holds the full one.
"""

from __future__ import annotations

import re
from hashlib import sha256
from urllib.parse import quote

from signet.core.model import names

Identity = tuple[str, ...]

REGISTRY = "signet.yaml"
ROOTS = ("environments", "services", "waivers", "webhooks")
SHORT = 16
SEGMENT_BYTES = 100

_DIGEST = re.compile(r"[0-9a-f]{16}\Z")
_REPLAY = re.compile(r"(?P<consumer>.+)-(?P<digest>[0-9a-f]{16})\Z")


def short(digest: str) -> str:
    """The part of a digest that stands in file names."""
    return digest[:SHORT]


def segment(name: str) -> str:
    """A branch or an operation as one path segment: percent-encoded, above 100 bytes cut and given a hash tail."""
    encoded = quote(name, safe="")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    if len(encoded) > SEGMENT_BYTES:
        encoded = f"{encoded[: SEGMENT_BYTES - 18]}~{sha256(name.encode()).hexdigest()[:SHORT]}"
    return encoded


def path(*identity: str) -> str:
    """The path of a record. Kinds and their parts:

    registry · environment ENV · placement ENV SERVICE · service SERVICE · agreed-spec SERVICE · spec SERVICE DIGEST ·
    contract CONSUMER PROVIDER DIGEST · manifest SERVICE VERSION · head SERVICE BRANCH · spec-test SERVICE VERSION ·
    replay SERVICE VERSION CONSUMER DIGEST · fixture SERVICE OPERATION NAME · webhook NAME ·
    everything SERVICE (a directory)
    """
    match identity:
        case ("registry",):
            return REGISTRY
        case ("environment", env):
            return f"environments/{env}.yaml"
        case ("placement", env, service):
            return f"environments/{env}/{service}.yaml"
        case ("service", service):
            return f"services/{service}/service.yaml"
        case ("agreed-spec", service):
            return f"services/{service}/openapi.yaml"
        case ("spec", service, digest):
            return f"services/{service}/specs/{short(digest)}.json"
        case ("contract", consumer, provider, digest):
            return f"services/{consumer}/contracts/{provider}/{short(digest)}.json"
        case ("manifest", service, version):
            return f"services/{service}/versions/{version}.json"
        case ("head", service, branch):
            return f"services/{service}/branches/{segment(branch)}.json"
        case ("spec-test", service, version):
            return f"services/{service}/verifications/{version}/spec.json"
        case ("replay", service, version, consumer, digest):
            return f"services/{service}/verifications/{version}/{consumer}-{short(digest)}.json"
        case ("fixture", service, operation, name):
            return f"services/{service}/fixtures/{segment(operation)}/{name}.json"
        case ("webhook", name):
            return f"webhooks/{name}.yaml"
        case ("everything", service):
            return f"services/{service}"
    raise LookupError(f"no path for {identity}")


def identity(text: str) -> Identity | None:
    """The identity of a path, or None where the registry keeps nothing there.

    Digests are short, and branches and operations are encoded.
    """
    parts = text.split("/")
    found: Identity | None = None
    match parts:
        case ["signet.yaml"]:
            return ("registry",)
        case ["environments", name]:
            found = ("environment", name.removesuffix(".yaml")) if name.endswith(".yaml") else None
        case ["environments", env, name]:
            found = ("placement", env, name.removesuffix(".yaml")) if name.endswith(".yaml") else None
        case ["services", service, "service.yaml"]:
            found = ("service", service)
        case ["services", service, "openapi.yaml"]:
            found = ("agreed-spec", service)
        case ["services", service, "specs", name]:
            found = ("spec", service, name.removesuffix(".json"))
        case ["services", consumer, "contracts", provider, name]:
            found = ("contract", consumer, provider, name.removesuffix(".json"))
        case ["services", service, "versions", name]:
            found = ("manifest", service, name.removesuffix(".json"))
        case ["services", service, "branches", name]:
            found = ("head", service, name.removesuffix(".json"))
        case ["services", service, "verifications", version, "spec.json"]:
            found = ("spec-test", service, version)
        case ["services", service, "verifications", version, name]:
            replay = _REPLAY.match(name.removesuffix(".json"))
            found = ("replay", service, version, *replay.groups()) if replay else None
        case ["services", service, "fixtures", operation, name]:
            found = ("fixture", service, operation, name.removesuffix(".json"))
        case ["webhooks", name]:
            found = ("webhook", name.removesuffix(".yaml")) if name.endswith(".yaml") else None
    if found is None or not _well_formed(found):
        return None
    return found if _spelled(found) == text else None


def _spelled(found: Identity) -> str:
    match found:
        case ("head", service, encoded):
            return f"services/{service}/branches/{encoded}.json"
        case ("fixture", service, encoded, name):
            return f"services/{service}/fixtures/{encoded}/{name}.json"
    return path(*found)


_PARTS = {
    "environment": ("environment",),
    "placement": ("environment", "service"),
    "service": ("service",),
    "agreed-spec": ("service",),
    "spec": ("service", "digest"),
    "contract": ("service", "service", "digest"),
    "manifest": ("service", "version"),
    "head": ("service", "encoded"),
    "spec-test": ("service", "version"),
    "replay": ("service", "version", "service", "digest"),
    "fixture": ("service", "encoded", "fixture"),
    "webhook": ("webhook",),
}


def _well_formed(found: Identity) -> bool:
    for kind, part in zip(_PARTS[found[0]], found[1:], strict=True):
        if kind == "digest":
            if not _DIGEST.match(part):
                return False
        elif kind == "encoded":
            if not re.fullmatch(r"[A-Za-z0-9._%~-]+", part):
                return False
        elif names.fault_of(kind, part) is not None:
            return False
    return True
