"""The connection to Redis or Valkey, its errors in the domain's words."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from sekisho.adapters.redis.calls import Call
from sekisho.adapters.redis.cluster import Cluster
from sekisho.adapters.redis.floor import Floors, now_ms
from sekisho.adapters.redis.node import Node
from sekisho.adapters.redis.servers import Answer, Ask, Servers
from sekisho.adapters.redis.single import Single
from sekisho.adapters.redis.url import Form, Place, parse
from sekisho.adapters.redis.wire import Reply
from sekisho.domain.errors import CacheUnavailableError


class Connection:
    """Calls scripts, on whatever servers the URL names."""

    def __init__(
        self, url: str, ca_file: Path | None = None, clock: Callable[[], int] = now_ms
    ) -> None:
        """Take the URL, see `url.parse`; nothing is connected yet. `clock` gives Unix ms.

        Raises ValueError, and OSError where the file cannot be read.
        """
        self._floors = Floors(clock)
        self._servers = _servers(parse(url, ca_file), self._floors)
        self.clustered: Final = self._servers.clustered
        """Whether a call may touch one tag only."""

    @property
    def nodes(self) -> Collection[Node]:
        """The servers that serve some tag."""
        return self._servers.nodes

    def when_behind(self, tell: Callable[[], None]) -> None:
        """Have `tell` called when the ledger should be followed at once: what was in the cache
        before no longer counts as fresh."""
        self._floors.passed = tell

    def followed(self, tags: Iterable[int], to: float) -> None:
        """All that the ledger held at a moment (`time.monotonic`) is in these tags."""
        self._floors.followed(tags, to)

    @property
    def since(self) -> int:
        """Unix ms: a tag that has followed the ledger to there is behind on no server."""
        return self._servers.since

    def settled(self, applied_to: int) -> bool:
        """Whether assessments have their connections, and a tag that has followed the ledger to
        this moment (Unix ms) counts as fresh on each."""
        nodes = self._servers.nodes
        connected = bool(nodes) and all(node.connected for node in nodes)
        return connected and applied_to >= self._servers.since

    def tags(self, node: Node) -> Collection[int]:
        """Return the tags that a server serves."""
        return self._servers.tags(node)

    async def ask(self, asks: Sequence[Ask], timeout: float) -> list[Answer]:
        """Call scripts for an assessment, in one parallel trip of `timeout` s. Never raises."""
        return await self._servers.ask(asks, timeout)

    def missed(self, tag: int) -> None:
        """A try of ours in this tag may be missing: it is behind the ledger for a moment."""
        self._servers.missed(tag)

    async def calls(self, *stages: Sequence[Call], timeout: float) -> list[Reply]:
        """Call scripts in stages; return the last stage's answers, in any order.

        A tag's call of a stage begins when its calls of the stage before have succeeded, and
        goes over the same connection. `timeout` seconds are for each stage. Raises
        CacheUnavailableError.
        """
        return await self._servers.calls(stages, timeout)

    async def read(self, names: Sequence[bytes], timeout: float) -> Mapping[int, Reply]:
        """Return the value of each tag's key; what cannot be read is absent.

        Raises CacheUnavailableError where that is all.
        """
        return await self._servers.read(names, timeout)

    async def command(self, *words: bytes | str | int, timeout: float, tag: int = 0) -> Reply:
        """Send one command to the server of a tag. Raises CacheUnavailableError."""
        return await self._servers.command(words, tag, timeout)

    async def info(self, timeout: float) -> tuple[int, dict[str, str]]:
        """Return what a server says of itself, see `Node.info`. Raises CacheUnavailableError."""
        for node in self._servers.nodes:
            return await node.info(timeout)
        raise CacheUnavailableError("the cache's servers are not known yet")

    async def look(self) -> None:
        """See whether these are still the servers to ask. Raises CacheUnavailableError."""
        await self._servers.look()

    async def close(self) -> None:
        """Close for good."""
        self._floors.close()
        await self._servers.close()


def _servers(place: Place, floors: Floors) -> Servers:
    return Cluster(place, floors) if place.form is Form.CLUSTER else Single(place, floors)
