"""``signet changes``: what changed from one spec to another, and what of it can break a consumer?"""

from __future__ import annotations

from typing import Annotated

import typer

from signet.cli import formats, named, opening, options, severities
from signet.cli.boundary import BY_VERDICT
from signet.errors import UsageError

FAIL_ON = {"breaking": ("breaking",), "warning": ("breaking", "warning"), "none": ()}
"""What ``--fail-on`` may say, and the verdicts that are a no then."""


def changes(
    ctx: typer.Context,
    base: Annotated[
        str,
        typer.Argument(
            metavar="BASE", help="The spec that was: a file, or SERVICE[@VERSION] (its agreed spec without a version)."
        ),
    ],
    revision: Annotated[str, typer.Argument(metavar="REVISION", help="The spec that is to be: the same.")],
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            envvar="SIGNET_FAIL_ON",
            metavar="breaking|warning|none",
            help="From which level on the answer is a no.",
        ),
    ] = "breaking",
    at: options.At = None,
    offline: options.Offline = False,
    format_: options.Format = None,
    quiet: options.Quiet = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """What changed from one spec to another, and what of it can break a consumer?

    Each side is a file, or a name in the registry; what exists as a file is a file. Two files need no registry; with a
    name, or with --registry, the severities in its signet.yaml count. A request may only accept more, and an answer may
    only promise more: everything else is breaking, or a warning where the specs alone do not tell.

    --format junit has a test case for each operation in which something changed, sarif and github have a place in the
    revision for each change, markdown is for job summaries and pull requests.

    \b
    Examples:
      signet changes catalog openapi.yaml
      signet changes catalog@1.4.0 catalog@2.0.0 --fail-on warning
      signet changes main/openapi.yaml openapi.yaml --format markdown
      signet changes catalog openapi.yaml --json

    Exit code: 0 nothing breaks, 1 something does, 4 not everything could be compared.
    """
    answer = formats.chosen(format_, as_json=json, as_json_typed=options.is_typed(ctx, "json"))
    if fail_on not in FAIL_ON:
        raise UsageError(f"There is no level '{fail_on}' to fail on.", f"The levels are: {', '.join(FAIL_ON)}.")
    state = None
    if options.is_typed(ctx, "registry") or not (named.is_file(base) and named.is_file(revision)):
        state = opening.for_reading(registry, at=at, offline=offline)
    before, base_side = named.spec(base, state)
    after, revision_side = named.spec(revision, state)
    from signet.cli.formats.changed import Changed
    from signet.core.changes import compare

    found = compare(before, after, severities.today(state.changes_policy() if state else None))
    formats.show(answer, Changed(found, revision_side, base_side, state.commit if state else None, quiet))
    if found.verdict == "undecided":
        return BY_VERDICT["undecided"]
    return BY_VERDICT["no" if found.verdict in FAIL_ON[fail_on] else "yes"]
