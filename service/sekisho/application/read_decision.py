"""Read a decision, once or as it changes."""

import asyncio
from collections.abc import AsyncIterator, Callable

from sekisho.application import journaled
from sekisho.application.ports.journal import Journal
from sekisho.application.ports.ledger import DecisionLedger
from sekisho.domain import step_up
from sekisho.domain.decision import DecisionState, Standing
from sekisho.domain.errors import LedgerUnavailableError, NotFoundError

POLL_SECONDS = 0.25
FINAL = frozenset(DecisionState) - {DecisionState.ALLOWED, DecisionState.STEP_UP_OPEN}


class ReadDecision:
    """Decisions as they stand. All watchers of a process share one query a poll."""

    def __init__(self, ledger: DecisionLedger, journal: Journal, clock: Callable[[], int]) -> None:
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._watched: dict[bytes, dict[asyncio.Queue[Standing], int]] = {}
        self._poller: asyncio.Task[None] | None = None

    async def get(self, decision_id: bytes, shop: str | None) -> Standing:
        """Return where a decision stands now; `shop` None sees all shops' decisions.

        Raises NotFoundError, LedgerUnavailableError.
        """
        standing = journaled.standing(self._journal, decision_id)
        if standing is None:
            standing = await self._ledger.standing(decision_id)
        if shop is not None and standing.shop != shop:
            raise NotFoundError("no such decision")
        return step_up.as_of(standing, self._clock()).standing

    async def watch(self, decision_id: bytes, shop: str | None) -> AsyncIterator[Standing]:
        """Yield where a decision stands, then each change, until it is final."""
        standing = await self.get(decision_id, shop)
        yield standing
        if standing.state in FINAL:
            return
        queue: asyncio.Queue[Standing] = asyncio.Queue()
        watchers = self._watched.setdefault(decision_id, {})
        watchers[queue] = standing.revision
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            while standing.state not in FINAL:
                left = (standing.expires_at - self._clock()) / 1000
                try:
                    async with asyncio.timeout(max(left, 0.01)):
                        standing = await queue.get()
                except TimeoutError:
                    standing = await self.get(decision_id, shop)
                    if standing.state not in FINAL:
                        continue
                yield step_up.as_of(standing, self._clock()).standing
        finally:
            del watchers[queue]
            if not watchers:
                self._watched.pop(decision_id, None)

    async def _poll(self) -> None:
        while self._watched:
            await asyncio.sleep(POLL_SECONDS)
            known = {
                decision_id: min(watchers.values())
                for decision_id, watchers in self._watched.items()
                if watchers
            }
            try:
                moved = await self._ledger.moved(known)
            except LedgerUnavailableError:
                continue
            for decision_id, standing in moved.items():
                watchers = self._watched.get(decision_id, {})
                for queue, revision in watchers.items():
                    if standing.revision > revision:
                        watchers[queue] = standing.revision
                        queue.put_nowait(standing)
