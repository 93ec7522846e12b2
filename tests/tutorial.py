"""The tutorials as data: every ``$`` line of their ``console`` blocks, and what it prints.

``python -m tests.tutorial`` runs them and writes the outputs into the documents anew; ``test_readme`` runs it and
compares. Commit ids differ from run to run and are compared as ids.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
TUTORIALS = (README, ROOT / "docs" / "tutorial.md")
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"\b[0-9a-f]{7,40}\b")
_DATE = re.compile(r"\b20\d\d-\d\d-\d\d(T[0-9:]+Z?| [0-9:]+)?\b")


@dataclass
class Step:
    """One command as it is typed (with its here-document, if any), and what the README says it prints."""

    command: str
    output: str


def steps(text: str) -> list[Step]:
    """All steps of all ``console`` blocks, in order. Lines that begin with ``> `` go on with the command."""
    found: list[Step] = []
    for block in _BLOCK.findall(text):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:], ""))
            elif line.startswith("> ") or line == ">":
                found[-1].command += "\n" + line[2:]
            else:
                found[-1].output += line + "\n"
    return found


def normal(output: str) -> str:
    """An output with ids and dates made equal."""
    return _DATE.sub("<date>", _ID.sub("<id>", output)).rstrip()


def play(told: list[Step], folder: Path, signet: Path, *, git: bool = True, seconds: int = 300) -> list[str]:
    """Type all commands into one shell, with a home of its own; what each of them printed, errors included.

    Without ``git``, no program that the shell starts finds one; the lines that begin with git are typed by a person who
    has it.
    """
    mark = "@@@ step done @@@"
    script = "\n".join(f"{{ {step.command}\n}} 2>&1\nstep=$?; echo '{mark}'; (exit $step)" for step in told)
    home = folder / "home"
    home.mkdir()
    path = os.environ["PATH"]
    if not git:
        script = f'git() {{ {shutil.which("git")} "$@"; }}\n{script}'
        path = str(_programs_but_git(folder / "programs"))
    environment = {
        "HOME": str(home),
        "PATH": f"{signet.parent}:{path}",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
        "GIT_CONFIG_NOSYSTEM": "1",
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        ["bash"],
        input=script,
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        timeout=seconds,
        check=False,
    )
    printed = done.stdout.split(f"{mark}\n")
    if len(printed) != len(told) + 1:
        raise AssertionError(f"the shell ended early:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return printed[:-1]


def _programs_but_git(folder: Path) -> Path:
    """A folder with links to all programs of this machine, and none to git's."""
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for program in Path(place).glob("*") if place else ():
            if not program.name.startswith("git") and not (folder / program.name).is_symlink():
                (folder / program.name).symlink_to(program)
    return folder


def main() -> None:
    """Write the outputs of the tutorials into their documents anew."""
    for document in TUTORIALS:
        renew(document)


def renew(document: Path, beside: Path | None = None) -> None:
    """Play one document and write what its commands print below them; with a copy of a folder to play in."""
    text = document.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "play"
        folder.mkdir()
        if beside is not None:
            shutil.copytree(beside, folder, ignore=shutil.ignore_patterns("run", "__pycache__"), dirs_exist_ok=True)
        printed = play(steps(text), folder, Path(sys.executable).parent / "signet", seconds=600)
    document.write_text(with_outputs(text, printed), encoding="utf-8")


def with_outputs(text: str, outputs: list[str]) -> str:
    """A document whose commands print this, in order."""
    printed = iter(outputs)

    def again(block: re.Match[str]) -> str:
        lines = []
        for step in steps(block.group(0)):
            lines.append("$ " + step.command.replace("\n", "\n> "))
            lines += next(printed).splitlines()
        return "```console\n" + "".join(f"{line}\n" for line in lines) + "```"

    return _BLOCK.sub(again, text)


if __name__ == "__main__":
    main()
