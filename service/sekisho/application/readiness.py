"""Readiness: health says SERVING for as long as STEP_UP can be answered.

For that a decision must be made durable somewhere: in the ledger, or in the journal.
"""

from collections.abc import Awaitable, Callable

import structlog

from sekisho.application.ports.journal import JournalState
from sekisho.domain.errors import JournalUnavailableError, LedgerUnavailableError

_log = structlog.get_logger(__name__)


class Readiness:
    """Told how writing to the ledger went, it tells the server; call it every second or so."""

    def __init__(
        self,
        probe: Callable[[], Awaitable[object]],
        journal: Callable[[], JournalState],
    ) -> None:
        """Take a small write to the ledger, and the journal's state.

        The probe is made only while the last write failed: without traffic none would succeed.
        """
        self._probe = probe
        self._journal = journal
        self.serving: Callable[[bool], Awaitable[None]] = _nobody
        """The server to tell."""
        self._ledger_writes = True
        self._told = True

    def ledger(self, *, written: bool) -> None:
        """Say whether the last write to the ledger was made."""
        self._ledger_writes = written

    async def __call__(self) -> None:
        """Look once, and tell the server where something changed."""
        if not self._ledger_writes:
            try:
                await self._probe()
            except LedgerUnavailableError:
                pass
            else:
                self._ledger_writes = True
        ready = self._ledger_writes or self._journal_takes()
        if ready == self._told:
            return
        if ready:
            _log.info("health.serving")
        else:
            _log.error("health.not_serving", why="neither the ledger nor the journal is writable")
        await self.serving(ready)
        self._told = ready

    def _journal_takes(self) -> bool:
        try:
            state = self._journal()
        except JournalUnavailableError:
            return False
        return state.bytes < state.most_bytes


async def _nobody(_ready: bool) -> None:
    """Nothing is served yet."""
