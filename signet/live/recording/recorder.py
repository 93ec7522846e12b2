"""Collects exchanges as interactions, in bounded memory, and gives the contract that they make.

What is kept is one entry for each interaction, however often it was seen. What does not get into the contract is
counted by its reason: nothing is lost silently. It may be called from several threads.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from signet.core.formats import secrets
from signet.core.formats.canonical import dump
from signet.live.recording import answers, contract, refused, repeated, requests, states
from signet.live.recording.exchange import Exchange, State, decoded, media_type
from signet.live.recording.replacing import Choice, Known, NotJson, Values, parsed

ROOM = 16 * 1024 * 1024
"""Bytes of all interactions together; the registry reads contracts of up to 20 MB."""
_SEEN = 50_000
_TOLD = 20


@dataclass(slots=True)
class Entry:
    """An interaction: its request, its states, and what its answers have in common."""

    request: requests.Request
    states: list[State]
    status: int
    headers: dict[str, str]
    shape: Any
    size: int

    def meets(self, other: Entry) -> None:
        """Expect only what both answers have in common."""
        self.shape = answers.met(self.shape, other.shape)
        self.headers = {
            name: min(value, other.headers[name]) for name, value in self.headers.items() if name in other.headers
        }


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
        self,
        consumer: str,
        provider: str,
        choice: Choice | None = None,
        state_of: states.Function | None = None,
        *,
        is_refused_too: bool = False,
    ) -> None:
        self.consumer, self.provider = consumer, provider
        self.stated: tuple[State, ...] = ()
        """The provider states that hold now; whoever passes a request on notes them with its exchange."""
        self._choice = choice or Choice()
        self._state_of = state_of
        self._is_refused_too = is_refused_too
        self._entries: dict[str, Entry] = {}
        self._seen: set[bytes] = set()
        self._given_away: set[requests.Given] = set()
        self._secrets: set[str] = set()
        self._size = 0
        self.exchanges = 0
        self._lost: Counter[str] = Counter()
        self._noted: Counter[str] = Counter()
        self._left_out: set[str] = set()
        self._lock = threading.Lock()

    def add(self, exchange: Exchange) -> None:
        """Take an exchange in. Whatever is wrong with it becomes a note; nothing is raised.

        What a mock of Signet refused is counted and left out, for the answer is no provider's; unless that is wanted.
        """
        with self._lock:
            code = refused.by_a_mock(exchange)
            if code.startswith("mock."):
                self._noted["what a mock could not answer, or was to fail on purpose"] += 1
                return
            if code and not self._is_refused_too:
                self._noted["a request that a mock refused"] += 1
                return
            self.exchanges += 1
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
            except Exception as error:  # noqa: BLE001 - one exchange must not cost the others
                self._lost[f"a bug of ours ({type(error).__name__})"] += 1

    def hides(self, *texts: str) -> None:
        """These are secrets, wherever they turn up."""
        with self._lock:
            self._learn(texts)

    def noted(self, what: str) -> None:
        """Count something that is not recorded, and is no answer that a contract could expect."""
        with self._lock:
            self._noted[what] += 1

    def _add(self, exchange: Exchange) -> None:
        told = states.of(exchange, self._state_of)
        known = Known(*(word for name, params in told for word in (name, dump_texts(params))))
        asked = Values(self._choice, known)
        request = requests.made(exchange, asked, self._given_away)
        named = [(asked.text(name), asked.value(params)) for name, params in told]
        if len(self._left_out) < _SEEN:
            self._left_out.update(request.left_out)
        again = [each for each in request.left_out.values() if len(each) >= repeated.SHORTEST]
        said = known.and_in(*request.words())
        answered = Values(self._choice, said, answer=True, repeated=again)
        found, why = answers.shape(exchange, answered)
        if exchange.status == 201:
            self._given_away.update(_ids(exchange, said))
        headers = answers.headers(exchange, answered)
        self._learn(asked.learned | answered.learned)
        for reason in filter(None, (why, request.bodiless)):
            self._noted[reason] += 1
        self._put(Entry(request, named, exchange.status, headers, found, 0))

    def _learn(self, texts: Iterable[str]) -> None:
        """Remember secrets that were replaced; what a sample says is none."""
        for each in sorted(texts):
            is_one = len(each) >= repeated.SHORTEST and secrets.sample(each) != each
            if is_one and each not in secrets.NO_SECRETS and len(self._secrets) < _SEEN // 10:
                self._secrets.add(each)

    def _put(self, entry: Entry) -> None:
        key = _key(entry)
        before = self._entries.get(key)
        if before is not None:
            before.meets(entry)
            return
        entry.size = len(key) + len(answers.as_text(entry.shape))
        if self._size + entry.size > ROOM:
            self._lost["there is no room for more in a contract"] += 1
            return
        self._size += entry.size
        self._entries[key] = entry

    def recording(self, version: int = 4) -> Recording:
        """The contract so far, in Pact version 3 or 4. What still looks like a secret there is not in it."""
        with self._lock:
            lost = Counter(self._lost)
            kept = []
            for item in contract.interactions(self._without_secrets(lost), version):
                leak = next(secrets.scan(item, skip=self._is_plain), None)
                if leak is not None:
                    lost[f"it holds what looks like {leak.kind}"] += 1
                else:
                    kept.append(item)
            document = contract.document(self.consumer, self.provider, kept, version)
            return Recording(document, len(kept), self.exchanges, lost, tuple(self._notes()))

    def _without_secrets(self, lost: Counter[str]) -> list[Entry]:
        """All entries, without the secrets that were learned anywhere; those that are equal then are one."""
        found: dict[str, Entry] = {}
        for entry in self._entries.values():
            again = repeated.within(entry, self._secrets)
            clean = repeated.replaced(entry, again) if again else replace(entry)
            if again and any(len(each) >= repeated.LONG for each in repeated.within(clean, again)):
                lost["it repeats a secret"] += 1
            elif (before := found.setdefault(_key(clean), clean)) is not clean:
                before.meets(clean)
        return list(found.values())

    def _is_plain(self, pointer: str) -> bool:
        return any(self._choice.is_plain(each) for each in pointer.split("/"))

    def _notes(self) -> list[str]:
        found = [f"not recorded: {what}" + (f" ({count} times)" if count > 1 else "") for what, count in
                 sorted(self._noted.items())]  # fmt: skip
        names = sorted(name for name in self._left_out if secrets.replaced(name) == name)
        if names:
            more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
            told = f"{', '.join(name[:100] for name in names[:_TOLD])}{more}"
            found.append(f"request headers left out: {told} (--keep-header NAME keeps one)")
        return found


def _key(entry: Entry) -> str:
    """Equal for entries that are one interaction."""
    kind = entry.headers.get("Content-Type", "")
    return dump([requests.as_json(entry.request), [list(each) for each in entry.states], entry.status, kind])


def dump_texts(value: Any) -> str:
    """All that a plain value says, as one text."""
    try:
        return dump(value)
    except (TypeError, ValueError):
        return ""


def _ids(exchange: Exchange, known: Known) -> set[requests.Given]:
    """The ids that an answer gives to what it has just created: numbers that nobody named before, and of what."""
    found = set()
    target = next((value for name, value in exchange.answer_headers if name.lower() == "location"), "")
    *_, above, last = ("", *target.partition("?")[0].rstrip("/").split("/"))
    if last.isdigit():
        found.add((requests.thing(above), last))
    asked = next((each for each in reversed(exchange.target.partition("?")[0].split("/")) if each), "")
    body = decoded(exchange.answer_body or b"", exchange.answer_headers)
    if body and media_type(exchange.answer_headers).endswith(("/json", "+json")):
        try:
            value = parsed(body)
        except NotJson:
            value = None
        for name, member in value.items() if isinstance(value, dict) else ():
            of, _, kind = secrets.plain_name(name).rpartition("_")
            if isinstance(member, int) and not isinstance(member, bool) and kind in ("id", "number"):
                found.add((requests.thing(of or asked), str(member)))
    return {each for each in found if not known.names(each[1])}
