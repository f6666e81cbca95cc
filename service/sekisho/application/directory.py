"""What every assessment needs of the ledger and rarely changes: shops, watchlist versions."""

import asyncio
from collections.abc import Mapping

from sekisho.application.ports.shops import Shop, ShopLedger, UsualRate
from sekisho.application.ports.watchlists import WatchlistLedger


class Directory:
    """A copy in memory, refreshed from the ledger. Nothing is known before the first refresh."""

    def __init__(self, shops: ShopLedger, watchlists: WatchlistLedger) -> None:
        self._shop_ledger = shops
        self._watchlist_ledger = watchlists
        self._revision: int | None = None
        self._lock = asyncio.Lock()
        self.shops: Mapping[str, Shop] | None = None
        self.rates: Mapping[str, UsualRate] = {}
        self.watchlist_versions: Mapping[str, int] | None = None

    async def refresh(self) -> None:
        """Read what changed. Raises LedgerUnavailableError, and keeps what it had."""
        async with self._lock:
            self.watchlist_versions = await self._watchlist_ledger.versions()
            if await self._shop_ledger.revision() != self._revision:
                self._revision, self.shops, self.rates = await self._shop_ledger.all()
