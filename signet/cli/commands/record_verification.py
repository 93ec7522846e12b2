"""``signet record-verification``: the result of a live test, of Signet's or of another tool."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import checkout, files, opening, options, receipts, reported
from signet.errors import UsageError

if TYPE_CHECKING:
    from signet.registry.record import SpecItem


def record_verification(
    name: options.Name = None,
    version: options.Version = None,
    passed: Annotated[
        bool | None, typer.Option("--passed/--failed", help="Did the provider pass?", show_default=False)
    ] = None,
    junit: Annotated[
        list[Path] | None,
        typer.Option(
            "--junit", metavar="FILE", help="The result is in a JUnit XML report, or a folder of them; may be repeated."
        ),
    ] = None,
    exit_code: Annotated[
        int | None,
        typer.Option(
            "--exit-code",
            min=-(2**31),
            max=2**32 - 1,
            metavar="CODE",
            help="The exit code of the test tool: 0 is passed, any other is failed.",
        ),
    ] = None,
    spec: Annotated[
        Path | None,
        typer.Option(
            "--spec",
            envvar="SIGNET_SPEC",
            metavar="FILE",
            help="The spec that it was tested against; none: the one of this version, else the agreed one.",
        ),
    ] = None,
    consumer: options.Consumer = None,
    consumer_version: options.ConsumerVersion = None,
    contract: Annotated[
        Path | None,
        typer.Option(
            "--contract", envvar="SIGNET_CONTRACT", metavar="FILE", help="The contract that was replayed, as a file."
        ),
    ] = None,
    branch: options.Branch = None,
    tool: options.Tool = "",
    url: options.Url = "",
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Record whether a running provider passed: against its spec, or against a consumer's contract.

    Without --consumer or --contract it is a spec test. With --consumer and --consumer-version, or with --contract FILE,
    it is the replay of that contract. The latest result of a version counts.

    The result comes in one of four ways: --passed, --failed, --junit or --exit-code. Several reports count as one,
    which passed if a test of it passed and none failed. The tool is the one that the report names, unless --tool names
    another.

    Exit code: 0 it is recorded, be it passed or failed; 3 a report is broken; 4 no test of the reports was run, which
    is no evidence: nothing is recorded.

    \b
    Examples:
      signet record-verification --name catalog --version 4.0.1 --passed --tool schemathesis
      signet record-verification --name catalog --version 4.0.1 --failed --consumer cart --consumer-version 2.1.0
      signet record-verification --name catalog --version 4.0.1 --junit build/test-results --url "$BUILD_URL"
      signet record-verification --name catalog --version 4.0.1 --exit-code $? --tool newman
    """
    from signet.registry import record

    is_replay = bool(consumer or consumer_version or contract)
    if is_replay and spec:
        raise UsageError("--spec is for a spec test; --consumer and --contract are for a replay.", "Pass one of them.")
    service = opening.required(name, "name")
    if is_replay and not contract:
        opening.required(consumer, "consumer")
        opening.required(consumer_version, "consumer-version")
    replayed = files.contract(contract) if contract else None
    tested = _spec(spec, service) if spec else None
    told = reported.told(passed, junit or (), exit_code)
    repo = opening.for_writing(registry)
    number = checkout.version(version)
    on = checkout.branch(branch)
    if not is_replay:
        receipt = record.record_spec_test(
            repo,
            service,
            number,
            passed=told.passed,
            spec=tested,
            branch=on,
            tool=tool or told.tool,
            url=url,
            details=told.details,
            how=opening.how(),
        )
    else:
        receipt = record.record_replay(
            repo,
            service,
            number,
            passed=told.passed,
            consumer=consumer or (replayed.contract.consumer if replayed else ""),
            consumer_version=consumer_version,
            contract=replayed.contract if replayed else None,
            branch=on,
            tool=tool or told.tool,
            url=url,
            details=told.details,
            how=opening.how(),
        )
    return receipts.recorded(receipt, as_json=json, **({"report": told.report} if told.report else {}))


def _spec(path: Path, service: str) -> SpecItem:
    from signet.registry.record import SpecItem

    read = files.spec(path)
    return SpecItem(read.spec, read.text, service)
