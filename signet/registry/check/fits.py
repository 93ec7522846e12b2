"""Fixtures that do not fit their spec any more: no mock answers with them, so whoever merges should know."""

from __future__ import annotations

from collections.abc import Iterator

from signet.errors import InvalidData, Undecided
from signet.registry import fitting, layout
from signet.registry.check.changed import Difference
from signet.registry.check.findings import Finding
from signet.registry.check.records import line


def check(found: Difference) -> Iterator[Finding]:
    """The misfits of services whose agreed spec or fixtures changed."""
    changed = {one.identity[1] for one in found.of("agreed-spec", "fixture") if one.identity}
    for service in sorted(changed):
        if not found.after.listing(f"services/{service}/fixtures"):
            continue
        try:
            judged = fitting.judged(found.after, service)
        except (InvalidData, Undecided):
            continue  # broken files are findings of their own; without a spec there is nothing to fit
        for fixture, misfits in judged:
            if misfits:
                path = layout.path("fixture", service, fixture.operation, fixture.name)
                first = misfits[0]
                more = f" (and {len(misfits) - 1} more)" if len(misfits) > 1 else ""
                where = line(found.after, path, first.contract_pointer)
                yield Finding("fixture-unfit", path, f"{first.message}{more}", first.contract_pointer, where)
