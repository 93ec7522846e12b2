"""The request of an interaction: what a contract keeps of a request that was sent.

Headers are kept by a list of names; credentials are kept as samples, so that a spec that asks for some is not
contradicted; all other headers are left out, and named. JSON, forms and multipart bodies are kept with their values
replaced by rule; of any other body only its media type is.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from signet.core.formats import secrets
from signet.live.recording.exchange import Exchange, decoded, first, media_type
from signet.live.recording.replacing import NotJson, Values, parsed

KEPT = frozenset({"accept", "accept-language", "content-language", "content-type", "prefer"})
"""Headers of a request that a contract keeps with their values."""
UNTOLD = re.compile(
    r"host|user-agent|accept-(encoding|charset)|content-(length|md5|encoding)|connection|keep-alive|proxy-.*|te|trailer|"
    r"transfer-encoding|upgrade.*|via|forwarded|x-forwarded-.*|x-real-ip|origin|referer|date|dnt|expect|priority|"
    r"cache-control|pragma|if-.*|range|sec-.*|save-data|max-forwards|from|traceparent|tracestate|baggage|b3|x-b3-.*|"
    r"x-(request|correlation|trace|amzn-trace)-?id|sentry-trace|x-datadog-.*|x-signet-.*"
)
"""Headers that say nothing of what a consumer wants; nobody is told that they are left out."""
FORM = "application/x-www-form-urlencoded"
BOUNDARY = "signet-boundary"
PARTS = 1000
"""Parts of a multipart body, or fields of a form, that are kept; one with more is only passed on."""
UNQUOTED = ":@!$&'()*+,;=-._~"
"""Characters of a segment of a path that need no percent."""
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z _-]{0,23}\Z|-?[0-9]{1,9}(\.[0-9]{1,6})?\Z|\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Body:
    """A body in a contract: a JSON value, a text, or (``encoded``) bytes in base64. ``media_type`` may be empty."""

    content: Any
    media_type: str
    encoded: bool = False
    is_json: bool = False


@dataclass(slots=True)
class Request:
    """What a contract says of a request; ``left_out`` has the headers that it does not say."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Body | None
    left_out: dict[str, str] = field(default_factory=dict)
    bodiless: str = ""

    def words(self) -> Iterator[str]:
        """All texts of the path, the query and the body: what an answer may repeat."""
        yield from (unquote(segment) for segment in self.path.split("/"))
        for name, values in self.query.items():
            yield from (name, *values)
        if self.body is not None and not self.body.encoded:
            yield from _texts(self.body.content)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
    elif value is not None:
        yield str(value)


Given = tuple[str, str]
"""An id that the provider gave away in this run: of what it is one, and the id."""


def thing(name: str) -> str:
    """What one of a collection is called, as far as it takes to compare: ``orders``, ``Order`` are one."""
    plain = secrets.plain_name(name).removesuffix("s")
    return f"{plain.removesuffix('ie')}y" if plain.endswith("ie") else plain


def made(exchange: Exchange, values: Values, given_away: Set[Given]) -> Request:
    """The request for the contract; ``given_away`` are ids that the provider made up in this run."""
    raw_path, _, raw_query = exchange.target.partition("?")
    path = _path(raw_path, values, given_away)
    request = Request(exchange.method, path, _query(raw_query, values), {}, None)
    _headers(request, exchange, values)
    _body(request, exchange, values)
    return request


# --- path and query --------------------------------------------------------------------------------------------------


def _path(path: str, values: Values, given_away: Set[Given]) -> str:
    """The path as it was sent, but for segments with something to replace; after ``/token/`` comes a secret."""
    kept: list[str] = []
    segments = path.split("/")
    for at, segment in enumerate(segments):
        text = unquote(segment)
        before = unquote(segments[at - 1]) if at else ""
        if (thing(before), text) in given_away and not values.known.names(text):
            kept.append("1")
            continue
        is_secret = values.choice.is_secret(before) and bool(re.search("[0-9]", text)) and len(text) >= 6
        clean = values.hidden(text) if is_secret else values.text(text)
        kept.append(segment if clean == text else quote(clean, safe=UNQUOTED))
    return "/".join(kept)


def _query(query: str, values: Values) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in _pairs(query, values):
        found.setdefault(name, []).append(value)
    return found


def _pairs(form: str, values: Values) -> Iterator[tuple[str, str]]:
    """The fields of a query or form, with their values replaced; a name that is a secret is left out."""
    for part in form.split("&"):
        name, _, value = part.partition("=")
        name = unquote_plus(name)
        if part and values.text(name) == name:
            yield name, values.value(unquote_plus(value), name)


# --- headers ---------------------------------------------------------------------------------------------------------


def _headers(request: Request, exchange: Exchange, values: Values) -> None:
    found: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        plain = name.lower()
        if plain in KEPT or plain in values.choice.headers:
            kept = _multipart_type(value) if plain == "content-type" else values.value(value, name)
            found.setdefault(plain, []).append(kept)
        elif plain in ("authorization", "proxy-authorization"):
            values.learned.update(_said_by(value))
            found.setdefault(plain, []).append(_credentials(value))
        elif plain == "cookie":
            values.learned.update(part.partition("=")[2].strip() for part in value.split(";"))
            found.setdefault(plain, []).extend(_cookies(value))
        elif values.choice.is_secret(name):
            found.setdefault(plain, []).append(values.hidden(value))
        elif not UNTOLD.fullmatch(plain):
            request.left_out[plain] = value
    for name in sorted(found):
        written = "-".join(word.capitalize() for word in name.split("-"))
        request.headers[written] = ("; " if name == "cookie" else ", ").join(found[name])


def _credentials(value: str) -> str:
    scheme = value.strip().partition(" ")[0]
    known = {"basic": f"Basic {secrets.NO_LOGIN}", "bearer": f"Bearer {secrets.SAMPLE}"}
    if scheme.lower() in known:
        return known[scheme.lower()]
    is_scheme = scheme.isalpha() and len(scheme) <= 12 and scheme != value.strip()
    return f"{scheme} {secrets.SAMPLE}" if is_scheme else secrets.SAMPLE


def _said_by(credentials: str) -> Iterator[str]:
    """The secrets in the value of Authorization: all of it, what follows the scheme, and a password in that."""
    scheme, _, rest = credentials.strip().partition(" ")
    yield rest.strip() or scheme
    if scheme.lower() == "basic":
        with contextlib.suppress(ValueError):
            plain = base64.b64decode(rest.strip(), validate=True).decode()
            yield from (plain, plain.partition(":")[2])


def _cookies(value: str) -> Iterator[str]:
    """Each cookie with a sample for its value, whatever its name; one with a random name is left out."""
    for part in sorted(value.split(";")):
        name, _, own = part.strip().partition("=")
        if name and re.fullmatch(r"[!#$%&'*+.^`|~\w-]+", name) and secrets.replaced(name) == name:
            yield f"{name}={secrets.sample(own.strip())}"


def _multipart_type(value: str) -> str:
    """A content type; the boundary of a multipart body is another one in each run."""
    kind = value.partition(";")[0].strip()
    return f"{kind}; boundary={BOUNDARY}" if kind.lower().startswith("multipart/") else secrets.replaced(value)


# --- bodies ----------------------------------------------------------------------------------------------------------


def _body(request: Request, exchange: Exchange, values: Values) -> None:
    if exchange.body is None:
        request.bodiless = "a request body that is too large"
        return
    if not exchange.body:
        return
    kind = media_type(exchange.headers)
    raw = decoded(exchange.body, exchange.headers)
    if raw is None:
        request.bodiless = "a request body in an encoding that cannot be read, or too large"
        return
    if not kind or kind.endswith(("/json", "+json")):
        try:
            request.body = Body(values.value(parsed(raw)), kind or "application/json", is_json=True)
            return
        except NotJson:
            pass
    if kind == FORM:
        if raw.count(b"&") > PARTS:
            request.bodiless = "a form of very many fields"
            return
        pairs = _pairs(raw.decode("utf-8", "replace"), values)
        request.body = Body("&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs), kind)
        return
    if kind.startswith("multipart/"):
        parts = _multipart(raw, first(exchange.headers, "content-type"), values)
        if parts is not None:
            request.body = Body(parts, f"{kind}; boundary={BOUNDARY}")
            return
    is_text = kind.startswith("text/") or kind.endswith(("/xml", "+xml", "/json", "+json"))
    request.body = Body(
        secrets.SAMPLE if is_text else secrets.NO_BYTES, kind or "application/octet-stream", encoded=not is_text
    )


def _multipart(raw: bytes, content_type: str, values: Values) -> str | None:
    """The parts with a boundary of ours: fields by rule, files as samples; None where it cannot be read."""
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    if raw.count(b"\n--") > PARTS:
        return None
    try:
        whole = BytesParser(policy=policy.HTTP).parsebytes(head + raw)
    except RecursionError:
        return None
    if not whole.is_multipart():
        return None
    written = []
    for part in whole.iter_parts():
        if not isinstance(part, EmailMessage):
            return None
        name = part.get_param("name", "", "content-disposition")
        named = name if isinstance(name, str) else ""
        if secrets.replaced(named) != named or re.search(r"[\"\r\n]", named):
            continue
        disposition = f'Content-Disposition: form-data; name="{named}"'
        file = part.get_filename()
        if file is not None:
            disposition += f'; filename="sample{_ending(file)}"'
        typed = f"\r\nContent-Type: {part.get_content_type()}" if part.get("content-type") else ""
        written.append(
            f"--{BOUNDARY}\r\n{disposition}{typed}\r\n\r\n{_field(part, named, file is not None, values)}\r\n"
        )
    return "".join(written) + f"--{BOUNDARY}--\r\n"


def _ending(file: str) -> str:
    found = re.search(r"\.[A-Za-z]{1,5}\Z", file)
    return found[0].lower() if found else ""


def _field(part: EmailMessage, name: str, is_file: bool, values: Values) -> str:
    """The text of a part: what is neither JSON nor a plain word or number is a sample."""
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    if part.get_content_type().endswith(("/json", "+json")):
        try:
            return json.dumps(values.value(parsed(raw), name), default=float, sort_keys=True)
        except NotJson:
            return secrets.SAMPLE
    text = raw.decode("utf-8", "replace")
    if is_file:
        return secrets.SAMPLE
    if values.choice.is_secret(name):
        return values.hidden(text)
    is_kept = _PLAIN_WORD.match(text) or values.choice.is_plain(name)
    clean: str = values.value(text, name)
    return clean if is_kept else secrets.sample(text)


def as_json(request: Request) -> Mapping[str, Any]:
    """All that makes a request another one, as a plain value."""
    body = None if request.body is None else [request.body.content, request.body.media_type]
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "headers": request.headers,
        "body": body,
    }
