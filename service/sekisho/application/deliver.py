"""Deliver what the journal holds to the ledger, once the ledger is back."""

from collections.abc import Callable

import structlog

from sekisho.application.ports.journal import Journal
from sekisho.application.ports.ledger import DecisionLedger

_BATCH = 100
_log = structlog.get_logger(__name__)


class Deliver:
    """One round, which goes on until nothing is left. One process of a host at a time does it;
    after each round another may."""

    def __init__(
        self, journal: Journal, ledger: DecisionLedger, changed: Callable[[], None]
    ) -> None:
        self._journal = journal
        self._ledger = ledger
        self._changed = changed
        self._since = 0
        """Delivered by this process since the journal was last empty."""

    async def __call__(self) -> int:
        """Deliver the oldest first, and return how many were.

        Raises LedgerUnavailableError, JournalUnavailableError: what is left is for a later round.
        A ledger that may have taken a batch is given it again, which changes nothing there.
        """
        delivered = 0
        try:
            while batch := await self._journal.oldest(_BATCH):
                await self._ledger.deliver(batch)
                delivered += len(batch)
                await self._journal.delivered([each.standing.decision_id for each in batch])
        finally:
            self._since += delivered
            if delivered:
                self._changed()
            await self._journal.release()
        if self._since and not self._journal.state().pending:
            _log.info("journal.delivered", decisions=self._since)
            self._since = 0
        return delivered
