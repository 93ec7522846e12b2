"""``signet stop-provider``: the end of a provider that 'start-provider' left running."""

from __future__ import annotations

from signet.cli import lifecycle, options, render
from signet.errors import UsageError


def stop_provider(
    url_file: lifecycle.UrlFile = None,
    json: options.Json = False,
) -> int:
    """End the provider that 'signet start-provider' left running, with all that it started.

    Which one it is, the file with its URL tells, and the state beside it; both are removed. The log stays. That no
    provider runs any more, or that it had ended by itself, is said and is no error.

    \b
    Example:
      signet stop-provider --url-file provider.url

    Exit code: 0 nothing of it runs any more; 2 wrong use; 4 something of it could not be ended.
    """
    from signet.live.provider import left

    if url_file is None:
        raise UsageError("--url-file is missing.", "Name the file that was given to 'signet start-provider'.")
    stopped = left.stop(url_file)
    state = stopped.state
    if json:
        known = {"url": state.url if state else None, "log": state.log if state else None}
        ended = {"stopped": stopped.ran, "had_ended": stopped.ended or None}
        render.say_json({"schema": "signet.stopped/1", **known, **ended})
    elif state is None:
        render.say(f"no provider runs for {url_file}")
    elif stopped.ran:
        render.say(f"the provider at {state.url} has ended")
    else:
        render.say(f"the provider at {state.url} had ended before: {stopped.ended or 'nobody saw how'}")
    return 0
