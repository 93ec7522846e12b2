"""Whether what is recorded here starts the registry's own workflows; it asks nobody.

GitHub starts no workflow for what a job pushes with its own token (safety: T69), so the registry's check would not run
on what was recorded. Such a token covers the job's own repository alone, so only a registry there is concerned.
"""

from __future__ import annotations

from collections.abc import Mapping

from signet.cli import ci
from signet.forge.place import place

_OF_A_JOB = "ghs_"
"""How the tokens of jobs begin; those of apps do, too."""


def unstarted(location: str, run: ci.Run | None, environ: Mapping[str, str]) -> str:
    """By which token pushes start no workflow of the registry at ``location``; "" where they do, or nobody can tell."""
    if run is None or run.system != "GitHub Actions" or not location.startswith(("https://", "http://")):
        return ""  # a key of ssh is a deploy key, or a person's
    registry = place(location)
    own = place(f"{environ.get('GITHUB_SERVER_URL', '')}/{environ.get('GITHUB_REPOSITORY', '')}")
    if registry is None or own is None:
        return ""
    if (registry.host, registry.path.casefold()) != (own.host, own.path.casefold()):
        return ""
    given, of_job = environ.get("SIGNET_TOKEN", ""), environ.get("GITHUB_TOKEN", "")
    if not given:
        return "without SIGNET_TOKEN a job pushes with the login of its checkout, mostly its own token"
    if given == of_job:
        return "SIGNET_TOKEN is the job's own token, GITHUB_TOKEN"
    if given.startswith(_OF_A_JOB) and not of_job:
        return "SIGNET_TOKEN may be the job's own token"
    return ""
