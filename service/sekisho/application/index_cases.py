"""Keep the desk's index up to date, in the background: an assessment pays nothing for it."""

import asyncio
from collections.abc import Callable

from sekisho.application.ports.review import CaseIndex

_BREATH_SECONDS = 0.02
"""Between two steps of a backlog: whoever assesses comes in between."""


class IndexCases:
    """Follows the ledger to its end, and returns."""

    def __init__(self, index: CaseIndex, clock: Callable[[], int]) -> None:
        self._index = index
        self._clock = clock

    async def __call__(self) -> None:
        """Index all that is new. Raises LedgerUnavailableError."""
        while await self._index.follow(self._clock()):
            await asyncio.sleep(_BREATH_SECONDS)
