"""Is what came in signed by who has the secret? Judged over the raw bytes, in constant time, before anything is parsed.

Each forge has its own way; a header that comes twice, and SHA-1, count as none. It knows no payload.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256

STANDARD = "whsec_"
"""How a secret begins that signs by Standard Webhooks, as GitLab's signing tokens do."""
TOLERANCE = 300
"""How many seconds a signed time may be off."""
_HEX = re.compile(r"[0-9a-f]{64}")

Headers = Mapping[str, Sequence[str]]
"""By name in lower case, all values that came."""


def is_signed(hook: str, secrets: Sequence[str], headers: Headers, body: bytes, now: float) -> bool:
    """Does any of the secrets sign this? All are tried, so that how long it takes tells nothing."""
    return sum(_JUDGES[hook](secret, headers, body, now) for secret in secrets) > 0


def one(headers: Headers, name: str) -> str:
    """The value of a header; "" where it is missing, or there twice."""
    values = headers.get(name, ())
    return values[0] if len(values) == 1 else ""


def is_usable(hook: str, secret: str) -> bool:
    """Can anything be signed with this secret? What begins as a key of Standard Webhooks has to be one."""
    return _JUDGES[hook] not in (_gitlab, _plain) or not secret.startswith(STANDARD) or bool(_key(secret))


def _key(secret: str) -> bytes:
    """The key that a secret of Standard Webhooks holds; nothing where it holds none."""
    try:
        return base64.b64decode(secret.removeprefix(STANDARD), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _github(secret: str, headers: Headers, body: bytes, _now: float) -> bool:
    return _is_sealed(secret, one(headers, "x-hub-signature-256"), body, "sha256=")


def _gitea(secret: str, headers: Headers, body: bytes, _now: float) -> bool:
    """Forgejo's own header counts before Gitea's, and that before GitHub's: none makes good a wrong one."""
    for name in ("x-forgejo-signature", "x-gitea-signature"):
        if name in headers:
            return _is_sealed(secret, one(headers, name), body)
    return _is_sealed(secret, one(headers, "x-hub-signature-256"), body, "sha256=")


def _gitlab(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    """A signing token signs; an older secret token is sent as it is."""
    if secret.startswith(STANDARD):
        return _is_standard(secret, headers, body, now)
    return hmac.compare_digest(one(headers, "x-gitlab-token").encode(), secret.encode())


def _plain(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    if secret.startswith(STANDARD):
        return _is_standard(secret, headers, body, now)
    return _is_sealed(secret, one(headers, "x-signet-signature"), body, "sha256=")


def _is_sealed(secret: str, given: str, body: bytes, prefix: str = "") -> bool:
    told = given.removeprefix(prefix) if given.startswith(prefix) else ""
    is_one = _HEX.fullmatch(told) is not None
    return hmac.compare_digest(hmac.new(secret.encode(), body, sha256).hexdigest(), told if is_one else "") and is_one


def _is_standard(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    identity, time = one(headers, "webhook-id"), one(headers, "webhook-timestamp")
    key = _key(secret)
    try:
        is_now = abs(int(time) - now) <= TOLERANCE if time.isascii() and len(time) <= 20 else False
    except ValueError:
        return False
    if not key:
        return False
    seal = hmac.new(key, f"{identity}.{time}.".encode() + body, sha256).digest()
    wanted = b"v1," + base64.b64encode(seal)
    given = one(headers, "webhook-signature").encode().split(b" ")[:8]
    return bool(identity) and is_now and sum(hmac.compare_digest(wanted, each) for each in given) > 0


_JUDGES: Mapping[str, Callable[[str, Headers, bytes, float], bool]] = {
    "github": _github,
    "gitlab": _gitlab,
    "gitea": _gitea,
    "plain": _plain,
}
