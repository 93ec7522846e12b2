"""One of many writers: ``python -m tests.bench.writer signet|git URL PLACE NUMBER FACTS``.

It makes its cache or clone, says ``ready``, waits for a line, records its facts one by one, and prints the seconds that
each took. As git it does what a script would do: fetch, commit, push, and again after a pause where it lost the race.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable


def by_signet(url: str, place: str, name: str) -> Callable[[int], None]:
    """Versions of a service of its own, registered by the product."""
    os.environ["SIGNET_CACHE"] = place
    from signet.registry import git, record
    from signet.registry.landing import Writing

    repository = git.open_repository(url)
    how = Writing(timeout=300)

    def write(number: int) -> None:
        record.register_version(repository, name, f"1.{number}.0", branch="main", how=how)

    return write


def by_git(url: str, place: str, name: str) -> Callable[[int], None]:
    """The same files by three git processes a try."""
    run(["git", "clone", "--quiet", "--bare", "--depth=1", "--filter=blob:none", url, place])
    git = ["git", "--git-dir", place]

    def write(number: int) -> None:
        files = f"M 100644 inline services/{name}/versions/1.{number}.0.json\ndata 3\n{{}}\n"
        files += f"M 100644 inline services/{name}/branches/main.json\ndata 4\n{{{number % 10}}}\n"
        attempt = 0
        while True:
            run([*git, "fetch", "--quiet", "origin", "+refs/heads/main:refs/heads/main"])
            who = f"committer W <w@example.com> {int(time.time())} +0000"
            stream = f"commit refs/heads/mine\n{who}\ndata 2\nx\nfrom refs/heads/main^0\n{files}\n"
            run([*git, "fast-import", "--quiet", "--force"], stream.encode())
            pushed = [*git, "push", "--quiet", "origin", "refs/heads/mine:refs/heads/main"]
            if subprocess.run(pushed, capture_output=True, check=False).returncode == 0:
                return
            time.sleep(random.uniform(0, min(5.0, 0.05 * 2 ** min(attempt, 7))))
            attempt += 1

    return write


def run(command: list[str], data: bytes = b"") -> None:
    """One git process that must succeed."""
    subprocess.run(command, input=data, capture_output=True, check=True)


def main() -> None:
    """Get ready, wait, write, and tell."""
    kind, url, place, number, facts = sys.argv[1:]
    write = {"signet": by_signet, "git": by_git}[kind](url, place, f"writer-{number}")
    print("ready", flush=True)
    sys.stdin.readline()
    for fact in range(int(facts)):
        began = time.perf_counter()
        write(fact)
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
