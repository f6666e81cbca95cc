"""Lines: what the carrier's own systems report of them."""

from collections.abc import Callable, Sequence

from sekisho.application.line_record import knowledge_of
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.lines import LineEvent, LineLedger
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.sim_change import LineRecord
from sekisho.domain.value import value


@value
class ReportedLineEvent:
    """One event as the gateway reports it. `kind` is a word of LineEvent.Kind in lower case;
    `at` is Unix ms."""

    event_id: str
    msisdn: str
    kind: str
    at: int


class Lines:
    """Records and events of lines. Durable before they are answered; assessments see them as
    soon as the projector does."""

    def __init__(
        self, ledger: LineLedger, fingerprinter: Fingerprinter, changed: Callable[[], None]
    ) -> None:
        self._ledger = ledger
        self._fingerprinter = fingerprinter
        self._changed = changed

    async def upsert(self, once: Once, msisdn: str, record: LineRecord, record_at: int) -> None:
        """Keep a line's record; the latest `record_at` (Unix ms) counts.

        Raises RequestIdReusedError, LedgerUnavailableError.
        """
        line = self._fingerprinter.fingerprint("msisdn", msisdn)
        knowledge = knowledge_of(record, self._fingerprinter)
        await self._ledger.upsert_record(once, line, knowledge, record_at)
        self._changed()

    async def record_events(
        self, caller: str, events: Sequence[ReportedLineEvent]
    ) -> tuple[int, int]:
        """Keep all events or none; return how many were new, and how many were known.

        Raises RequestIdReusedError for an event id known with another content,
        LedgerUnavailableError.
        """
        of = self._fingerprinter.fingerprint
        counts = await self._ledger.record_events(
            caller,
            [LineEvent(e.event_id, of("msisdn", e.msisdn), e.kind, e.at) for e in events],
        )
        self._changed()
        return counts
