"""The productive versions by one GET of a URL: no redirect, no proxy, bounded in time and size."""

from __future__ import annotations

from urllib.parse import quote

from signet.core.placeholders import filled
from signet.errors import CouldNotTest
from signet.live.replay.plan import Limits, Transport, checked_url
from signet.live.replay.upstream import NoAnswer, Upstream
from signet.live.resolution.answer import LARGEST, Counterpart, Question, read

NAME = "The answer of --resolve-url"


def by_url(template: str, question: Question, seconds: float) -> tuple[Counterpart, ...]:
    """``{service}``, ``{role}``, ``{other}`` and ``{environment}`` in the URL are filled in, percent-encoded.

    UsageError for a URL that is none; CouldNotTest if nobody answers with 2xx in time; InvalidData for the answer.
    """
    checked_url(template.replace("{", "").replace("}", ""), "--resolve-url")
    (url,) = filled([template], {name: quote(value, safe="") for name, value in question.values.items()})
    upstream = Upstream(checked_url(url, "--resolve-url"), Limits(largest=LARGEST), Transport())
    headers = [("Host", upstream.host), ("Accept", "application/json"), ("Accept-Encoding", "identity")]
    try:
        answer = upstream.send("GET", upstream.target, [*headers, ("User-Agent", "signet")], b"", seconds)
    except NoAnswer as error:
        raise CouldNotTest(
            f"Which version of {question.service} is productive is not known: --resolve-url: {error}.",
            "Is the URL right, and does something listen there?",
        ) from None
    if not 200 <= answer.status < 300:
        raise CouldNotTest(
            f"Which version of {question.service} is productive is not known: --resolve-url answered {answer.status}.",
            "It must answer 2xx; an empty list ([]) says that no version is productive.",
        )
    return read(answer.body, NAME)
