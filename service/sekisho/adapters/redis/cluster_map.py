"""Which node of a cluster serves which tag, as far as it is known."""

import asyncio
import random
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from typing import Final

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.endpoint import Endpoint
from sekisho.adapters.redis.floor import Floors
from sekisho.adapters.redis.keys import TAGS
from sekisho.adapters.redis.node import Node
from sekisho.adapters.redis.url import Place
from sekisho.adapters.redis.wire import Reply, check
from sekisho.domain.errors import CacheUnavailableError

_SECONDS: Final = 0.5
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 1.0
_TABLE: Final = ("CLUSTER", "SLOTS")
Address = tuple[str, int]


@cache
def slots() -> tuple[int, ...]:
    """Return the hash slot of each tag."""
    # The library takes a third of a second to import, and one server needs no slots.
    from redis.crc import key_slot

    return tuple(key_slot(key) for key in keys.COVERAGE_KEYS)


class ClusterMap:
    """Begins empty. `look` asks some node; a node that refuses a tag says who has it."""

    def __init__(self, place: Place, floors: Floors) -> None:
        self._seeds = place.first
        self._floors = floors
        self._by_address: dict[Address, Node] = {}
        self._by_tag: list[Node | None] = [None] * len(TAGS)
        self._floor_of = [0.0] * len(TAGS)
        self._looking: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._pause = _FIRST_PAUSE
        self._closed = False

    @property
    def nodes(self) -> Collection[Node]:
        """The nodes that serve some tag."""
        return dict.fromkeys(node for node in self._by_tag if node is not None)

    def tags(self, node: Node) -> Collection[int]:
        """Return the tags that a node serves."""
        return [tag for tag in TAGS if self._by_tag[tag] is node]

    def node(self, tag: int) -> Node | None:
        """Return the node that serves a tag."""
        return self._by_tag[tag]

    def floor(self, tag: int) -> float:
        """Return from when on the tag must have followed the ledger, besides its node."""
        return self._floor_of[tag]

    def missed(self, tag: int) -> None:
        """A try of ours in this tag may be missing, or all that its new node never got."""
        self._floor_of[tag] = self._floors.rise()

    def learn(self, tag: int, asked: Node, address: str) -> Node:
        """Take a node's word for who serves a tag; an address without a host is on its own."""
        node = self.at(asked, address)
        self._serves(tag, node)
        self.soon()
        return node

    def at(self, asked: Node, address: str) -> Node:
        """Return the node at an address that another one told."""
        host, _, port = address.rpartition(":")
        if not host:
            own = [own for (own, _), node in self._by_address.items() if node is asked]
            host = own[0] if own else self._seeds[0].host
        return self._at((host, int(port)))

    def soon(self) -> None:
        """Look again in a moment: jittered, and less and less often while nothing changes."""
        if self._timer is None and self._looking is None and not self._closed:
            pause = self._pause * random.uniform(0.5, 1.0)  # noqa: S311
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            self._timer = asyncio.get_running_loop().call_later(pause, self._begin)

    async def look(self) -> None:
        """Ask who serves what. Those who ask at the same time share one look.

        Raises CacheUnavailableError where nobody tells.
        """
        self._pause = _FIRST_PAUSE
        self._begin()
        if self._looking is not None:
            await asyncio.shield(self._looking)

    async def close(self) -> None:
        """Close for good."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await asyncio.gather(*(node.close() for node in self._by_address.values()))

    def _begin(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._looking is None and not self._closed:
            self._looking = asyncio.create_task(self._look())
            self._looking.add_done_callback(self._looked)

    def _looked(self, task: asyncio.Task[None]) -> None:
        self._looking = None
        if not task.cancelled():
            # Everyone who waited may have given up meanwhile.
            task.exception()

    async def _look(self) -> None:
        before = list(self._by_tag)
        for tag, address in await self._table():
            self._serves(tag, self._at(address))
        if before != self._by_tag:
            self._pause = _FIRST_PAUSE
        serving = self.nodes
        for address, node in list(self._by_address.items()):
            if node not in serving:
                del self._by_address[address]
                node.retire()

    async def _table(self) -> list[tuple[int, Address]]:
        """Return who serves each tag, by the first node that tells."""
        for (host, _), node in random.sample(list(self._by_address.items()), len(self._by_address)):
            with suppress(CacheUnavailableError):
                return _served(await node.command(_TABLE, _SECONDS), host)
        for seed in self._seeds:
            with suppress(CacheUnavailableError, OSError):
                return _served(await _asked(seed), seed.host)
        raise CacheUnavailableError("no node of the cache's cluster tells who serves what")

    def _serves(self, tag: int, node: Node) -> None:
        if self._by_tag[tag] is not node:
            self._by_tag[tag] = node
            self.missed(tag)

    def _at(self, address: Address) -> Node:
        node = self._by_address.get(address)
        if node is None:
            there = replace(self._seeds[0], host=address[0], port=address[1])
            node = self._by_address[address] = Node(there.name, there, self._floors)
        return node


async def _asked(seed: Endpoint) -> Reply:
    async with asyncio.timeout(_SECONDS):
        wire = await seed.open()
        try:
            return check(wire, await wire.call(_TABLE, _SECONDS))
        finally:
            wire.abort()


def _served(answer: Reply, host: str) -> list[tuple[int, Address]]:
    """Return the address for each tag; a node that does not know its own host is at `host`."""
    ranges = list(_ranges(answer, host))
    served = [
        (tag, address)
        for tag in TAGS
        for first, last, address in ranges
        if first <= slots()[tag] <= last
    ]
    if not served:
        raise CacheUnavailableError("the cache's cluster serves nothing")
    return served


def _ranges(answer: Reply, host: str) -> Iterator[tuple[int, int, Address]]:
    """Read CLUSTER SLOTS: first and last slot, then the primary and its replicas."""
    for row in answer if isinstance(answer, list) else ():
        match row:
            case [int(first), int(last), [bytes() | None as name, int(port), *_], *_]:
                yield first, last, ((name or b"").decode() or host, port)
            case _:
                raise CacheUnavailableError("not what a cluster's node says")
