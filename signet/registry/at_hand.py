"""A state that answers from what was read and compared before, at once, or says that it must look: for who cannot wait.

It shares all that a state knows, and adds nothing to it. Directories are still listed: that is quick.
"""

from __future__ import annotations

from signet.core.model.comparison import Comparison
from signet.registry.read import RegistryState


class NotAtHand(Exception):
    """Something has to be read or compared; whoever asked asks the state itself."""


class AtHand(RegistryState):
    """The state, without its slow doors. Nobody but the one who made it should meet NotAtHand."""

    def __init__(self, state: RegistryState) -> None:
        self.__dict__ = state.__dict__

    def bytes_at(self, path: str) -> bytes | None:
        """NotAtHand: no file is read."""
        raise NotAtHand

    def agreed_spec(self, service: str) -> str | None:
        """The digest of the agreed spec, if it is known."""
        if service not in self._agreed_digests:
            raise NotAtHand
        return self._agreed_digests[service]

    def comparison(self, consumer: str, provider: str, contract: str, spec: str) -> Comparison:
        """The comparison, if it was made."""
        found = self._comparisons.get((consumer, provider, contract, spec))
        if found is None:
            raise NotAtHand
        return found
