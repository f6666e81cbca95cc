"""A real Valkey of the tests' own, and the adapters on it."""

import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sekisho.adapters.redis.cache import RedisCache
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.embedded import EmbeddedValkey
from sekisho.adapters.redis.eviction import EvictionWatch
from sekisho.adapters.redis.floor import SETTLE_SECONDS
from sekisho.adapters.redis.node import Node
from sekisho.adapters.redis.projection import RedisProjectionStore
from sekisho.adapters.redis.watch_index import RedisWatchlistIndex
from sekisho.application.ports.cache import (
    Coverage,
    IndexMark,
    Observation,
    Observed,
    Positions,
    Projection,
    Try,
    Watched,
)

START = Positions()
TAGS = range(256)


def now_ms() -> int:
    """The moment, as the adapters' clock has it."""
    return time.time_ns() // 1_000_000


@dataclass
class Adapters:
    """The cache's ports, on whatever servers."""

    connection: Connection
    eviction: EvictionWatch
    cache: RedisCache
    store: RedisProjectionStore
    index: RedisWatchlistIndex

    @property
    def node(self) -> Node:
        """The only server."""
        (node,) = self.connection.nodes
        return node

    def followed(self) -> int:
        """Follow the ledger as a projector does, and return the moment that its marks tell."""
        self.connection.followed(TAGS, time.monotonic() + SETTLE_SECONDS)
        return max(now_ms(), self.connection.since + 2)

    async def cover(self, covered_from: int = 0, applied_to: int | None = None) -> None:
        """Mark every tag as following the ledger, whatever its mark was."""
        marks = await self.store.coverage()
        there = [tag for tag in TAGS if tag not in self.store.away]
        mark = Coverage(
            os.urandom(8),
            START,
            START,
            covered_from,
            self.followed() if applied_to is None else applied_to,
        )
        assert await self.store.apply(Projection(), {tag: (marks.get(tag), mark) for tag in there})

    async def load(self, **versions: int) -> None:
        """Mark every tag as holding these watchlists."""
        marks = await self.index.marks()
        mark = IndexMark(os.urandom(8), versions)
        assert await self.index.move_marks({tag: (marks.get(tag), mark) for tag in TAGS})

    async def observe(
        self,
        attempt: Try,
        *,
        now: int | None = None,
        record: bool = True,
        line: bytes = b"\x00" * 16,
        watched: Sequence[Watched] = (),
        timeout: float = 5,
        expiry_ms: int = 1_800_000,
    ) -> Observed:
        """Observe a try at the moment at which it is made, or later."""
        return await self.cache.observe(
            Observation(
                now=attempt.at if now is None else now,
                attempt=attempt,
                record=record,
                line=line,
                watched=tuple(watched),
                expiry_ms=expiry_ms,
            ),
            timeout,
        )

    async def flush(self) -> None:
        """Empty it."""
        for node in self.connection.nodes:
            await node.command(("FLUSHALL",), 5)


@dataclass
class Cached(Adapters):
    """The ports on one Valkey."""

    valkey: EmbeddedValkey


@asynccontextmanager
async def connected(url: str, ca_file: Path | None = None) -> AsyncIterator[Adapters]:
    """Open the ports on the servers at a URL."""
    connection = Connection(url, ca_file)
    try:
        eviction = EvictionWatch(connection)
        await eviction.refresh()
        yield Adapters(
            connection,
            eviction,
            RedisCache(connection, eviction),
            RedisProjectionStore(connection, now_ms),
            RedisWatchlistIndex(connection),
        )
    finally:
        await connection.close()


@asynccontextmanager
async def cached(folder: Path) -> AsyncIterator[Cached]:
    """Start a Valkey in `folder`, with nothing in it."""
    valkey = EmbeddedValkey(folder)
    await valkey.start()
    try:
        async with connected(valkey.url) as ports:
            yield Cached(**vars(ports), valkey=valkey)
    finally:
        await valkey.stop()
