"""One of many writers: ``python -m tests.registry.writer LOCATION NAME COUNT`` publishes COUNT files one by one."""

from __future__ import annotations

import random
import sys
import time

from signet.registry import git


def main(location: str, name: str, count: int) -> None:
    repository = git.open_repository(location)
    for number in range(count):
        for attempt in range(10_000):
            git.refresh(repository)
            head = git.head(repository)
            new = git.commit(repository, head, {f"written/{name}/{number}": b"x\n"}, f"{name} {number}")
            push = git.publish(repository, head, new)
            if push.status == "accepted":
                break
            assert push.status == "moved", push
            time.sleep(random.uniform(0, min(1.0, 0.02 * 2 ** min(attempt, 8))))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
