"""What varies from one generated value to the next: nothing, or what a seed says. The same seed gives the same values.

No random numbers: each place of a value asks for itself, so that a change in one place leaves all others as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """Without a ``seed`` it is always the first of everything."""

    seed: bytes = b""

    @property
    def is_varied(self) -> bool:
        """True if values differ from seed to seed."""
        return bool(self.seed)

    def number(self, place: Place, about: str, below: int) -> int:
        """A number from 0 to ``below`` - 1 for one question about one place."""
        if not self.seed or below <= 1:
            return 0
        asked = repr((place, about)).encode("utf-8", "backslashreplace")
        return int.from_bytes(blake2b(asked, digest_size=8, key=self.seed[:64]).digest()) % below
