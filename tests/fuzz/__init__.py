"""Random and mutated input for every reader, tree, command and write; attacks with a name have tests of their own.

``SIGNET_FUZZ=thorough`` (``make test-slow``) draws many more examples, and other ones each time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

THOROUGH = os.environ.get("SIGNET_FUZZ") == "thorough"
TIMES = 5


def effort(examples: int, **more: object) -> settings:
    """So many examples in ``make test``, the same ones each time; many times more, and new ones, when thorough."""
    return settings(
        max_examples=examples * TIMES if THOROUGH else examples,
        derandomize=not THOROUGH,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.target, Phase.shrink),
        **more,  # type: ignore[arg-type]
    )
