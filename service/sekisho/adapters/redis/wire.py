"""One connection that many calls share.

Calls made in one turn of the event loop are written together, and answers come in their order:
measured, that costs a fifth of a pool of connections, here and in the server.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final, cast

import hiredis

from sekisho.application.abreast import alone

Words = Sequence[bytes | str | int]
Reply = bytes | int | str | None | list["Reply"] | hiredis.ReplyError

STALLED_SECONDS: Final = 1.0
"""A server that owes an answer and has said nothing for so long is given up."""
_NOTHING: Final = object()
WRONG_SERVER: Final = frozenset({"LOADING", "MASTERDOWN", "READONLY"})
"""Errors of a server that is not the one to ask: no longer the primary, or not yet loaded."""


class Wire(asyncio.Protocol):
    """A connection that is open, or has been. It is never opened again."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(notEnoughData=_NOTHING)
        self._waiting: deque[asyncio.Future[Reply]] = deque()
        self._unsent: list[bytes] = []
        self._transport: asyncio.WriteTransport | None = None
        self._heard = 0.0
        self.lost = False

    async def call(self, words: Words, timeout: float) -> Reply:
        """Send a command and return its answer, which may be an error.

        Raises TimeoutError after `timeout` seconds, and OSError when the connection is lost. An
        answer that comes later is read and forgotten: the order of the others stands.
        """
        future = self._send(words)
        if alone():
            # Nobody comes along whose words could be written together with these.
            self._flush()
        timer = self._loop.call_later(timeout, self._give_up, (future,))
        try:
            return await future
        finally:
            timer.cancel()

    async def calls(self, commands: Sequence[Words], timeout: float) -> list[Reply]:
        """Send commands together and return their answers; for the rest as `call`."""
        futures = [self._send(words) for words in commands]
        timer = self._loop.call_later(timeout, self._give_up, futures)
        try:
            return [await future for future in futures]
        finally:
            timer.cancel()
            for future in futures:
                # The first error is raised; the others have been looked at.
                if not future.cancel() and not future.cancelled():
                    future.exception()

    def abort(self) -> None:
        """Close at once; every call under way fails."""
        self.connection_lost(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the connection is open."""
        self._transport = cast("asyncio.WriteTransport", transport)  # uvloop's is no subclass.

    def data_received(self, data: bytes) -> None:
        """asyncio: hand each whole answer to the call that waited longest."""
        self._heard = self._loop.time()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not _NOTHING:
                future = self._waiting.popleft()
                if not future.done():
                    future.set_result(reply)
        except (hiredis.HiredisError, IndexError):
            # Not the protocol, or an answer that nobody asked for.
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is closed."""
        self.lost = True
        if self._transport is not None:
            self._transport.abort()
        for future in self._waiting:
            if not future.done():
                future.set_exception(ConnectionError("connection lost"))
        self._waiting.clear()

    def _send(self, words: Words) -> asyncio.Future[Reply]:
        future: asyncio.Future[Reply] = self._loop.create_future()
        if self.lost:
            future.set_exception(ConnectionError("connection lost"))
            return future
        if not self._waiting:
            self._heard = self._loop.time()
        if not self._unsent:
            self._loop.call_soon(self._flush)
        # The stub says that a command is one word.
        self._unsent.append(hiredis.pack_command(tuple(words)))  # type: ignore[arg-type]
        self._waiting.append(future)
        return future

    def _flush(self) -> None:
        if self._unsent and self._transport is not None and not self.lost:
            self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def _give_up(self, futures: Sequence[asyncio.Future[Reply]]) -> None:
        for future in futures:
            if not future.done():
                future.set_exception(TimeoutError())
        if self._loop.time() - self._heard > STALLED_SECONDS:
            self.abort()


def word_of(error: hiredis.ReplyError) -> str:
    """Return an error's first word, which names it: the rest may quote what was sent."""
    return str(error).split(" ", 1)[0]


def check(wire: Wire, answer: Reply) -> Reply:
    """Return the answer; one that is an error is raised as ConnectionError, its name the text.

    A server that is not the one to ask is left, so that the address is looked up again.
    """
    if isinstance(answer, hiredis.ReplyError):
        word = word_of(answer)
        if word in WRONG_SERVER:
            wire.abort()
        raise ConnectionError(word)
    return answer
