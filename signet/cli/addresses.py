"""Addresses that CI hands over, made fit to be recorded: no credentials, nothing but the forms that are known."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_SCP = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9_][A-Za-z0-9._-]+:[^@:\s]+")


def web_address(text: str) -> str:
    """An http address without credentials, query and fragment; "" for anything else."""
    scheme, _, rest = text.partition("://")
    return _address(text, "") if scheme in ("http", "https") and rest else ""


def repository_address(text: str) -> str:
    """A repository's address without credentials (ssh keeps its user); "" for what is none, such as a path."""
    scheme, separator, _ = text.partition("://")
    if not separator:
        return text if text.isprintable() and _SCP.fullmatch(text) else ""
    if scheme not in ("http", "https", "ssh", "git"):
        return ""
    return _address(text, "ssh")


def _address(text: str, with_user: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    credentials, _, host = parts.netloc.rpartition("@")
    # An @ behind the host would be the end of a password that has a slash in it.
    if not _HOST.fullmatch(host) or "@" in parts.path or not text.isprintable() or " " in text:
        return ""
    user = credentials.partition(":")[0] if parts.scheme == with_user else ""
    name = f"{user}@" if user and re.fullmatch(r"[A-Za-z0-9_.-]+", user) else ""
    return f"{parts.scheme}://{name}{host}{parts.path}"
