"""A provider in provider states as long as a block runs: what replays do for each interaction, for other tests.

with in_states(["the shop as it opens"], plan):
...
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from signet.errors import CouldNotTest, UsageError
from signet.live.replay import hosting, setters
from signet.live.replay.masking import Masking
from signet.live.replay.plan import ByFunctions, ByUrl, Plan, check_headers, checked_url
from signet.live.replay.states import NotSet, Setter, Wanted


@contextmanager
def in_states(
    names: Sequence[str],
    plan: Plan,
    *,
    tell: Callable[[str], None] | None = None,
    masked: Callable[[str], str] | None = None,
) -> Iterator[None]:
    """Set states up, in their order, before the block; tear them down after it, the last one first.

    Without names nothing happens. UsageError where the plan sets no states; CouldNotTest where one could not be set up
    or torn down, for then nobody knows what was tested.
    """
    if not names:
        yield
        return
    masking = Masking(plan.secrets, masked)
    if plan.states is None:
        raise UsageError(f"The state '{names[0]}' is asked for, and nothing sets states.", "Say how they are set.")
    if isinstance(plan.states, ByUrl):
        checked_url(plan.states.url, "The URL of provider states")
        check_headers(plan.states.headers)

    def heard(line: str) -> None:
        if tell is not None:
            tell(masking(f"states: {line}"))

    with masking.errors(), ExitStack() as stack:
        host = None
        if isinstance(plan.states, ByFunctions):
            host = hosting.Host((plan.states.module,), plan.limits, heard)
            stack.callback(host.close)
            host.start()
        setter = setters.setter(plan, host)
        if setter is None:
            raise UsageError("Nothing sets states.", "Say how they are set.")
        tokens = itertools.count(1)
        with _stood(setter, [Wanted(next(tokens), name, {}, "") for name in names]):
            yield


@contextmanager
def _stood(setter: Setter, wanted: Sequence[Wanted]) -> Iterator[None]:
    ready: list[Wanted] = []
    try:
        for one in wanted:
            ready.append(one)
            _done(setter.set_up, one)
        yield
    except BaseException:
        for one in reversed(ready):
            try:
                setter.tear_down(one)
            except (NotSet, CouldNotTest):  # the first thing that went wrong is the one to tell
                continue
        raise
    for one in reversed(ready):
        _done(setter.tear_down, one)


def _done(action: Callable[[Wanted], object], one: Wanted) -> None:
    try:
        action(one)
    except NotSet as error:
        raise CouldNotTest(
            f"The provider could not be put into its state: {error}.", "Mend what sets its states."
        ) from None
