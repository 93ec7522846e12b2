"""A provider that is started for a test, waited for, and always ended, with all that it started.

    with started("uvicorn app:app --port {port}", folder=here, log=log, wait_for="/health") as provider:
        ...                  # requests to provider.url; programs that run here get provider.variables
        provider.check()     # CouldNotTest if it has ended on the way

Leaving the block ends it: normally, by an error, by Ctrl-C, by SIGTERM; and if Signet is killed, its ``guardian`` (a
process of its own) does. ``left`` leaves a provider running for other commands. Only the standard library is used.
Linux knows all processes of a provider (``tree``), other systems its process group. Nothing here judges what a
provider answers, but whether it is healthy (``reach``).
"""

from signet.live.provider.running import URL, Provider
from signet.live.provider.start import started

__all__ = ["URL", "Provider", "started"]
