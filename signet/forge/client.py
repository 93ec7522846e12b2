"""HTTP with a forge's API: one origin, one token, answers of a bounded size; and what its refusals mean.

The token goes into a header for this origin alone: a redirect is followed on the same origin only (renamed and moved
repositories), a few times, with the same method and body. No cookies of others, no .netrc. Proxies come from the usual
variables (``https_proxy``, ``no_proxy``), certificates from the machine or ``GIT_SSL_CAINFO``. What the forge says is
data: one short line, without the token.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin, urlsplit

from signet import __version__
from signet.errors import ForgeRefused, ForgeUnreachable, SignetError, UsageError
from signet.forge.choice import Choice

if TYPE_CHECKING:
    import httpx

LARGEST = 20 << 20
"""Bytes of an answer; a page of pull requests is below one megabyte."""
CONNECTING, ANSWERING = 10.0, 30.0
"""Seconds."""
MOST_REDIRECTS = 3
LONGEST = 300
_REDIRECTS = (301, 302, 307, 308)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the status, the headers by small name, and the JSON value (None where it is none)."""

    status: int
    headers: Mapping[str, str]
    value: Any


class Client:
    """Questions to one forge. Use it as a context manager.

    ``said`` makes the words of a forge out of the value of an answer; ``headers`` are its own, with the login.
    """

    def __init__(self, choice: Choice, headers: Mapping[str, str], said: Callable[[Any], str]) -> None:
        import httpx

        self.choice = choice
        self._said = said
        self._base = choice.api
        try:
            self._http = httpx.Client(
                headers={"User-Agent": f"signet/{__version__}", "Accept": "application/json", **headers},
                timeout=httpx.Timeout(ANSWERING, connect=CONNECTING),
                verify=_trust() if choice.api.startswith("https:") else False,
                follow_redirects=False,
            )
        except (ValueError, ImportError) as error:
            raise UsageError(
                "The proxy is none that can be used for a forge.", "Name it as http://host:port in https_proxy."
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Any:
        """The value at a path."""
        return self.accepted(self.asked("GET", path, query=query)).value

    def send(self, method: str, path: str, body: Any) -> Any:
        """The value that comes of sending one."""
        return self.accepted(self.asked(method, path, body=body)).value

    def accepted(self, answer: Answer) -> Answer:
        """The answer, if it is one that says yes; ForgeRefused or ForgeUnreachable else."""
        if not 200 <= answer.status < 300:
            raise self.trouble(answer)
        return answer

    def asked(
        self, method: str, path: str, *, query: Mapping[str, str | int] | None = None, body: Any = None
    ) -> Answer:
        """Whatever the forge answers. ForgeUnreachable where it does not, or sends the token somewhere else."""
        url = self._base + path
        params = {key: str(value) for key, value in (query or {}).items()} or None
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._exchange(method, url, params, body)
            if answer.status not in _REDIRECTS:
                return answer
            url, params = self._elsewhere(url, answer.headers.get("location", "")), None
        raise self._strange("it redirects without an end")

    def _elsewhere(self, url: str, location: str) -> str:
        """The address that a redirect names, on the same origin."""
        try:
            target = urljoin(url, location)
            same = _origin(target) == _origin(url)
        except ValueError:
            target, same = "", False
        if not location or not same:
            raise ForgeRefused(
                f"{self.choice.name} sends the question to another address.",
                "The repository may have moved: name the registry by its new address.",
                code="forge-moved",
            )
        return target

    def _exchange(self, method: str, url: str, params: Mapping[str, str] | None, body: Any) -> Answer:
        import httpx

        try:
            with self._http.stream(method, url, params=params, json=body) as response:
                content = self._content(response)
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, headers, _value(content))
        except httpx.TimeoutException:
            raise self._strange("it does not answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ssl.SSLError) as error:
            raise self._strange(self.words(str(error)) or type(error).__name__) from None

    def _content(self, response: httpx.Response) -> bytes:
        content = bytearray()
        for block in response.iter_bytes():
            content += block
            if len(content) > LARGEST:
                raise self._strange("its answer is too large")
        return bytes(content)

    def _strange(self, what: str) -> ForgeUnreachable:
        return ForgeUnreachable(
            f"{self.choice.name} at {urlsplit(self._base).netloc} gives no usable answer: {what}.",
            "Run the command again later.",
        )

    def words(self, text: str) -> str:
        """Text of others as one short line without the token."""
        token = self.choice.token
        line = " ".join((text.replace(token, "***") if token else text).split())
        clean = "".join(char if char.isprintable() else "?" for char in line).rstrip(".")
        return clean if len(clean) <= LONGEST else clean[: LONGEST - 3] + "..."

    def trouble(self, answer: Answer) -> SignetError:
        """What an answer that is no yes means, with what helps."""
        name, variable = self.choice.name, self.choice.variable
        words = self.words(self._said(answer.value)) if answer.value is not None else ""
        told = f" ({words})" if words else ""
        wait = _wait(answer)
        if answer.status == 429 or (answer.status == 403 and (wait is not None or "rate limit" in words.lower())):
            when = f"in {wait} seconds" if wait is not None else "in some minutes"
            return ForgeUnreachable(
                f"{name} takes no more questions for now: its rate limit is reached{told}.",
                f"Run the command again {when}.",
                code="forge-rate-limit",
                wait=wait,
            )
        match answer.status:
            case 401:
                return ForgeRefused(
                    f"{name} does not accept the token{told}.",
                    f"Look at {variable}: is it for this forge, and still valid?",
                    code="forge-login",
                )
            case 403:
                return ForgeRefused(
                    f"The token may not do this at {name}{told}.",
                    f"Give the token in {variable} the right to write pull requests in {self.choice.path}.",
                    code="forge-forbidden",
                )
            case 404:
                return ForgeRefused(
                    f"{name} knows no repository {self.choice.path}, or the token may not see it{told}.",
                    f"Check the registry's address, and which repositories the token in {variable} covers.",
                    code="forge-not-found",
                )
            case status if status >= 500:
                return ForgeUnreachable(
                    f"{name} has a problem of its own: HTTP {status}{told}.", "Run the command again later."
                )
            case status:
                return ForgeRefused(
                    f"{name} refused the request: HTTP {status}{told}.",
                    "Do what it asks for, and run the command again; or open the request by hand.",
                )


def field(value: Any, *steps: str) -> Any:
    """The value below a JSON object; ForgeUnreachable where it is not there: then it is no forge's answer."""
    for step in steps:
        if not isinstance(value, dict) or step not in value:
            raise ForgeUnreachable(
                f"The forge's answer has no '{'.'.join(steps)}'.",
                "Is the address that of the forge, and is it the forge that was named? See --forge and --forge-url.",
            )
        value = value[step]
    return value


def listed(value: Any) -> list[Any]:
    """A JSON array; ForgeUnreachable for anything else."""
    if not isinstance(value, list):
        raise ForgeUnreachable("The forge's answer is no list.", "Is it the forge that was named? See --forge.")
    return value


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _value(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _wait(answer: Answer) -> int | None:
    """Seconds until the forge takes questions again, by what GitHub, GitLab and proxies say."""
    headers = answer.headers
    if (after := headers.get("retry-after", "")).isdecimal():
        return int(after[:9])
    for prefix in ("x-ratelimit", "ratelimit"):
        reset = headers.get(f"{prefix}-reset", "")
        if headers.get(f"{prefix}-remaining") == "0" and reset.isdecimal():
            return max(1, int(reset[:12]) - int(time.time()) + 1)
    return None


def _trust() -> ssl.SSLContext:
    bundle = os.environ.get("GIT_SSL_CAINFO")
    try:
        return ssl.create_default_context(cafile=bundle or None)
    except (OSError, ssl.SSLError) as error:
        raise UsageError("The certificates in GIT_SSL_CAINFO cannot be read.", "Look at that file.") from error
