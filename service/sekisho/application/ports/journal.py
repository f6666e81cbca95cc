"""The journal: where a decision is durable while the ledger is away."""

from collections.abc import Sequence
from typing import Protocol

from sekisho.application.ports.ledger import NewDecision, Once
from sekisho.domain.decision import Standing
from sekisho.domain.value import value


@value
class JournalState:
    """How much lies in the journal: decisions not delivered yet, bytes of its file, the most
    that it takes, and the decided time (Unix ms) of the one appended first; None where none is.

    `damaged`: parts that could not be read, and are kept aside for people.
    """

    pending: int
    bytes: int
    most_bytes: int
    oldest_at: int | None
    damaged: int = 0


class Journal(Protocol):
    """One for all processes of a host. Each of them sees at once what another has appended.

    All methods raise JournalUnavailableError where the disk does not do its part.
    """

    async def append(self, decision: NewDecision) -> Standing:
        """Make a decision durable on this host; concurrent calls share a flush to the disk.

        A repeat of a request that lies there gets the standing of that decision; with another
        body RequestIdReusedError. JournalUnavailableError (JOURNAL_FULL) beyond its size.
        """

    def find(self, once: Once) -> Standing | None:
        """Return what a request whose decision lies there got; RequestIdReusedError."""

    def standing(self, decision_id: bytes) -> Standing | None:
        """Return where a decision that lies there stands."""

    def state(self) -> JournalState:
        """Return how much lies there now."""

    async def oldest(self, most: int) -> Sequence[NewDecision]:
        """Return the oldest decisions for this process to deliver, in the order of appending.

        Empty where there are none, or where another process of this host delivers. This one
        does from here on, until `release`.
        """

    async def delivered(self, decision_ids: Sequence[bytes]) -> None:
        """Forget decisions of `oldest` that the ledger now holds."""

    async def release(self) -> None:
        """Let another process of this host deliver."""
