"""Provider states set by a URL, or by a command; and which of the three ways a plan takes.

A state that cannot be set is ``NotSet``; that nobody is there to set states is ``CouldNotTest``. What came of an
interaction is not known here.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from typing import Any

from signet.errors import CouldNotTest, UsageError
from signet.live.replay import children
from signet.live.replay.hosting import Host
from signet.live.replay.plan import ByCommand, ByFunctions, ByUrl, Limits, Plan, Transport
from signet.live.replay.states import NotSet, Setter, Wanted, action_of
from signet.live.replay.upstream import NoAnswer, Unreachable, Upstream

LONGEST = 300
_LARGEST = 1024 * 1024


class UrlSetter:
    """Asks a URL."""

    def __init__(self, states: ByUrl, limits: Limits, transport: Transport) -> None:
        self._upstream, self._headers, self._seconds = (
            Upstream(states.url, limits, transport),
            states.headers,
            limits.state,
        )

    def set_up(self, wanted: Wanted) -> dict[str, Any]:
        answer = self._asked(wanted, "setup")
        try:
            values = json.loads(answer)
        except ValueError:
            return {}
        return values if isinstance(values, dict) else {}

    def tear_down(self, wanted: Wanted) -> None:
        self._asked(wanted, "teardown")

    def _asked(self, wanted: Wanted, action: str) -> bytes:
        body = json.dumps(wanted.question(action)).encode()
        headers = [("Host", self._upstream.host), ("Content-Type", "application/json"), *self._headers]
        headers.append(("Content-Length", str(len(body))))
        try:
            answer = self._upstream.send("POST", self._upstream.target, headers, body, self._seconds)
        except Unreachable as error:
            raise CouldNotTest(
                f"The provider states cannot be set: {error}.", "Is the URL right, and does something listen there?"
            ) from None
        except NoAnswer as error:
            raise NotSet("state-failed", f"{action_of(wanted, action)} failed: {error}") from None
        if not 200 <= answer.status < 300:
            said = answer.body[:LONGEST].decode(errors="replace").strip()
            because = f" ({said})" if said else ""
            raise NotSet(
                "state-failed", f"{action_of(wanted, action)} failed: the URL answered {answer.status}{because}"
            )
        return answer.body


class CommandSetter:
    """Runs a command; its process group is ended when it has answered or its time is over."""

    def __init__(self, states: ByCommand, limits: Limits) -> None:
        self._argv, self._seconds = list(states.argv), limits.state

    def set_up(self, wanted: Wanted) -> dict[str, Any]:
        printed = self._run(wanted, "setup").strip()
        try:
            values = json.loads(printed) if printed else {}
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise NotSet("state-failed", f"the command for provider state {wanted.name!r} printed no JSON object")
        return values

    def tear_down(self, wanted: Wanted) -> None:
        self._run(wanted, "teardown")

    def _run(self, wanted: Wanted, action: str) -> bytes:
        try:
            process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise UsageError(
                f"The command for provider states cannot be started: {error.strerror or error}.", "Check its name."
            ) from None
        try:
            printed, complained = process.communicate(json.dumps(wanted.question(action)).encode(), self._seconds)
        except subprocess.TimeoutExpired:
            message = f"{action_of(wanted, action)} took longer than {self._seconds:g} seconds"
            raise NotSet("state-failed", message) from None
        finally:
            children.end(process)
            for stream in (process.stdin, process.stdout, process.stderr):
                with contextlib.suppress(OSError):
                    if stream is not None:
                        stream.close()
        if process.returncode != 0:
            said = complained[-LONGEST:].decode(errors="replace").strip()
            how = f"the command ended with exit code {process.returncode}" + (f" ({said})" if said else "")
            raise NotSet("state-failed", f"{action_of(wanted, action)} failed: {how}")
        return printed[:_LARGEST]


def setter(plan: Plan, host: Host | None) -> Setter | None:
    """What sets the states of a plan; None if nothing does."""
    if isinstance(plan.states, ByUrl):
        return UrlSetter(plan.states, plan.limits, plan.transport)
    if isinstance(plan.states, ByCommand):
        return CommandSetter(plan.states, plan.limits)
    return host if isinstance(plan.states, ByFunctions) else None
