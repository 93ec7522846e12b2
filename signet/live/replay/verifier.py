"""The process in which pact-python's verifier runs: ``python -P -m signet.live.replay.verifier``.

It reads one JSON object a line (a Pact file of one interaction, the address of the gate, a header that opens it) and
answers each with the verifier's own results, on the descriptor that was its standard output: the verifier prints to
descriptor 1. It knows no credentials. It decides nothing: what a result means is ``signet.live.replay.findings``.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, TextIO

HOST = "127.0.0.1"


def main() -> None:
    """Say what the verifier is, then answer until the input ends."""
    os.environ["PACT_DO_NOT_TRACK"] = "true"
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        import pact

        version: str = getattr(pact, "__version__", "")
    except ImportError as error:
        _put(answers, {"missing": str(error)})
        return
    with tempfile.TemporaryDirectory() as folder:
        # The verifier looks for plugins, which are programs; a contract must not start any.
        os.environ["PACT_PLUGIN_DIR"] = folder
        os.chdir(folder)
        _put(answers, {"version": version})
        for line in sys.stdin:
            _put(answers, _verified(Path(folder) / "contract.json", json.loads(line)))


def _put(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _verified(path: Path, question: dict[str, Any]) -> dict[str, Any]:
    from pact import Verifier

    path.write_text(question["document"], encoding="utf-8")
    try:
        verifier = Verifier(question["provider"], host=HOST)
        verifier.add_transport(protocol="http", scheme="http", port=question["port"], path="")
        verifier.add_source(path)
        # Left alone it follows redirects, past the gate; what a contract expects of a request is the answer to it.
        verifier.follow_redirects(False)
        verifier.add_custom_header(*question["key"])
        verifier.set_request_timeout(int(question["seconds"] * 1000))
        verifier.set_error_on_empty_pact(enabled=True)
    except (RuntimeError, ValueError, OSError) as error:
        return {"failed": str(error)}
    raised = ""
    try:
        verifier.verify()
    except RuntimeError as error:  # a failed interaction and a failed verifier look the same here
        raised = str(error)
    try:
        return {"results": verifier.results, "raised": raised}
    except (RuntimeError, ValueError) as error:
        return {"failed": raised or str(error)}


if __name__ == "__main__":
    main()
