"""The container image and the Compose file: linted, against the Compose schema, and about options that there are.

Nothing is built or run: that needs Docker.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from signet.cli import app, serving
from signet.service.settings import HOOKS

DEPLOY = Path(__file__).parents[1] / "docs" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SECRET = (serving.TOKEN, serving.DATABASE, serving.STORE, "SIGNET_TOKEN", *map(serving.hook_variable, HOOKS))


def known() -> set[str]:
    """Every variable that the command takes."""
    options = {param.envvar for param in app.command("serve").params if param.envvar}
    return options | set(SECRET) | {f"{name}_FILE" for name in SECRET} | {"SIGNET_CACHE"}


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_dockerfile_has_no_fault_that_hadolint_knows(tmp_path: Path) -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if hadolint is None:
        pytest.skip("hadolint has no wheel for this machine")
    done = ran(hadolint, str(DEPLOY / "Dockerfile"))
    assert (done.returncode, done.stdout) == (0, "")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.replace(":3.13-slim-bookworm", ""))
    assert "DL3006" in ran(hadolint, str(tmp_path / "Dockerfile")).stdout


def test_the_compose_file_is_one(tmp_path: Path) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = ran(*check, str(DEPLOY / "compose.yaml"))
    assert done.returncode == 0, done.stdout + done.stderr
    (tmp_path / "compose.yaml").write_text((DEPLOY / "compose.yaml").read_text().replace("cap_drop:", "cap_drip:"))
    assert ran(*check, str(tmp_path / "compose.yaml")).returncode == 1


def test_they_set_variables_that_there_are() -> None:
    told = set(COMPOSE["services"]["signet"]["environment"]) | set(re.findall(r"(SIGNET_[A-Z_]+)=", DOCKERFILE))
    assert len(told) > 8 and told <= known(), told - known()


def test_no_secret_is_in_them_and_each_is_a_file() -> None:
    environment = COMPOSE["services"]["signet"]["environment"]
    assert not set(environment) & set(SECRET)
    files = {value for name, value in environment.items() if name.endswith("_FILE")}
    mounted = {f"/run/secrets/{name}" for name in COMPOSE["services"]["signet"]["secrets"]}
    assert files == mounted
    assert all(set(one) == {"file"} for one in COMPOSE["secrets"].values())


def test_the_process_is_nobody_and_is_given_time_to_end() -> None:
    service = COMPOSE["services"]["signet"]
    assert DOCKERFILE.rindex("USER 10001") < DOCKERFILE.index("ENTRYPOINT")
    assert service["cap_drop"] == ["ALL"] and service["read_only"] is True
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    from signet.service.running import GRACE
    from signet.service.webhooks.outgoing import Outgoing

    assert int(service["stop_grace_period"].removesuffix("s")) > GRACE + Outgoing().total


def test_what_is_copied_is_there() -> None:
    sources = [word for line in re.findall(r"^COPY (?!--)(.*)$", DOCKERFILE, re.M) for word in line.split()[:-1]]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert len(sources) >= 6
    for source in sources:
        assert (DEPLOY.parents[1] / source).exists()
        assert f"!{source}" in ignored
