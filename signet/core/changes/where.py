"""Where a schema stands: in whose ids its changes are told, and what it is called in a sentence."""

from __future__ import annotations

from typing import NamedTuple

from signet.core.changes.keywords import READ_ONLY

LONGEST = 12
"""Steps of a path that are told; of a longer one its ends."""


class Where(NamedTuple):
    """A place of schemas. ``prefix`` begins the ids of events; ``tree`` those of properties.

    ``is_text``: the value is written as text, so that types are not told apart as they are in JSON. ``is_style``: it
    is a parameter in a style, whose properties may be written in several ways. ``is_listed``: one value may be written
    as a list of one (``form``, exploded). ``is_muted``: whoever sends it need not send it. ``has_no_default``: it is
    always given, so that a default has no effect.
    """

    prefix: str
    tree: str
    told: str
    path: tuple[str, ...] = ()
    is_text: bool = False
    is_style: bool = False
    is_listed: bool = False
    is_muted: bool = False
    has_no_default: bool = False

    @property
    def what(self) -> str:
        """The place in words."""
        if not self.path:
            return self.told
        path = self.path if len(self.path) <= LONGEST else (*self.path[:3], "...", *self.path[-3:])
        return f"the property {'/'.join(path)!r} of {self.told}"

    def id(self, event: str) -> str:
        """The id of an event here."""
        if self.prefix == "request-read-only-property" and event not in READ_ONLY:
            return f"request-property-{event}"
        return f"{self.prefix}-{event}"

    def property(self, name: str) -> Where:
        """The place of a property."""
        prefix = self.prefix if self.is_muted else f"{self.tree}-property"
        return self._replace(prefix=prefix, path=(*self.path, name), is_listed=False, has_no_default=False)

    def inside(self, step: str) -> Where:
        """The place of another schema inside: those of a body count as properties, those of a parameter as itself."""
        is_body = self.tree in ("request", "response", "webhook", "webhook-answer")
        return (self.property(step) if is_body else self._replace(path=(*self.path, step)))._replace(is_listed=False)

    def muted(self, prefix: str) -> Where:
        """The same place, where what is said about the value can break nobody."""
        return self._replace(prefix=prefix, is_muted=True)

    def moved(self, origin: Where, goal: Where) -> Where:
        """This place, which stands inside one place, inside another one of the same kind."""
        return self._replace(told=goal.told, path=(*goal.path, *self.path[len(origin.path) :]))
