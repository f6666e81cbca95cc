"""Shops in the ledger."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sekisho.application.ports.ledger import Once
from sekisho.domain.value import value


@value
class WeeklyHours:
    """A span of a weekday in Japan: ISO weekday 1 to 7, minutes since midnight."""

    weekday: int
    opens: int
    closes: int


@value
class Shop:
    """A shop. Empty hours, terminals or shifts: not known."""

    id: str
    display_name: str
    prefecture: str
    opening_hours: tuple[WeeklyHours, ...] = ()
    terminals: frozenset[str] = frozenset()
    clerk_shifts: Mapping[str, tuple[WeeklyHours, ...]] | None = None


@value
class UsualRate:
    """A shop's mean tries a day over the last 28 days, whole and for one clerk."""

    tries_24h: float
    tries_per_clerk_24h: float


class ShopLedger(Protocol):
    """Raises LedgerUnavailableError, NotFoundError, RequestIdReusedError."""

    async def replace(self, once: Once, shops: Sequence[Shop], now: int) -> tuple[int, int, int]:
        """Replace all shops; return how many were added, removed and kept."""

    async def get(self, shop_id: str) -> Shop:
        """Return a shop."""

    async def list(self, after: str, most: int) -> Sequence[Shop]:
        """Return shops by id, after the given one."""

    async def revision(self) -> int:
        """Return a number that changes whenever shops or their usual rates change."""

    async def all(self) -> tuple[int, Mapping[str, Shop], Mapping[str, UsualRate]]:
        """Return the revision, all shops and their usual rates."""

    async def count_days(self, now: int) -> int:
        """Count the tries of every past day that is not counted yet, for the usual rates.

        Returns how many days were counted.
        """
