"""The servers of a cluster: what is asked goes to all nodes concerned at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

import hiredis

from sekisho.adapters.redis.calls import Call, evaluate
from sekisho.adapters.redis.cluster_map import ClusterMap
from sekisho.adapters.redis.floor import Floors
from sekisho.adapters.redis.node import Node
from sekisho.adapters.redis.servers import Answer, Ask
from sekisho.adapters.redis.split import Stages, by_tag
from sekisho.adapters.redis.url import Place
from sekisho.adapters.redis.wire import WRONG_SERVER, Reply, Wire, Words, check
from sekisho.domain.errors import CacheUnavailableError

_READ_SECONDS: Final = 0.5
_STAGE_SECONDS: Final = 2.0
"""A node that stalls must not keep the others waiting until they are behind the ledger."""
_OF_THE_NODE: Final = WRONG_SERVER | {"CLUSTERDOWN"}
_UNKNOWN: Final = CacheUnavailableError("nobody is known to serve this tag")


class Cluster:
    """Implements Servers. What one node has is unknown while it is away; the rest still counts."""

    clustered = True

    def __init__(self, place: Place, floors: Floors) -> None:
        """Take some of the nodes; nothing is connected yet."""
        self._floors = floors
        self._map = ClusterMap(place, floors)

    @property
    def nodes(self) -> Collection[Node]:
        """The nodes that serve some tag."""
        return self._map.nodes

    @property
    def since(self) -> int:
        """The latest of any tag."""
        every = [self._since(node.floor, tag) for node in self.nodes for tag in self.tags(node)]
        return max(every, default=0)

    def tags(self, node: Node) -> Collection[int]:
        """Return the tags that a node serves."""
        return self._map.tags(node)

    def missed(self, tag: int) -> None:
        """A try of ours in this tag may be missing."""
        self._map.missed(tag)

    async def ask(self, asks: Sequence[Ask], timeout: float) -> list[Answer]:
        """Call scripts for an assessment; what a node refuses, whoever it names is asked."""
        until = time.monotonic() + timeout
        if not self._map.nodes:
            with suppress(CacheUnavailableError, TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._map.look()
        answers: list[Answer] = [(self._map.node(tag), _UNKNOWN) for tag, _ in asks]
        first: dict[tuple[Node, bool], list[int]] = {}
        for place, (node, _) in enumerate(answers):
            if node is not None:
                first.setdefault((node, False), []).append(place)
        await self._ask(first, asks, answers, until)
        if not all(isinstance(reply, list) for _, reply in answers):
            await self._ask(self._named_instead(asks, answers), asks, answers, until)
            if not all(isinstance(reply, list) for _, reply in answers):
                self._map.soon()
        return answers

    async def _ask(
        self,
        groups: Mapping[tuple[Node, bool], Sequence[int]],
        asks: Sequence[Ask],
        answers: list[Answer],
        until: float,
    ) -> None:
        async def one(node: Node, asking: bool, places: Sequence[int]) -> None:
            def make(floor: float) -> list[Call]:
                some = [asks[place] for place in places]
                return [build(self._since(floor, tag)) for tag, build in some]

            try:
                replies = await node.ask(make, until - time.monotonic(), asking=asking)
            except CacheUnavailableError as error:
                for place in places:
                    answers[place] = (node, error)
            else:
                for place, reply in zip(places, replies, strict=True):
                    answers[place] = (node, reply)

        await asyncio.gather(*(one(*group, places) for group, places in groups.items()))

    def _since(self, floor: float, tag: int) -> int:
        return self._floors.since(max(floor, self._map.floor(tag)), tag)

    def _named_instead(
        self, asks: Sequence[Ask], answers: Sequence[Answer]
    ) -> dict[tuple[Node, bool], list[int]]:
        """Return whom the nodes that refused have named; True: who is just taking over."""
        groups: dict[tuple[Node, bool], list[int]] = {}
        for place, (node, reply) in enumerate(answers):
            if node is not None and isinstance(reply, hiredis.ReplyError):
                match str(reply).split(" "):
                    case ["MOVED", _, address]:
                        other = self._map.learn(asks[place][0], node, address)
                        groups.setdefault((other, False), []).append(place)
                    case ["ASK", _, address]:
                        other = self._map.at(node, address)
                        groups.setdefault((other, True), []).append(place)
        return groups

    async def calls(self, stages: Sequence[Sequence[Call]], timeout: float) -> list[Reply]:
        """Call scripts in stages, over one connection to each node."""
        plan = by_tag(stages)
        done, moved = await self._run(plan, min(timeout, _STAGE_SECONDS))
        if moved:
            again = {tag: plan[tag] for tag in moved}
            done |= (await self._run(again, min(timeout, _STAGE_SECONDS)))[0]
        if any(calls[-1] for tag, calls in plan.items() if tag not in done):
            self._map.soon()
            raise CacheUnavailableError("a part of the cache is away")
        return [answer for answers in done.values() for answer in answers]

    async def _run(
        self, plan: Mapping[int, Stages], timeout: float
    ) -> tuple[dict[int, list[Reply]], set[int]]:
        """Return the last answers of the tags of which every call succeeded, and which of the
        others another node serves."""
        done: dict[int, list[Reply]] = {}
        moved: set[int] = set()

        async def work(node: Node, tags: Sequence[int]) -> None:
            async def run(wire: Wire) -> None:
                left = {tag: plan[tag] for tag in tags}
                last: dict[int, list[Reply]] = {}
                for number in range(max(map(len, left.values()))):
                    here = [(tag, call) for tag, calls in left.items() for call in calls[number]]
                    last = {tag: [] for tag in left}
                    replies = await evaluate(wire, [call for _, call in here], timeout)
                    for (tag, _), reply in zip(here, replies, strict=True):
                        if self._settled(node, tag, reply, moved, wire):
                            last[tag].append(reply)
                        else:
                            left.pop(tag, None)
                done.update({tag: last[tag] for tag in left})

            with suppress(CacheUnavailableError):
                await node.steps(run, timeout)

        await self._on_each(plan, work)
        return done, moved

    def _settled(self, node: Node, tag: int, reply: Reply, moved: set[int], wire: Wire) -> bool:
        """Whether a call succeeded; who refuses a tag is believed. Raises OSError where the
        server is not one to ask."""
        if not isinstance(reply, hiredis.ReplyError):
            return True
        match str(reply).split(" "):
            case ["MOVED", _, address]:
                moved.add(tag)
                self._map.learn(tag, node, address)
            case [word, *_] if word in _OF_THE_NODE:
                check(wire, reply)
        return False

    async def read(self, names: Sequence[bytes], timeout: float) -> Mapping[int, Reply]:
        """Return the value of each tag's key; what cannot be read is absent."""
        values: dict[int, Reply] = {}

        async def work(node: Node, tags: Sequence[int]) -> None:
            async def run(wire: Wire) -> None:
                commands = [(b"GET", names[tag]) for tag in tags]
                replies = await wire.calls(commands, min(timeout, _READ_SECONDS))
                for tag, reply in zip(tags, replies, strict=True):
                    if self._settled(node, tag, reply, set(), wire):
                        values[tag] = reply

            with suppress(CacheUnavailableError):
                await node.steps(run, min(timeout, _READ_SECONDS))

        await self._on_each(range(len(names)), work)
        if len(values) < len(names):
            self._map.soon()
        if not values:
            raise CacheUnavailableError("the cache is away")
        return values

    async def _on_each(
        self, tags: Iterable[int], work: Callable[[Node, Sequence[int]], Awaitable[None]]
    ) -> None:
        if not self._map.nodes:
            await self._map.look()
        groups: dict[Node, list[int]] = {}
        for tag in tags:
            node = self._map.node(tag)
            if node is not None:
                groups.setdefault(node, []).append(tag)
        await asyncio.gather(*(work(node, some) for node, some in groups.items()))

    async def command(self, words: Words, tag: int, timeout: float) -> Reply:
        """Send one command to the node that serves a tag."""
        if not self._map.nodes:
            await self._map.look()
        node = self._map.node(tag)
        if node is None:
            raise _UNKNOWN
        try:
            return await node.command(words, timeout)
        except CacheUnavailableError:
            self._map.soon()
            raise

    async def look(self) -> None:
        """Ask who serves what."""
        await self._map.look()

    async def close(self) -> None:
        """Close for good."""
        await self._map.close()
