"""Random and mutated input for every reader, tree, command and write; attacks with a name have tests of their own.

``SIGNET_FUZZ=thorough`` (``make test-slow``) draws many more examples, the same ones each time; ``SIGNET_FUZZ=new``
(``make fuzz``) as many, and other ones each time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

NEW = os.environ.get("SIGNET_FUZZ") == "new"
THOROUGH = NEW or os.environ.get("SIGNET_FUZZ") == "thorough"
TIMES = 5


def effort(examples: int, **more: object) -> settings:
    """Half of so many examples in ``make test``, and many times more when thorough; other ones each time if asked."""
    return settings(
        max_examples=examples * TIMES if THOROUGH else max(examples // 2, 5),
        derandomize=not NEW,
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.target, Phase.shrink),
        **more,  # type: ignore[arg-type]
    )
