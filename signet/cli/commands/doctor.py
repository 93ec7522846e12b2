"""``signet doctor``: is everything here that Signet needs?"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from signet import __version__
from signet.cli import checkout, ci, config, opening, options, render
from signet.cli.boundary import exit_code
from signet.errors import SignetError, Undecided, UsageError

if TYPE_CHECKING:
    from signet.registry.opening import Repository

OLDEST_GIT = (2, 38)
COLOURS = {"ok": "green", "note": "dim", "failed": "red"}


@dataclasses.dataclass(frozen=True, slots=True)
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

    It also shows what would be recorded without being given (version, branch, build URL ...), and who says so: a
    variable of CI, or the checkout. Nothing is changed, here or in the registry.

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
        _ci(),
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
            *_workflows(repo),
        ]
    failed = [one for one in checks if one.verdict == "failed"]
    detected = checkout.detected()
    if json:
        fields = ("check", "verdict", "detail", "remedy")
        shown = [{field: getattr(one, field) for field in fields} for one in checks]
        found = [dataclasses.asdict(one) for one in detected]
        render.say_json({"schema": "signet.doctor/1", "healthy": not failed, "checks": shown, "detected": found})
    else:
        for one in checks:
            remedy = f" {one.remedy}" if one.remedy else ""
            render.say(f"{one.verdict:<6} {one.check}: {one.detail}{remedy}", colour=COLOURS[one.verdict])
        render.say("detected here:")
        rows = [(one.what, one.value or "--", one.source or one.note or "--") for one in detected]
        for line in render.table(rows, "  "):
            render.say(line)
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
    if not version:
        return Check("git", "note", "no git program: remotes are talked to by dulwich.", "See docs/transports.md.")
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
    from signet.registry.opening import cache_root, kept_comparisons

    cache = cache_root()
    there = next(one for one in (cache, *cache.parents) if one.exists())
    if not os.access(there, os.W_OK):
        raise Undecided(f"{cache} cannot be written.", "Set SIGNET_CACHE to a directory of your own.")
    count, size = kept_comparisons()
    return Check(
        "cache", "ok", f"{cache}, with {render.counted(count, 'result')} of comparisons ({-(-size // 1024)} KB)"
    )


def _here() -> Check:
    url, commit, branch = checkout.described()
    if not commit:
        return Check("checkout", "note", "none around the working directory.", "Pass --version and --branch yourself.")
    return Check("checkout", "ok", f"version {commit}, branch {branch or 'none'}, source {url or 'none'}")


def _ci() -> Check:
    run = checkout.run()
    if run is None:
        if ci.is_unknown(os.environ):
            told = "CI is set, by a system that is not known here; the checkout tells."
            return Check("ci", "note", told, "Pass --version and --branch, where the checkout is not what is built.")
        return Check("ci", "ok", "none")
    building = f", pull request {run.request.value}" if run.request else f", tag {run.tag.value}" if run.tag else ""
    also = f"; {', '.join(run.also)} is set too, and not asked" if run.also else ""
    notes = "".join(f"; {note}" for note in run.notes)
    detail = f"{run.system} ({run.proof}){building}{' of a fork' if run.fork else ''}{also}{notes}"
    return Check("ci", "note" if also or notes else "ok", detail)


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


def _workflows(repo: Repository) -> Iterator[Check]:
    """Said only where it is a trap."""
    from signet.cli.workflows import unstarted

    why = unstarted(repo.location, checkout.run(), os.environ) if repo.kind == "remote" else ""
    if why:
        yield Check(
            "workflows",
            "note",
            f"what is pushed from here starts no workflow of the registry: {why}.",
            "Set SIGNET_TOKEN to the token of an app; or let the registry's check run on a schedule, too.",
        )
