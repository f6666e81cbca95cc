"""One server serves every tag: at an address, or wherever Sentinel says that it is."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from sekisho.adapters.redis.calls import Call, away, evaluate
from sekisho.adapters.redis.floor import Floors
from sekisho.adapters.redis.keys import TAGS
from sekisho.adapters.redis.node import Node
from sekisho.adapters.redis.sentinel import Sentinels
from sekisho.adapters.redis.servers import Answer, Ask
from sekisho.adapters.redis.url import Form, Place
from sekisho.adapters.redis.wire import Reply, Words, check
from sekisho.domain.errors import CacheUnavailableError

_READ_SECONDS: Final = 1.5
"""Longer than a connection may say nothing, so that one that stalls is given up by then."""


class Single:
    """Implements Servers on one."""

    clustered = False

    def __init__(self, place: Place, floors: Floors) -> None:
        """Take a place that is no cluster; nothing is connected yet."""
        self._floors = floors
        self._sentinels = Sentinels(place) if place.form is Form.SENTINEL else None
        if self._sentinels is None:
            self._node = Node(place.first[0].name, place.first[0], floors)
        else:
            self._node = Node(place.service, self._sentinels, floors)
            self._sentinels.moved = self._node.leave
        self.nodes: Sequence[Node] = (self._node,)

    @property
    def since(self) -> int:
        """The server's."""
        return self._floors.since(self._node.floor)

    def tags(self, node: Node) -> Collection[int]:
        """Return all tags."""
        return TAGS

    async def ask(self, asks: Sequence[Ask], timeout: float) -> list[Answer]:
        """Call scripts for an assessment."""

        def make(floor: float) -> list[Call]:
            since = self._floors.since(floor)
            return [build(since) for _, build in asks]

        try:
            answers = await self._node.ask(make, timeout)
        except CacheUnavailableError as error:
            return [(self._node, error)] * len(asks)
        return [(self._node, answer) for answer in answers]

    def missed(self, tag: int) -> None:
        """A try of ours may be missing."""
        self._node.missed()

    async def calls(self, stages: Sequence[Sequence[Call]], timeout: float) -> list[Reply]:
        """Call scripts in stages over one connection. Raises at the first that fails."""
        answers: list[Reply] = []
        try:
            wire = await self._node.bulk(timeout)
            for stage in stages:
                answers = await evaluate(wire, stage, timeout)
                for answer in answers:
                    check(wire, answer)
        except OSError as error:
            raise away(error) from None
        return answers

    async def read(self, names: Sequence[bytes], timeout: float) -> Mapping[int, Reply]:
        """Return the value of each tag's key."""
        values = await self._node.command((b"MGET", *names), min(timeout, _READ_SECONDS))
        if not isinstance(values, list):
            raise CacheUnavailableError("the cache's marks cannot be read")
        return dict(enumerate(values))

    async def command(self, words: Words, tag: int, timeout: float) -> Reply:
        """Send one command."""
        return await self._node.command(words, timeout)

    async def look(self) -> None:
        """See whether this still is the server to ask."""
        if self._sentinels is not None:
            try:
                await self._sentinels.look()
            except OSError as error:
                raise away(error) from None

    async def close(self) -> None:
        """Close for good."""
        await self._node.close()
        if self._sentinels is not None:
            await self._sentinels.close()
