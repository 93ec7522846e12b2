"""From what was asked and answered to a contract: exchanges in, a Pact document out, without secrets.

    recorder = Recorder("cart", "catalog")
    recorder.add(Exchange(...))              # by a proxy, or by a mock
    recording = recorder.recording()         # recording.document is the contract, recording.notes what is not in it

Two exchanges are the same interaction if, after secrets and values that change from run to run have been replaced,
method, path, query, kept headers, body and provider states of the request are equal, and so are the status and
the media type of the answer. What the answers of one interaction have in common is what the contract expects. So the
order in which exchanges come, and how often, changes nothing. Nothing here talks to anybody, and nothing writes a file
but ``writing``.
"""

from signet.live.recording.exchange import Exchange
from signet.live.recording.recorder import Recorder, Recording
from signet.live.recording.replacing import Choice

__all__ = ["Choice", "Exchange", "Recorder", "Recording"]
