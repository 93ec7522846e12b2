"""The spec test: the operations of a spec, exercised at a running provider by schemathesis, and what came of it.

``run`` is all of it. A test is deterministic: the same spec, plan and provider get the same requests. schemathesis runs
as a program of its own, in a folder that is gone afterwards, and asks nobody but the provider.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from signet.core.formats.canonical import dump
from signet.core.model.spec import Spec
from signet.errors import CouldNotTest, UsageError
from signet.live.exchanges import Seen
from signet.live.outcome import Outcome
from signet.live.spec_test import operations, settings, verdict
from signet.live.spec_test.plan import PHASES, Plan
from signet.live.spec_test.process import EVENTS, Run
from signet.live.spec_test.tally import Count, Tell
from signet.live.spec_test.target import Target, target

__all__ = ["PHASES", "Outcome", "Plan", "run"]

INSTALL = "Install it: pip install 'signet-registry[test]'."


def run(
    spec: Spec | Any,
    url: str,
    plan: Plan | None = None,
    *,
    subject: str = "",
    tell: Tell | None = None,
    masked: Callable[[str], str] | None = None,
    cache: Path | None = None,
    seen: Seen | None = None,
) -> Outcome:
    """Test the provider at ``url`` against a spec (or its document): what it answered otherwise than promised.

    ``tell(done, total, operation)`` is called as it goes on. ``masked`` hides what the caller knows to be secret; the
    credentials of the plan and of the URL are hidden anyway. ``cache`` is a folder where tables of Unicode are kept,
    which are the same for every test; making them takes seconds. ``seen`` gets what was asked and
    answered with 2xx. The rows are the operations in the order of the spec.

    1. Settle where requests go, with which credentials, and which operations are left out.
    2. Run schemathesis on the spec without its servers, and count its events; CouldNotTest as soon as an answer does
       not come, or when the time is over.
    3. Judge: failures of the gate are problems, others advice. CouldNotTest where nothing wrong was found and an
       operation was not exercised.

    UsageError for a plan or an address that cannot be; CouldNotTest where the provider could not be tested, of which
    nothing may be recorded.
    """
    plan = plan or Plan()
    source = spec.source if isinstance(spec, Spec) else spec
    began = time.monotonic()
    aimed = target(url, source, plan.headers)  # 1
    listed = operations.operations(source)
    left_out = operations.excluded(listed, plan.excluded)
    tested = [one.name for one in listed if one.name not in left_out]
    if not tested:
        raise UsageError("The spec has no operation to test.", "Exclude fewer of them, or give the spec that is meant.")
    if find_spec("schemathesis") is None:
        raise UsageError("schemathesis, which exercises specs, is not installed.", INSTALL)

    def hidden(text: str) -> str:
        return masked(aimed.masked(text)) if masked else aimed.masked(text)

    count = Count.of(tested, plan.phases, tell or (lambda *_: None), aimed.base)
    count.seen, count.credentials = seen, frozenset(aimed.headers)
    try:
        _exercise(source, plan, aimed, left_out, count, cache)  # 2
        secret = frozenset(name.lower() for name in aimed.headers)
        rows = verdict.rows(listed, count.tallies, secret, hidden)  # 3
    except CouldNotTest as error:
        raise CouldNotTest(hidden(error.message), error.remedy) from None
    info = source.get("info")
    title = str(info.get("title", "")) if isinstance(info, dict) else ""
    return Outcome(
        "spec-test",
        subject or f"spec of {title or 'the provider'}",
        f"schemathesis {count.version}",
        rows,
        round(time.monotonic() - began, 3),
        {
            "seed": plan.seed,
            "phases": " ".join(phase for phase in PHASES if phase in plan.phases),
            "examples": plan.examples,
            "cases": sum(tally.requests for tally in count.tallies.values()),
            "operations": len(tested),
            "excluded": len(left_out),
        },
    )


def _exercise(
    source: Any, plan: Plan, aimed: Target, left_out: frozenset[str], count: Count, cache: Path | None
) -> None:
    """One run of schemathesis, to its end."""
    with tempfile.TemporaryDirectory(prefix="signet-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        document, config = folder / "spec.json", folder / "schemathesis.toml"
        # Sorted keys: specs of one digest get the same requests.
        document.write_text(dump(operations.offered(source)), encoding="utf-8")
        variables = settings.environment(plan, aimed, folder, cache)
        arguments = [str(config), str(document), str(plan.seed), *settings.places(plan, aimed, variables)]
        text = settings.toml(plan, aimed, left_out, folder / EVENTS, shows=count.seen is not None)
        config.write_text(text, encoding="utf-8")
        with Run(folder, arguments, variables, plan.time_limit) as process:
            for event in process.lines():
                count.take(event)
            if not count.finished:
                raise CouldNotTest(
                    f"schemathesis ended before its test did. It said: {process.said() or 'nothing'}",
                    "Is the spec one that it understands, and do the hooks work?",
                )
    if count.loose:
        raise CouldNotTest(
            f"A part of the test could not be made: {'; '.join(dict.fromkeys(count.loose))}.",
            "Leave out the phase that is named, or mend what it stumbles over.",
        )
