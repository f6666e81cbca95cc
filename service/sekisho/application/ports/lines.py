"""Lines in the ledger: the carrier's records and events."""

from collections.abc import Sequence
from typing import Protocol

from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import LineKnowledge
from sekisho.application.ports.ledger import Once
from sekisho.domain.value import value


@value
class LineEvent:
    """One event of a line. `kind` is a word of LineEvent.Kind in lower case: `contact_changed`,
    `lock_set`, …; `at` is Unix ms."""

    event_id: str
    line: Fingerprint
    kind: str
    at: int


class LineLedger(Protocol):
    """Raises LedgerUnavailableError."""

    async def upsert_record(
        self, once: Once, line: Fingerprint, record: LineKnowledge, record_at: int
    ) -> None:
        """Keep the record (its `changed_at` included); the latest `record_at` counts."""

    async def record_events(self, caller: str, events: Sequence[LineEvent]) -> tuple[int, int]:
        """Keep all events or none; return how many are new, and how many were known.

        An event id known with another content: RequestIdReusedError.
        """

    async def knowledge(
        self, lines: Sequence[Fingerprint]
    ) -> Sequence[tuple[Fingerprint, LineKnowledge]]:
        """Return the lines as records and events together tell them."""
