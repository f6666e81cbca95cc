"""Watches whether the cache may evict what was counted."""

from sekisho.adapters.redis.connection import Connection


class EvictionWatch:
    """`possible` until it has been seen that it is not: what may be gone is unknown."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.possible = True

    async def refresh(self) -> None:
        """Read the memory policy. Raises CacheUnavailableError."""
        answer = await self._connection.command("INFO", "memory", timeout=2)
        policy = answer.get("maxmemory_policy") if isinstance(answer, dict) else None
        self.possible = policy not in (b"noeviction", "noeviction")
