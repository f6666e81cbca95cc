"""What analysts did, kept and read."""

from collections.abc import Callable, Sequence

from sekisho.application.ports.review import Desk, TrailEntry, TrailFilter, TrailRow


class Trail:
    """The trail. All methods raise LedgerUnavailableError."""

    def __init__(self, desk: Desk, clock: Callable[[], int]) -> None:
        self._desk = desk
        self._clock = clock

    async def page(self, wanted: TrailFilter, after: int, most: int) -> Sequence[TrailRow]:
        """Return entries, newest first, before a place (0: from the newest)."""
        return await self._desk.trail(wanted, after, most)

    async def of_case(self, decision_id: bytes, most: int) -> Sequence[TrailEntry]:
        """Return a case's latest entries, oldest first."""
        rows = await self._desk.trail(TrailFilter(decision_id=decision_id), 0, most)
        return [entry for _, entry in reversed(rows)]

    async def exported(self, actor: str, wanted: str) -> None:
        """Keep that somebody took a file of cases, and by which filter."""
        await self._desk.note(TrailEntry(self._clock(), actor, "exported", summary=wanted))
