"""``signet doctor``: is everything here that Signet needs?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from signet import __version__
from signet.cli import checkout, config, opening, options, render
from signet.cli.boundary import exit_code
from signet.errors import SignetError, Undecided, UsageError

if TYPE_CHECKING:
    from signet.registry.opening import Repository

OLDEST_GIT = (2, 38)
COLOURS = {"ok": "green", "note": "dim", "failed": "red"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. ``verdict`` is "ok", "note" (works, but know this) or "failed"."""

    check: str
    verdict: str
    detail: str
    remedy: str = ""
    code: int = 0


def doctor(
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Check this machine, this checkout and the registry: what works, what does not, and what helps.

    Nothing is changed, here or in the registry.

    \b
    Example:
      signet doctor --registry ../registry

    Exit code: 0 everything works; else that of the first check that failed (2 wrong use, 4 not reachable).
    """
    checks = [
        _signet(),
        _guarded("git", _git),
        _configuration(),
        _guarded("cache", _cache),
        _guarded("checkout", _here),
    ]
    try:
        repo = opening.for_writing(registry)
    except SignetError as error:
        checks.append(_failed("registry", error))
    else:
        checks += [
            _guarded("registry", lambda: _registry(repo)),
            _guarded("writable", lambda: _writable(repo)),
            _guarded("identity", lambda: _identity(repo)),
        ]
    failed = [one for one in checks if one.verdict == "failed"]
    if json:
        fields = ("check", "verdict", "detail", "remedy")
        shown = [{field: getattr(one, field) for field in fields} for one in checks]
        render.say_json({"schema": "signet.doctor/1", "healthy": not failed, "checks": shown})
    else:
        for one in checks:
            remedy = f" {one.remedy}" if one.remedy else ""
            render.say(f"{one.verdict:<6} {one.check}: {one.detail}{remedy}", colour=COLOURS[one.verdict])
        render.say("everything works" if not failed else f"{render.counted(len(failed), 'check')} failed")
    return failed[0].code if failed else 0


def _guarded(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except SignetError as error:
        return _failed(name, error)


def _failed(name: str, error: SignetError) -> Check:
    return Check(name, "failed", error.message, error.remedy, exit_code(error))


def _signet() -> Check:
    return Check("signet", "ok", f"{__version__}, Python {'.'.join(map(str, sys.version_info[:3]))}")


def _git() -> Check:
    from signet.registry.opening import git_version

    version = git_version()
    text = ".".join(map(str, version))
    if version < OLDEST_GIT:
        wanted = ".".join(map(str, OLDEST_GIT))
        raise UsageError(f"git {text} is too old.", f"Install git {wanted} or newer.")
    return Check("git", "ok", text)


def _configuration() -> Check:
    if Path(config.FILE).is_file():
        return Check("configuration", "ok", f"{config.FILE} is read")
    return Check("configuration", "ok", f"no {config.FILE} here")


def _cache() -> Check:
    from platformdirs import user_cache_path

    cache = Path(os.environ.get("SIGNET_CACHE") or user_cache_path("signet"))
    there = next(one for one in (cache, *cache.absolute().parents) if one.exists())
    if not os.access(there, os.W_OK):
        raise Undecided(f"{cache} cannot be written.", "Set SIGNET_CACHE to a directory of your own.")
    return Check("cache", "ok", str(cache))


def _here() -> Check:
    url, commit, branch = checkout.described()
    if not commit:
        return Check("checkout", "note", "none around the working directory.", "Pass --version and --branch yourself.")
    return Check("checkout", "ok", f"version {commit}, branch {branch or 'none'}, source {url or 'none'}")


def _registry(repo: Repository) -> Check:
    from signet.registry.opening import newer

    state = newer(repo)
    services = render.counted(len(state.services()), "service")
    environments = render.counted(len(state.environments()), "environment")
    return Check("registry", "ok", f"{repo.location} at {(state.commit or '')[:10]}, {services}, {environments}")


def _writable(repo: Repository) -> Check:
    if repo.kind == "remote":
        return Check("writable", "note", "not tried: only a push can tell for a remote.")
    if not os.access(repo.git_dir, os.W_OK):
        raise UsageError(f"{repo.location} cannot be written.", "Look at its permissions.")
    return Check("writable", "ok", f"{repo.kind} repository, branch {repo.branch}")


def _identity(repo: Repository) -> Check:
    from signet.registry.opening import author

    configured = dict(zip(("NAME", "EMAIL"), author(repo), strict=True))
    found = {key: os.environ.get(f"GIT_AUTHOR_{key}") or value for key, value in configured.items()}
    if not all(found.values()):
        return Check(
            "identity",
            "note",
            "commits will say 'signet' as their author.",
            "Say who writes: git config --global user.name NAME, and user.email ADDRESS.",
        )
    return Check("identity", "ok", f"{found['NAME']} <{found['EMAIL']}>")
