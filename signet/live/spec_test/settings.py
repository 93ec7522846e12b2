"""The configuration of a run of schemathesis, as TOML, and the environment that it runs in.

Credentials stand in neither the command line nor the file: the file names variables (``${SPEC_TEST_HEADER_0}``), and
only the environment of the run holds their values. It writes no file itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from signet.live.spec_test.checks import ADVICE, GATE
from signet.live.spec_test.plan import PHASES, Plan
from signet.live.spec_test.target import HIDDEN, Target

RECORDED_BODY = 1
"""Bytes of an answer that are kept for the events, where nobody looks at them; the checks see all of it."""
SHOWN_BODY = 32 * 1024
"""The same where somebody does; a longer answer is not shown."""
_VARIABLE = "SPEC_TEST_HEADER_"
_LOOPBACK = ("localhost", "127.", "::1")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def toml(plan: Plan, target: Target, left_out: Iterable[str], events: Path, *, shows: bool = False) -> str:
    """The text of ``schemathesis.toml``.

    One worker, no database, no cache, no health checks (whether an example took long says nothing about a provider), no
    redirects, and no time limit of its own: with one it repeats phases until the time is over, and the same seed would
    send other requests on another machine.

    The fuzzing phase makes its values up. With those of answers, which schemathesis would take in four of five cases,
    ids are nearly always known ones, and a wrong answer to an unknown one is not seen; the stateful phase takes them.
    ``shows``: the events have the answers.
    """
    lines = [
        f"seed = {plan.seed}",
        "workers = 1",
        "color = false",
        "continue-on-failure = true",
        'suppress-health-check = ["all"]',
        "max-redirects = 0",
        f"request-timeout = {float(plan.answer_limit)}",
        "warnings = false",
        f"base-url = {_text(target.base)}",
        *([f"hooks = {_text(str(plan.hooks.resolve()))}"] if plan.hooks else []),
        *_table("headers", {name: f"${{{_VARIABLE}{place}}}" for place, name in enumerate(target.headers)}),
        *_table("generation", {"database": "none", "no-shrink": True, "max-examples": plan.examples}),
        *_table("cache", {"enabled": False}),
        *_table("reports.ndjson", {"enabled": True, "path": str(events)}),
        *_table("output.truncation", {"max-recorded-payload-size": SHOWN_BODY if shows else RECORDED_BODY}),
        *_table("output.sanitization", {"enabled": True, "replacement": HIDDEN}),
        *_table("checks", {"enabled": False}),
    ]
    for check in (*GATE, *(ADVICE[code] for code in plan.advice)):
        lines += _table(f"checks.{check}", {"enabled": True})
    for phase in PHASES:
        lines += _table(f"phases.{phase}", {"enabled": phase in plan.phases})
        if phase == "coverage":
            lines.append(f"unexpected-methods = {json.dumps(_other_methods(plan, left_out))}")
    lines += _table("phases.fuzzing.extra-data-sources", {"responses": False})
    for name in sorted(left_out):
        lines += ["[[operations]]", f"include-name = {_text(name)}", "enabled = false"]
    return "\n".join(lines) + "\n"


def _other_methods(plan: Plan, left_out: Iterable[str]) -> list[str]:
    """Methods to try where they are not declared: none unless the advice is about them, and none that is excluded."""
    if not {"method-answered", "allow-header-misfit"} & set(plan.advice):
        return []
    excluded = {name.partition(" ")[0] for name in left_out}
    return [method for method in ("PUT", "PATCH", "DELETE", "TRACE") if method not in excluded]


def _table(name: str, fields: Mapping[str, str | int | bool]) -> list[str]:
    written = {key: _text(value) if isinstance(value, str) else str(value).lower() for key, value in fields.items()}
    return [f"[{name}]", *(f"{_text(key)} = {value}" for key, value in written.items())]


def _text(value: str) -> str:
    """A basic string of TOML: as in JSON, but for DEL, and with no pairs of surrogates."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def environment(plan: Plan, target: Target, folder: Path, cache: Path | None = None) -> dict[str, str]:
    """The variables of a run: ours without what would steer it, and the credentials.

    A provider on this machine is asked without a proxy, and no file of the user's adds credentials (``.netrc``).
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SCHEMATHESIS_", "HYPOTHESIS_", "SIGNET_", "COVERAGE_", "COV_CORE_", "PYTEST_"))
    }
    if target.host.startswith(_LOOPBACK):
        kept = {name: value for name, value in kept.items() if name.lower() not in _PROXIES}
    if plan.hooks is not None:
        beside = str(plan.hooks.resolve().parent)
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (beside, kept.get("PYTHONPATH"))))
    secret = {f"{_VARIABLE}{place}": value for place, value in enumerate(target.headers.values())}
    own = {
        "NETRC": str(folder / "no-netrc"),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str((cache or folder).resolve() / "hypothesis"),
    }
    return kept | own | secret


def places(plan: Plan, target: Target, variables: Mapping[str, str]) -> list[str]:
    """The hosts and ports that a run may connect to: the provider's, and its proxy's.

    None are named for a plan with hooks, which may fetch a token: they are the user's, and go where they like.
    """
    if plan.hooks is not None:
        return []
    proxies = [value for name, value in variables.items() if name.lower() in _PROXIES and value]
    found = [urlsplit(one if "//" in one else f"//{one}") for one in (target.base, *proxies)]
    return sorted({f"{one.hostname} {one.port or (443 if one.scheme == 'https' else 80)}" for one in found})
