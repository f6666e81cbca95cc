"""Shops: kept in the ledger, and known to every assessment."""

from collections.abc import Callable, Sequence

from sekisho.application.directory import Directory
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.shops import Shop, ShopLedger


class Shops:
    """The carrier's shops. All methods raise LedgerUnavailableError."""

    def __init__(self, ledger: ShopLedger, directory: Directory, clock: Callable[[], int]) -> None:
        self._ledger = ledger
        self._directory = directory
        self._clock = clock

    async def replace(self, once: Once, shops: Sequence[Shop]) -> tuple[int, int, int]:
        """Replace all shops; return how many were added, removed and kept."""
        counts = await self._ledger.replace(once, shops, self._clock())
        await self._directory.refresh()
        return counts

    async def get(self, shop_id: str) -> Shop:
        """Return a shop. NotFoundError."""
        return await self._ledger.get(shop_id)

    async def list(self, after: str, most: int) -> Sequence[Shop]:
        """Return up to `most` shops by id, after the given one."""
        return await self._ledger.list(after, most)
