"""Names of services, environments, versions and the like, and why a name is refused (design: registry.md, Names).

It does not spell paths: how a name becomes a file is ``signet.registry.layout``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from signet.errors import NameRefused

SERVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,127}\Z")
LIMITS = {"service": 64, "environment": 64, "instance": 64, "fixture": 64, "webhook": 64, "version": 128, "branch": 255}
RESERVED_ENDINGS = (".yaml", ".yml", ".json", ".sig")
DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)


@lru_cache(maxsize=50_000)
def fault_of(kind: str, text: str) -> str | None:
    """Why ``text`` cannot be the name of a ``kind`` (a key of ``LIMITS`` but for branches), or None if it can."""
    pattern = VERSION if kind == "version" else SERVICE
    if not pattern.match(text):
        return _strange(kind, text)
    lower = text.lower()
    if lower.endswith(RESERVED_ENDINGS):
        return "it ends like a file of the registry (.yaml, .yml, .json, .sig)"
    if text.endswith("."):
        return "it ends with a dot"
    if lower.split(".")[0] in DEVICES:
        return "Windows keeps this name for a device"
    return None


def _strange(kind: str, text: str) -> str:
    """What is wrong about a text that does not look like a name of a ``kind``: the first that applies."""
    if not text:
        return "it is empty"
    if any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for char in text):
        return "it contains a control or invisible character"
    if unicodedata.normalize("NFC", text) != text:
        return "it does not survive Unicode normalisation (NFC)"
    if len(text) > LIMITS[kind]:
        return f"it is longer than {LIMITS[kind]} characters"
    if text in (".", "..") or text.lower() == ".git":
        return "it is a name that git or the file system uses itself"
    allowed = "letters, digits, '.', '_', '-'" + (" and '+'" if kind == "version" else "")
    return f"it may hold only {allowed}, and must begin with a letter or a digit"


def checked(kind: str, text: str) -> str:
    """``text`` itself, if it can be the name of a ``kind``; else NameRefused says why not."""
    reason = fault_of(kind, text)
    if reason is None:
        return text
    remedy = "Choose another name."
    if kind == "service":
        remedy = "Choose another name, or map it: put it under 'aliases' in services/<service>/service.yaml."
    article = "an" if kind[0] in "aeiou" else "a"
    raise NameRefused(f"{text!r} cannot be the name of {article} {kind}: {reason}.", remedy)


def checked_branch(text: str) -> str:
    """``text`` itself, if it can be the name of a branch (git's own rules, in short); else NameRefused."""
    reason = None
    if not text:
        reason = "it is empty"
    elif any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for char in text):
        reason = "it contains a control or invisible character"
    elif unicodedata.normalize("NFC", text) != text:
        reason = "it does not survive Unicode normalisation (NFC)"
    elif len(text) > LIMITS["branch"]:
        reason = f"it is longer than {LIMITS['branch']} characters"
    elif text.startswith("-"):
        reason = "it begins with '-'"
    elif (
        any(char in " ~^:?*[\\" for char in text)
        or ".." in text
        or "@{" in text
        or text == "@"
        or any(not part or part.startswith(".") or part.endswith((".", ".lock")) for part in text.split("/"))
    ):
        reason = "git does not allow it"
    if reason is None:
        return text
    raise NameRefused(f"{text!r} cannot be the name of a branch: {reason}.", "Pass another --branch.")


def clash(text: str, others: Iterable[str]) -> str | None:
    """Another name that equals ``text`` when case is folded; such two names cannot live side by side."""
    folded = text.casefold()
    return next((other for other in others if other != text and other.casefold() == folded), None)


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like ``text``, for a did-you-mean; None if none is near, or for megabytes."""
    if len(text) > 2 * max(LIMITS.values()):
        return None
    by_fold = {name.casefold(): name for name in sorted(known)}
    close = get_close_matches(text.casefold(), list(by_fold), n=1, cutoff=0.6)
    if close:
        return by_fold[close[0]]
    longer = [name for fold, name in by_fold.items() if text and fold.startswith(text.casefold())]
    return longer[0] if len(longer) == 1 else None
