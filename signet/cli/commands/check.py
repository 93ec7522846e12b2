"""``signet check``: is this registry, or this change of it, allowed, and what does merging it do?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from signet.cli import checks, opening, options, render

if TYPE_CHECKING:
    from signet.cli.checks.report import Report
    from signet.core.whatif import Outlook
    from signet.registry.check import Checked
    from signet.registry.opening import Repository


def check(
    ctx: typer.Context,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            envvar="SIGNET_BASE",
            metavar="REVISION",
            help="What the change would be merged into: a commit, a branch (origin/main), a date; none: the whole tree "
            "is looked at, but in CI of a pull request its base.",
        ),
    ] = None,
    revision: Annotated[
        str | None,
        typer.Option(
            "--revision",
            envvar="SIGNET_REVISION",
            metavar="REVISION",
            help="The change: a commit or a branch; none: the head of the registry, or of the pull request.",
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            envvar="SIGNET_FORMAT",
            metavar="text|json|markdown|sarif|github",
            help="How to answer on stdout; --json is short for json.",
        ),
    ] = None,
    offline: options.Offline = False,
    registry: options.Registry = None,
    json: options.Json = False,
) -> int:
    """Is this registry, or this change of it, allowed, and what does merging it do?

    Without --base the whole tree is looked at: formats, names, paths, references, secrets. With --base only what
    --revision changes, merged into it (without a work tree): the same rules, that nothing published changes, and by
    environment which pairs of live versions turn against each other, and whom a changed agreed spec breaks.

    In CI of a pull request of the registry itself, --registry . takes base and head of that request. The environments
    that must not turn red are those of production, or 'check: {protected: [...]}' in the signet.yaml of the base.

    --format markdown is one page for a comment, github and sarif have a place in a file for everything.

    \b
    Examples:
      signet check --registry .
      signet check --registry . --base origin/main
      signet check --registry . --base origin/main --revision topic --format markdown > check.md

    Exit code: 0 allowed, 1 faults, or a protected environment turns red.
    """
    answer = checks.chosen(format_, as_json=json, as_json_typed=options.is_typed(ctx, "json"))
    repo = opening.for_checking(registry, offline=offline)
    report = _report(repo, *_sides(repo, base, revision))
    checks.show(answer, report)
    return 0 if report.is_allowed else 1


def _sides(repo: Repository, base: str | None, revision: str | None) -> tuple[str | None, str]:
    """The commits of both sides: those that are named, else those of the pull request that CI is about."""
    from signet.cli import checkout
    from signet.registry import opening as registries

    if base is None and revision is None and registries.is_around(repo):
        run = checkout.run()
        if run and run.base and run.commit:
            render.note(f"base {run.base.value} ({run.base.source}), revision {run.commit.value} ({run.commit.source})")
            base, revision = run.base.value, run.commit.value
        elif run and run.request:
            render.note(f"{run.system} does not say what the pull request would be merged into: pass --base")
    named = registries.commit_of(repo, revision or "HEAD")
    return (registries.commit_of(repo, base) if base is not None else None), named


def _report(repo: Repository, base: str | None, revision: str) -> Report:
    from signet.cli.checks.placing import report
    from signet.errors import InvalidData
    from signet.registry.check import check as checked

    found = checked(repo, base, revision)
    if base is None:
        return report(found, None)
    try:
        return report(found, _outlook(found))
    except InvalidData as error:
        if not found.faults:
            raise
        return report(found, None, f"nobody can tell what merging it does: {error.message}")


def _outlook(found: Checked) -> Outlook:
    from signet.cli import severities
    from signet.core.whatif import whatif
    from signet.registry.check import published

    return whatif(found.before, found.after, published(found), severities.today(found.severities))
