"""A repository becomes a registry, and is kept up to date: nothing that people wrote is lost or overwritten."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from signet.errors import UsageError
from signet.registry import git, record, template
from signet.registry.check import check
from tests.domain import Team

WORKFLOW = ".github/workflows/check.yml"


def clone_with(folder: Path, **files: bytes) -> str:
    """A clone with a work tree that holds these files (``_`` in names: a dot)."""
    git.create(folder, bare=False)
    repo = git.open_repository(str(folder))
    first = git.commit(repo, None, {key.replace("_", "."): data for key, data in files.items()}, "theirs\n")
    assert git.publish(repo, None, first).status == "accepted"
    return str(folder)


def says(team: Team, path: str, text: str) -> None:
    """A person changes a file."""
    head = team.head
    assert git.publish(team.repo, head, git.commit(team.repo, head, {path: text.encode()}, "by hand\n")).status
    assert team.state.bytes_at(path) == text.encode()


def text_of(team: Team, path: str) -> str:
    return (team.state.bytes_at(path) or b"").decode()


class TestAnExistingRepository:
    def test_a_clone_keeps_its_files_and_its_readme(self, tmp_path: Path) -> None:
        place = clone_with(tmp_path / "own", README_md=b"ours\n", app_py=b"x = 1\n")
        made = record.initialise(place, name="shop")
        assert made.changed
        assert "SIGNET.md" in made.paths and "README.md" not in made.paths
        assert (tmp_path / "own" / "README.md").read_bytes() == b"ours\n"
        assert (tmp_path / "own" / "app.py").read_bytes() == b"x = 1\n"
        assert (tmp_path / "own" / "SIGNET.md").read_text().startswith("# shop")
        assert Team(place).state.environments() == {"production", "staging"}
        again = record.initialise(place, name="shop", update=True)
        assert (again.changed, again.notes) == (False, ())

    @pytest.mark.parametrize("path", ["CODEOWNERS", WORKFLOW, "services/x", "environments/production.yaml"])
    def test_what_would_be_overwritten_or_read_is_refused(self, tmp_path: Path, path: str) -> None:
        git.create(tmp_path / "own", bare=False)
        repo = git.open_repository(str(tmp_path / "own"))
        first = git.commit(repo, None, {path: b"theirs\n"}, "theirs\n")
        git.publish(repo, None, first)
        with pytest.raises(UsageError, match=f"already holds .*{path.partition('/')[0]}"):
            record.initialise(repo.location, name="shop")
        assert git.head(git.open_repository(repo.location)) == first
        assert (tmp_path / "own" / path).read_bytes() == b"theirs\n"

    def test_a_remote_that_holds_a_service_is_refused(self, tmp_path: Path) -> None:
        git.create(tmp_path / "service.git", bare=True)
        repo = git.open_repository(str(tmp_path / "service.git"))
        git.publish(repo, None, git.commit(repo, None, {"src/app.py": b"x"}, "code\n"))
        with pytest.raises(UsageError, match="not empty"):
            record.initialise(str(tmp_path / "service.git"), name="shop")

    def test_the_owners_of_a_forge_stay(self, tmp_path: Path) -> None:
        git.create(tmp_path / "own.git", bare=True)
        repo = git.open_repository(str(tmp_path / "own.git"))
        git.publish(repo, None, git.commit(repo, None, {".github/CODEOWNERS": b"* @a\n"}, "x\n"))
        made = record.initialise(str(tmp_path / "own.git"), name="shop")
        assert "CODEOWNERS" not in made.paths
        assert any(".github/CODEOWNERS is yours" in note for note in made.notes)


class TestUpdate:
    def test_owners_come_from_the_files_of_the_registry(self, tmp_path: Path) -> None:
        team = Team.founds(tmp_path / "registry.git")
        record.register_service(team.repo, "catalog", owners=["@shop/catalog"])
        record.register_service(team.repo, "cart", owners=["The cart team"])
        says(team, "signet.yaml", "format: 1\nname: shop\nowners: ['@shop/platform']\n")
        says(team, "environments/production.yaml", "production: true\nowners: ['@shop/ops', ops@shop.example]\n")
        made = record.initialise(team.location, name="x", update=True)
        assert made.paths == ("CODEOWNERS",)
        assert made.subject.startswith("init: workflows, owners and guides")
        lines = [line for line in text_of(team, "CODEOWNERS").splitlines() if not line.startswith("#")]
        assert lines == [
            "* @shop/platform",
            "/environments/production.yaml @shop/ops ops@shop.example",
            "/environments/production/ @shop/ops ops@shop.example",
            "/services/catalog/ @shop/catalog",
        ]
        (note,) = made.notes
        assert "'The cart team'" in note and "services/cart/service.yaml" in note
        assert not record.initialise(team.location, name="x", update=True).changed

    def test_a_command_that_sets_owners_brings_the_file_along(self, tmp_path: Path) -> None:
        team = Team.founds(tmp_path / "registry.git")
        made = record.register_service(team.repo, "catalog", owners=["@shop/catalog", "The team"])
        assert made.paths == ("CODEOWNERS", "services/catalog/service.yaml")
        assert [note for note in made.notes if "The team" in note], "whom no forge knows is told"
        made = record.register_environment(team.repo, "qa", owners=["@shop/qa"])
        assert made.paths == ("CODEOWNERS", "environments/qa.yaml") and made.notes == ()
        lines = [line for line in text_of(team, "CODEOWNERS").splitlines() if not line.startswith("#")]
        assert lines == [
            "/environments/qa.yaml @shop/qa", "/environments/qa/ @shop/qa", "/services/catalog/ @shop/catalog"
        ]  # fmt: skip
        assert not record.initialise(team.location, name="x", update=True).changed, "as --update would make it"
        assert check(team.repo, None, team.head).findings == ()
        assert record.register_service(team.repo, "catalog", main_branch="trunk").paths == (
            "services/catalog/service.yaml",
        )
        assert not record.register_service(team.repo, "catalog", owners=["@shop/catalog", "The team"]).changed

    def test_a_file_of_people_and_a_registry_that_cannot_be_read_stay(self, tmp_path: Path) -> None:
        team = Team.founds(tmp_path / "registry.git")
        ours = text_of(team, "CODEOWNERS")
        says(team, "services/torn/service.yaml", "owners: {")
        made = record.register_service(team.repo, "catalog", owners=["@shop/catalog"])
        assert made.paths == ("services/catalog/service.yaml",)
        assert any("CODEOWNERS stays as it is" in note and "torn" in note for note in made.notes)
        says(team, "CODEOWNERS", f"/docs/ @shop/docs\n{ours}")
        made = record.register_service(team.repo, "cart", owners=["@shop/cart"])
        assert made.paths == ("services/cart/service.yaml",)
        assert made.notes == ("CODEOWNERS was changed by people and stays as it is",)
        says(team, ".github/CODEOWNERS", "* @a\n")
        says(team, "CODEOWNERS", ours)
        assert record.register_service(team.repo, "web", owners=["@shop/web"]).paths == ("services/web/service.yaml",)

    @pytest.mark.parametrize(
        "owner", ["@a\n* @evil", "@a * @evil", "@a #", "@", "x@", "@a/../b\\", "\u202e@a", "@ä", "!@a", "@a\r* @b"]
    )
    def test_a_hostile_owner_adds_no_line(self, tmp_path: Path, owner: str) -> None:
        team = Team.founds(tmp_path / "registry.git")
        says(team, "services/cart/service.yaml", json.dumps({"owners": [owner, "@good"]}))
        made = record.initialise(team.location, name="x", update=True)
        lines = [line for line in text_of(team, "CODEOWNERS").splitlines() if not line.startswith("#")]
        assert lines == ["/services/cart/ @good"]
        assert len(made.notes) == 1

    def test_an_older_file_is_renewed_and_a_changed_one_stays(self, tmp_path: Path) -> None:
        team = Team.founds(tmp_path / "registry.git")
        older = template.stamped(WORKFLOW, b"name: of an older Signet\n").decode()
        now = text_of(team, WORKFLOW)
        says(team, WORKFLOW, older)
        assert record.initialise(team.location, name="x", update=True).paths == (WORKFLOW,)
        assert text_of(team, WORKFLOW) == now
        ours = now.replace("timeout-minutes: 15", "timeout-minutes: 30")
        says(team, WORKFLOW, ours)
        made = record.initialise(team.location, name="x", update=True)
        assert not made.changed
        assert made.notes == (f"{WORKFLOW} was changed by people and stays as it is; delete it to have ours",)
        assert text_of(team, WORKFLOW) == ours

    def test_people_may_write_anything_into_their_files(self, tmp_path: Path) -> None:
        team = Team.founds(tmp_path / "registry.git")
        says(team, "README.md", "All ours.\n")
        says(team, "environments/staging.yaml", "display_name: Test\n")
        made = record.initialise(team.location, name="x", update=True)
        assert made.paths == ("SIGNET.md",)
        assert text_of(team, "README.md") == "All ours.\n"
        assert text_of(team, "environments/staging.yaml") == "display_name: Test\n"

    def test_what_is_no_registry_is_not_updated(self, tmp_path: Path) -> None:
        git.create(tmp_path / "plain.git", bare=True)
        with pytest.raises(UsageError, match="is not a registry"):
            record.initialise(str(tmp_path / "plain.git"), name="x", update=True)
        with pytest.raises(UsageError):
            record.initialise(str(tmp_path / "nothing"), name="x", update=True)
        assert not (tmp_path / "nothing").exists()


def test_git_reads_the_new_work_tree_as_clean(tmp_path: Path) -> None:
    place = clone_with(tmp_path / "own", app_py=b"x = 1\n")
    record.initialise(place, name="shop")
    done = subprocess.run(["git", "-C", place, "status", "--porcelain"], capture_output=True, text=True, check=True)
    assert done.stdout == ""
