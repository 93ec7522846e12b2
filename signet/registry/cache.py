"""Where the cache is: mirrors of remotes, results of comparisons, all of which can be made again.

It may be deleted at any time, and no answer changes. This module names the directory; it makes and keeps nothing.
"""

from __future__ import annotations

import os
from pathlib import Path


def root(given: Path | None = None) -> Path:
    """The cache directory: the given one, else ``$SIGNET_CACHE``, else Signet's own in the user's cache directory."""
    return (given or Path(os.environ.get("SIGNET_CACHE") or _of_the_user())).absolute()


def _of_the_user() -> str:
    import platformdirs

    return platformdirs.user_cache_dir("signet")
