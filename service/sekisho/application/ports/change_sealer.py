"""The request of an open step-up, kept under encryption."""

from typing import Protocol

from sekisho.domain.sim_change import SimChange
from sekisho.domain.value import value


@value
class OpenRequest:
    """A request whose step-up is open. `record_counts`: its line record is the carrier's word."""

    change: SimChange
    record_counts: bool


class ChangeSealer(Protocol):
    """Encrypts a request for the time that its step-up is open: evidence is assessed with it."""

    def seal(self, decision_id: bytes, request: OpenRequest) -> bytes:
        """Encrypt a request; it opens for the same decision only."""

    def open(self, decision_id: bytes, sealed: bytes) -> OpenRequest:
        """Decrypt a request."""
