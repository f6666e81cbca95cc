"""Finds the primary by asking sentinels, and opens connections to it."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Final

import hiredis

from sekisho.adapters.redis.endpoint import Endpoint
from sekisho.adapters.redis.lane import Lane
from sekisho.adapters.redis.url import Place
from sekisho.adapters.redis.wire import Reply, Wire, check, word_of

_SECONDS: Final = 0.5
_DOWN: Final = frozenset({"s_down", "o_down", "disconnected"})


class Sentinels:
    """Implements Opener: the server may be another one each time.

    All sentinels are asked at once, and the first that holds a primary to be up is believed. The
    server itself must say that it is one: a sentinel that was away may be behind.
    """

    def __init__(self, place: Place) -> None:
        """Take the sentinels and the name of what they watch; nothing is connected yet."""
        self._primary = place.first[0]
        self._service = place.service
        # Most sentinels have no users: they are given the password only where they ask for it.
        strangers = [replace(there, user="", password="", database=0) for there in place.first]
        self._lanes = [Lane(there, lambda: None) for there in strangers]
        self._at: Endpoint | None = None
        self.moved: Callable[[], None] = lambda: None
        """Told when the primary is another server: connections to the former one are of no use."""

    async def open(self) -> Wire:
        """Open a connection to the primary. Raises OSError."""
        there = await self._found()
        wire = await there.open()
        try:
            role = check(wire, await wire.call(("ROLE",), _SECONDS))
            if not isinstance(role, list) or role[0] != b"master":
                raise ConnectionError("not the primary")
        except BaseException:
            wire.abort()
            raise
        return wire

    async def look(self) -> None:
        """See whether the primary is another server. Raises OSError."""
        await self._found()

    async def close(self) -> None:
        """Close for good."""
        for lane in self._lanes:
            await lane.close()

    async def _found(self) -> Endpoint:
        asking = [asyncio.create_task(self._told(lane)) for lane in self._lanes]
        try:
            for told in asyncio.as_completed(asking):
                with suppress(OSError):
                    there = await told
                    if self._at not in (None, there):
                        self.moved()
                    self._at = there
                    return there
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        raise ConnectionError("no sentinel knows of a primary")

    async def _told(self, lane: Lane) -> Endpoint:
        """Ask one sentinel. Raises OSError."""
        wire = await lane.wire(_SECONDS)
        answer = await wire.call(("SENTINEL", "MASTER", self._service), _SECONDS)
        if isinstance(answer, hiredis.ReplyError) and word_of(answer) == "NOAUTH":
            user = (self._primary.user,) if self._primary.user else ()
            check(wire, await wire.call(("AUTH", *user, self._primary.password), _SECONDS))
            answer = await wire.call(("SENTINEL", "MASTER", self._service), _SECONDS)
        said = _pairs(check(wire, answer))
        try:
            if not _DOWN.isdisjoint(said["flags"].split(",")):
                raise ConnectionError("the primary is down")
            return replace(self._primary, host=said["ip"], port=int(said["port"]))
        except (KeyError, ValueError):
            raise ConnectionError("not what a sentinel says") from None


def _pairs(answer: Reply) -> dict[str, str]:
    if not isinstance(answer, list):
        raise ConnectionError("not what a sentinel says")
    words = [word.decode(errors="replace") for word in answer if isinstance(word, bytes)]
    return dict(zip(words[::2], words[1::2], strict=False))
