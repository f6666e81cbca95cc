"""Watches whether the cache may lose what was counted, or has lost some of it."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.node import Node
from sekisho.domain.errors import CacheUnavailableError

_TIMEOUT: Final = 2.0
_TRUSTED_SECONDS: Final = 15.0


class NodeEviction:
    """Of a server: `possible` until it was seen, lately and on this connection, that it is not."""

    def __init__(self, connection: Connection, node: Node, clock: Callable[[], float]) -> None:
        self._connection = connection
        self._node = node
        self._clock = clock
        self._sound = False
        self._seen_at = 0.0
        self._seen_on = -1
        self._looking: asyncio.Task[None] | None = None

    @property
    def stale(self) -> bool:
        """Whether what was seen is too old, or of another connection: maybe another server."""
        return (
            self._seen_on != self._node.opened or self._clock() - self._seen_at > _TRUSTED_SECONDS
        )

    @property
    def possible(self) -> bool:
        """Whether something may have been evicted: what is not there is then unknown."""
        return not self._sound or self.stale

    async def refresh(self) -> None:
        """Read the memory policy; what evictions took away is no longer claimed to be there.

        Calls at the same time share one reading. Raises CacheUnavailableError.
        """
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(self._looked)
        await asyncio.shield(self._looking)

    async def _look(self) -> None:
        began = self._clock()
        opened, info = await self._node.info(_TIMEOUT)
        try:
            sound = info["maxmemory_policy"] == "noeviction"
            if sound and info["evicted_keys"] != "0":
                await self._disclaim(f"{info['run_id']}:{info['evicted_keys']}".encode())
        except KeyError as error:
            self._sound = False
            raise CacheUnavailableError(f"INFO of the cache does not tell {error}") from None
        self._sound, self._seen_at, self._seen_on = sound, began, opened

    async def _disclaim(self, evicted: bytes) -> None:
        """Remove every mark, once for each number of evictions; projector and loader begin anew.

        While eviction goes on nothing is known anyway, and filling the cache would only add to it.
        """
        tags = sorted(self._connection.tags(self._node))
        if not tags:
            return
        noted = keys.EVICTIONS_KEYS[tags[0]]
        if await self._node.command(("GET", noted), _TIMEOUT) == evicted:
            return
        for tag in tags:
            marks = (keys.COVERAGE_KEYS[tag], keys.INDEX_KEYS[tag])
            await self._node.command(("UNLINK", *marks), _TIMEOUT)
        await self._node.command(("SET", noted, evicted), _TIMEOUT)

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._looking = None
        if not task.cancelled():
            # Everyone who waited may have given up meanwhile.
            task.exception()


class EvictionWatch:
    """Watches every server of the cache."""

    def __init__(self, connection: Connection, clock: Callable[[], float] = time.monotonic) -> None:
        self._connection = connection
        self._clock = clock
        self._watches: dict[Node, NodeEviction] = {}

    def of(self, node: Node) -> NodeEviction:
        """Return the watch of one server."""
        watch = self._watches.get(node)
        if watch is None:
            watch = self._watches[node] = NodeEviction(self._connection, node, self._clock)
        return watch

    async def refresh(self) -> None:
        """Look at every server, all at once. Raises CacheUnavailableError for the first away."""
        if not self._connection.nodes:
            await self._connection.look()
        nodes = self._connection.nodes
        self._watches = {node: self.of(node) for node in nodes}
        looks = [watch.refresh() for watch in self._watches.values()]
        for outcome in await asyncio.gather(*looks, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
