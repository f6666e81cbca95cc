"""Figures for the fraud team."""

from collections.abc import Callable

from sekisho.application.ports.review import FigureReader
from sekisho.domain.figures import Figures


class ReadFigures:
    """Raises LedgerUnavailableError."""

    def __init__(self, reader: FigureReader, clock: Callable[[], int]) -> None:
        self._reader = reader
        self._clock = clock

    async def __call__(self, start: int, end: int, shop: str) -> Figures:
        """Return the figures of the decisions made from `start` until before `end` (Unix ms), of
        one shop, or of all where that is empty."""
        return await self._reader.figures(start, end, shop, self._clock())
