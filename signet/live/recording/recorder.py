"""Collects exchanges as interactions, in bounded memory, and gives the contract that they make.

What is kept is one entry for each interaction, however often it was seen. What does not get into the contract is
counted by its reason: nothing is lost silently. It may be called from several threads.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from signet.core.formats import secrets
from signet.core.formats.canonical import dump
from signet.live.recording import answers, contract, requests, states
from signet.live.recording.exchange import Exchange, decoded, media_type
from signet.live.recording.replacing import Choice, Known, NotJson, Values, parsed

ROOM = 16 * 1024 * 1024
"""Bytes of all interactions together; the registry reads contracts of up to 20 MB."""
WORD = 6
"""Characters of the shortest secret that is looked for again; shorter ones are parts of other words."""
_SEEN = 50_000


@dataclass(slots=True)
class Entry:
    """An interaction: its request, its states, and what its answers have in common."""

    request: requests.Request
    states: list[states.State]
    status: int
    headers: dict[str, str]
    shape: Any
    size: int
    notes: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded. ``lost`` counts, by reason, exchanges that are not in it; ``notes`` are for people."""

    document: Mapping[str, Any]
    interactions: int
    exchanges: int
    lost: Mapping[str, int]
    notes: tuple[str, ...]

    @property
    def content(self) -> bytes:
        """The document as it is written into a file."""
        return dump(self.document, 2).encode() + b"\n"


class Recorder:
    """Makes a contract of a consumer with a provider from what they say to each other."""

    def __init__(
        self, consumer: str, provider: str, choice: Choice | None = None, state_of: states.Function | None = None
    ) -> None:
        self.consumer, self.provider = consumer, provider
        self._choice = choice or Choice()
        self._state_of = state_of
        self._entries: dict[str, Entry] = {}
        self._seen: set[bytes] = set()
        self._given_away: set[str] = set()
        self._secrets: dict[str, bytes] = {}
        self._size = 0
        self._exchanges = 0
        self._lost: Counter[str] = Counter()
        self._noted: Counter[str] = Counter()
        self._left_out: set[str] = set()
        self._lock = threading.Lock()

    def add(self, exchange: Exchange) -> None:
        """Take an exchange in. Whatever is wrong with it becomes a note; nothing is raised."""
        with self._lock:
            self._exchanges += 1
            if self._state_of is None:
                digest = exchange.digest()
                if digest in self._seen:
                    return
                if len(self._seen) < _SEEN:
                    self._seen.add(digest)
            try:
                self._add(exchange)
            except states.WrongState as error:
                self._lost[str(error)] += 1

    def hides(self, *texts: str) -> None:
        """These are secrets, wherever they turn up."""
        with self._lock:
            self._secrets.update((each, each.encode()) for each in texts if len(each) >= WORD)

    def noted(self, what: str) -> None:
        """Count something that is not recorded, and is no answer that a contract could expect."""
        with self._lock:
            self._noted[what] += 1

    def _add(self, exchange: Exchange) -> None:
        told = states.of(exchange, self._state_of)
        known = Known(*(word for name, params in told for word in (name, dump_texts(params))))
        asked = Values(self._choice, known, repeated=self._told(exchange.target.encode(), exchange.body or b""))
        request = requests.made(exchange, asked, self._given_away)
        named = [(asked.text(name), asked.value(params)) for name, params in told]
        self._left_out.update(request.left_out)
        self._learn(asked)
        body = decoded(exchange.answer_body or b"", exchange.answer_headers) or b""
        again = (*self._told(body, repr(exchange.answer_headers).encode()), *request.left_out.values())
        repeated = known.and_in(*request.words())
        answered = Values(self._choice, repeated, answer=True, repeated=[each for each in again if len(each) >= WORD])
        found, why = answers.shape(exchange, answered)
        if exchange.status == 201:
            self._given_away.update(_ids(exchange, repeated))
        headers = answers.headers(exchange, answered)
        self._learn(answered)
        self._put(Entry(request, named, exchange.status, headers, found, 0), why)

    def _learn(self, values: Values) -> None:
        """Remember the secrets that were replaced: tests and providers repeat them where nobody expects them."""
        for each in sorted(values.learned):
            if len(each) >= WORD and len(self._secrets) < _SEEN // 10:
                self._secrets[each] = each.encode("utf-8", "replace")

    def _told(self, *places: bytes) -> list[str]:
        """The secrets that come again in one of these places, the longest first."""
        found = [each for each, raw in self._secrets.items() if any(raw in place for place in places)]
        return sorted(found, key=lambda each: (-len(each), each))

    def _put(self, entry: Entry, why: str) -> None:
        kind = entry.headers.get("Content-Type", "")
        key = dump([requests.as_json(entry.request), [list(each) for each in entry.states], entry.status, kind])
        for reason in filter(None, (why, entry.request.bodiless)):
            self._noted[reason] += 1
        before = self._entries.get(key)
        if before is None:
            entry.size = len(key) + len(answers.as_text(entry.shape))
            if self._size + entry.size > ROOM:
                self._lost["there is no room for more in a contract"] += 1
                return
            self._size += entry.size
            self._entries[key] = entry
            return
        before.shape = answers.met(before.shape, entry.shape)
        before.headers = {
            name: min(value, entry.headers[name]) for name, value in before.headers.items() if name in entry.headers
        }

    def recording(self, version: int = 4) -> Recording:
        """The contract so far, in Pact version 3 or 4. What still looks like a secret there is not in it."""
        with self._lock:
            lost = Counter(self._lost)
            kept = []
            for item in contract.interactions(self._entries.values(), version):
                leak = next(secrets.scan(item, skip=self._is_plain), None)
                if leak is not None:
                    lost[f"it holds what looks like {leak.kind}"] += 1
                elif any(len(each) >= 2 * WORD for each in self._told(dump(item).encode())):
                    lost["it repeats a secret"] += 1
                else:
                    kept.append(item)
            document = contract.document(self.consumer, self.provider, kept, version)
            return Recording(document, len(kept), self._exchanges, lost, tuple(self._notes()))

    def _is_plain(self, pointer: str) -> bool:
        return any(self._choice.is_plain(each) for each in pointer.split("/"))

    def _notes(self) -> list[str]:
        found = [f"not recorded: {what}" + (f" ({count} times)" if count > 1 else "") for what, count in
                 sorted(self._noted.items())]  # fmt: skip
        names = sorted(name for name in self._left_out if secrets.replaced(name) == name)
        if names:
            found.append(f"request headers left out: {', '.join(names)} (--keep-header NAME keeps one)")
        return found


def dump_texts(value: Any) -> str:
    """All that a plain value says, as one text."""
    try:
        return dump(value)
    except (TypeError, ValueError):
        return ""


def _ids(exchange: Exchange, known: Known) -> set[str]:
    """The ids that an answer gives to what it has just created: numbers that nobody named before."""
    found = set()
    location = next((value for name, value in exchange.answer_headers if name.lower() == "location"), "")
    last = location.partition("?")[0].rstrip("/").rpartition("/")[2]
    if last.isdigit():
        found.add(last)
    body = decoded(exchange.answer_body or b"", exchange.answer_headers)
    if body and media_type(exchange.answer_headers).endswith(("/json", "+json")):
        try:
            value = parsed(body)
        except NotJson:
            value = None
        for name, member in value.items() if isinstance(value, dict) else ():
            plain = secrets.plain_name(name)
            if isinstance(member, int) and not isinstance(member, bool) and plain.endswith(("id", "number")):
                found.add(str(member))
    return {each for each in found if not known.names(each)}
