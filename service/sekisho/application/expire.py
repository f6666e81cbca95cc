"""Expire step-ups that nobody finished, so that failures count without anybody asking."""

from collections.abc import Callable

from sekisho.application.ports.ledger import DecisionLedger
from sekisho.application.revise import event
from sekisho.domain import step_up
from sekisho.domain.errors import AbortedError

_BATCH = 100


class Expire:
    """One sweep over the open step-ups whose time is up."""

    def __init__(
        self, ledger: DecisionLedger, clock: Callable[[], int], changed: Callable[[], None]
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._changed = changed

    async def __call__(self) -> int:
        """Expire what is due, and return how many were. Raises LedgerUnavailableError."""
        expired = 0
        while due := await self._ledger.expired(self._clock(), _BATCH):
            for decision in due:
                now = self._clock()
                transition = step_up.as_of(decision.standing, now)
                try:
                    await self._ledger.append(
                        event(None, "expired", now, "", transition.standing.state.value, transition)
                    )
                except AbortedError:
                    # Somebody revised it meanwhile; if it is still due, the next sweep sees it.
                    continue
                expired += 1
            if len(due) < _BATCH:
                break
        if expired:
            self._changed()
        return expired
