"""The connection to Redis or Valkey: a pool of redis-py's, its errors in the domain's words."""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from sekisho.adapters.redis.scripts import Script
from sekisho.domain.errors import CacheUnavailableError

_log = structlog.get_logger(__name__)
_AWAY = (RedisError, OSError, TimeoutError)

Call = tuple[Script, Sequence[bytes], Sequence[bytes | int]]


class Connection:
    """Calls scripts. After a failure it fails at once for a moment, then lets one call try."""

    def __init__(self, url: str, ca_file: Path | None = None, *, most: int = 32) -> None:
        """Take the URL (`redis://`, `rediss://`, `unix://`); nothing is connected yet."""
        tls: dict[str, Any] = (
            {"ssl_ca_certs": str(ca_file)} if ca_file and url.startswith("rediss:") else {}
        )
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=most,
            # Waiting for a free connection is part of the call, and bounded with it.
            timeout=None,
            socket_connect_timeout=2,
            # A call is bounded by its caller; a retry behind its back would break that bound.
            retry=Retry(NoBackoff(), 0),
            health_check_interval=0,
            protocol=2,
            **tls,
        )
        self._redis: Redis = Redis(connection_pool=pool)
        self._closed_until = 0.0
        self._probing = False
        self._failures = 0
        self._was_up = False

    async def call(self, call: Call, timeout: float) -> Any:
        """Call a script. Raises CacheUnavailableError, within `timeout` seconds."""
        script, keys, arguments = call
        self._admit()
        try:
            async with asyncio.timeout(timeout):
                try:
                    answer = await self._redis.execute_command(  # type: ignore[no-untyped-call]
                        "EVALSHA", script.sha, len(keys), *keys, *arguments
                    )
                except NoScriptError:
                    answer = await self._redis.execute_command(  # type: ignore[no-untyped-call]
                        "EVAL", script.text, len(keys), *keys, *arguments
                    )
        except _AWAY as error:
            raise self._failed(error) from None
        except BaseException:
            self._probing = False
            raise
        self._succeeded()
        return answer

    async def calls(self, calls: Sequence[Call], timeout: float) -> list[Any]:
        """Call scripts one after the other over one connection; a break fails all of them.

        Raises CacheUnavailableError.
        """
        try:
            async with asyncio.timeout(timeout), self._redis.client() as one:
                for attempt in (1, 2):
                    pipe = one.pipeline(transaction=False)
                    for script, keys, arguments in calls:
                        pipe.execute_command("EVALSHA", script.sha, len(keys), *keys, *arguments)
                    try:
                        return list(await pipe.execute())
                    except NoScriptError:
                        if attempt == 2:
                            raise
                        for script in {script for script, _, _ in calls}:
                            await one.script_load(script.text)
        except _AWAY as error:
            raise self._failed(error) from None
        raise AssertionError("unreachable")

    async def command(self, *words: bytes | str | int, timeout: float) -> Any:
        """Send one command. Raises CacheUnavailableError."""
        try:
            async with asyncio.timeout(timeout):
                return await self._redis.execute_command(*words)  # type: ignore[no-untyped-call]
        except _AWAY as error:
            raise self._failed(error) from None

    async def drop(self) -> None:
        """Close every connection: what is on them can no longer be trusted."""
        await self._redis.connection_pool.disconnect()

    async def close(self) -> None:
        """Close for good."""
        await self._redis.aclose()

    def _admit(self) -> None:
        if not self._failures:
            return
        if self._probing or time.monotonic() < self._closed_until:
            raise CacheUnavailableError("the cache is away")
        self._probing = True

    def _succeeded(self) -> None:
        self._probing = False
        if self._failures and self._was_up:
            _log.info("cache.back")
        self._failures = 0
        self._was_up = True

    def _failed(self, error: BaseException) -> CacheUnavailableError:
        self._probing = False
        if not self._failures and self._was_up:
            _log.warning("cache.away", error=type(error).__name__)
        self._failures += 1
        # Jittered, so that workers do not come back all at once.
        pause = min(1.0, 0.05 * 2 ** min(self._failures, 5))
        self._closed_until = time.monotonic() + pause * random.uniform(0.5, 1.0)  # noqa: S311
        return CacheUnavailableError(f"the cache is away: {type(error).__name__}")
