"""The process with a team's functions, seen from our side: it sets provider states and filters requests.

It is started anew after a function ended it or took too long. What the functions are is ``functions``; the process
itself is ``host``.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from typing import Any

from signet.errors import UsageError
from signet.live.replay import children
from signet.live.replay.functions import Request
from signet.live.replay.gate import FilterFailed
from signet.live.replay.plan import Limits
from signet.live.replay.states import NotSet, Wanted, action_of

HOST = "signet.live.replay.host"


class Host:
    """The process with a team's functions: sets states, filters requests. Started anew after it was ended."""

    def __init__(self, modules: tuple[str, ...], limits: Limits, heard: Callable[[str], None]) -> None:
        self._modules, self._seconds, self._heard = modules, limits.state, heard
        self._child: children.Child | None = None
        self.filters = False

    def start(self) -> children.Child:
        """Start the process and load the modules; UsageError if that cannot be."""
        child = self._child = children.Child(HOST, os.environ, self._heard)
        names = " and ".join(self._modules)
        remedy = "Import it by hand to see more; functions are found by @state, or in a dict 'states'."
        try:
            answer = child.ask({"do": "load", "modules": list(self._modules)}, self._seconds)
        except children.Silent:
            raise UsageError(f"Loading {names} took longer than {self._seconds:g} seconds.", remedy) from None
        except children.Ended as error:
            raise UsageError(f"{names} cannot be loaded: {error}.", remedy) from None
        if "failed" in answer:
            raise UsageError(f"{names} cannot be loaded: {answer['failed']}.", remedy)
        self.filters = bool(answer["filters"])
        return child

    def set_up(self, wanted: Wanted) -> dict[str, Any]:
        return dict(self._asked(wanted, "setup").get("values") or {})

    def tear_down(self, wanted: Wanted) -> None:
        self._asked(wanted, "teardown")

    def _asked(self, wanted: Wanted, action: str) -> dict[str, Any]:
        question = {"do": action, "token": wanted.token, "state": wanted.name, "params": dict(wanted.params)}
        try:
            answer = self._answer(question)
        except children.Silent:
            message = f"{action_of(wanted, action)} took longer than {self._seconds:g} seconds"
            raise NotSet("state-failed", message) from None
        except children.Ended as error:
            message = f"{action_of(wanted, action)} ended the process of the functions: {error}"
            raise NotSet("state-failed", message) from None
        if "unknown" in answer:
            raise NotSet("state-unknown", f"no function sets the provider state {wanted.name!r}")
        if "failed" in answer:
            raise NotSet("state-failed", f"{action_of(wanted, action)} failed: {answer['failed']}")
        return answer

    def _answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        child = self._child or self.start()
        try:
            return child.ask(question, self._seconds)
        except (children.Silent, children.Ended):
            self._child = None
            raise

    def filtered(self, request: Request) -> Request:
        """A request as the team's ``filter_request`` makes it; FilterFailed otherwise."""
        question = {
            "do": "request",
            "method": request.method,
            "path": request.path,
            "headers": [list(each) for each in request.headers],
            "body": base64.b64encode(request.body).decode(),
        }
        try:
            answer = self._answer(question)
        except children.Silent:
            raise FilterFailed(f"it took longer than {self._seconds:g} seconds") from None
        except children.Ended as error:
            raise FilterFailed(str(error)) from None
        if "failed" in answer:
            raise FilterFailed(answer["failed"])
        headers = [(name, value) for name, value in answer["headers"]]
        return Request(answer["method"], answer["path"], headers, base64.b64decode(answer["body"]))

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.close()
