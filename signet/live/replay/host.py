"""The process in which a team's Python functions run: ``python -P -m signet.live.replay.host``.

It reads one JSON object a line and answers each with one, on the descriptor that was its standard output; what the
functions print goes to standard error. It is ended from outside when a function takes too long.
"""

from __future__ import annotations

import base64
import importlib
import importlib.util
import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from signet.live.replay import functions

LONGEST = 500


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    questions = os.fdopen(os.dup(0), "r", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    host = _Host()
    for line in questions:
        _put(answers, host.answer(json.loads(line)))


def _put(answers: TextIO, answer: dict[str, Any]) -> None:
    try:
        text = json.dumps(answer, allow_nan=False)
    except (TypeError, ValueError) as error:
        text = json.dumps({"failed": f"the values that it returned are not JSON: {error}"[:LONGEST]})
    sys.stdout.flush()  # what a function has printed is heard before what it answers
    sys.stderr.flush()
    answers.write(text + "\n")
    answers.flush()


class _Host:
    def __init__(self) -> None:
        self.functions = functions.Functions({})
        self.filter: Callable[[functions.Request], Any] | None = None

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            return dict(getattr(self, question.pop("do"))(**question))
        except functions.UnknownState as error:
            return {"unknown": str(error)}
        except functions.WrongFunction as error:
            return {"failed": str(error)[:LONGEST]}
        except (Exception, SystemExit, KeyboardInterrupt) as error:  # noqa: BLE001 - whatever a team's function raises
            return {"failed": _where(error)}

    def load(self, modules: list[str]) -> dict[str, Any]:
        """Import the modules; which of them filter requests is decided here."""
        sys.path.insert(0, str(Path.cwd()))
        known: dict[str, Callable[..., Any]] = {}
        for name in modules:
            module = _imported(name)
            known.update(functions.found_in(module))
            self.filter = getattr(module, "filter_request", self.filter)
        self.functions = functions.Functions(known)
        return {"states": sorted(known), "filters": self.filter is not None}

    def setup(self, token: int, state: str, params: dict[str, Any]) -> dict[str, Any]:
        values = self.functions.set_up(token, state, params)
        if values is not None and not isinstance(values, dict):
            return {"failed": f"its function returned {type(values).__name__}, not a dict of values"}
        return {"values": values or {}}

    def teardown(self, token: int, state: str, params: dict[str, Any]) -> dict[str, Any]:
        self.functions.tear_down(token, state, params)
        return {}

    def request(self, method: str, path: str, headers: list[list[str]], body: str) -> dict[str, Any]:
        given = functions.Request(method, path, [(name, value) for name, value in headers], base64.b64decode(body))
        assert self.filter is not None  # noqa: S101 - nobody asks where there is none
        returned = self.filter(given)
        made = given if returned is None else returned
        if not isinstance(made, functions.Request):
            return {"failed": f"filter_request returned {type(made).__name__}, not the request"}
        return {
            "method": str(made.method),
            "path": str(made.path),
            "headers": [[str(name), str(value)] for name, value in made.headers],
            "body": base64.b64encode(bytes(made.body)).decode(),
        }


def _imported(name: str) -> Any:
    path = Path(name)
    if not name.endswith(".py") and os.sep not in name:
        return importlib.import_module(name)
    sys.path.insert(0, str(path.resolve().parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise functions.WrongFunction(f"{name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _where(error: BaseException) -> str:
    """The error with the last place outside of Signet that it went through."""
    text = f"{type(error).__name__}: {error}"[:LONGEST]
    own = str(Path(__file__).parent)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(own)]
    return f"{text} ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else text


if __name__ == "__main__":
    main()
