"""The cache as an assessment uses it: one script call, in a cluster one a tag, in one trip."""

import asyncio
import contextlib
import os
import time
from collections.abc import Sequence
from functools import partial
from itertools import count
from typing import Final

import msgspec
import structlog

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.eviction import EvictionWatch, NodeEviction
from sekisho.adapters.redis.parts import Part, by_tag, whole
from sekisho.adapters.redis.question import question
from sekisho.adapters.redis.reading import Reading
from sekisho.adapters.redis.servers import Answer
from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import Observation, Observed
from sekisho.domain.decision import MissingCause
from sekisho.domain.errors import CacheUnavailableError

_log = structlog.get_logger(__name__)
_UNREADABLE: Final = (IndexError, TypeError, ValueError, msgspec.MsgspecError)
_JOURNALED_SECONDS: Final = 86_400


class RedisCache:
    """Implements Cache on Redis or Valkey."""

    def __init__(self, connection: Connection, eviction: EvictionWatch) -> None:
        self._connection = connection
        self._eviction = eviction
        self._nonces = count(int.from_bytes(os.urandom(6), "big"))

    async def observe(self, observation: Observation, timeout: float) -> Observed:
        """Count the try and read what the assessment needs. Never raises."""
        until = time.monotonic() + timeout
        nonce = next(self._nonces).to_bytes(8, "big")
        parts = by_tag(observation) if self._connection.clustered else (whole(observation),)
        answers = await self._connection.ask(
            [(part.tag, partial(question, observation, part, nonce)) for part in parts], timeout
        )
        reading = Reading(observation)
        uncounted = []
        for part, answer in zip(parts, answers, strict=True):
            cause = await self._take(reading, part, nonce, answer, until)
            if cause is not None:
                reading.unknown(part, cause)
                if observation.record:
                    uncounted.append(part.tag)
        self.recorded(uncounted)
        return reading.observed(tuple(uncounted))

    def recorded(self, uncounted: Sequence[int]) -> None:
        """Have these tags count as behind the ledger until they have followed it to here."""
        for tag in uncounted:
            self._connection.missed(tag)

    async def note_journaled(self, line: Fingerprint, try_id: bytes, timeout: float) -> None:
        """Note for a day that the try's decision lies in a journal. Never raises."""
        key = keys.journaled_key(line, try_id)
        try:
            await self._connection.command(
                "SET", key, b"1", "EX", _JOURNALED_SECONDS, timeout=timeout, tag=keys.tag_of(key)
            )
        except CacheUnavailableError as error:
            _log.info("cache.not_noted", reason=str(error))

    async def _take(
        self, reading: Reading, part: Part, nonce: bytes, answer: Answer, until: float
    ) -> MissingCause | None:
        """Add an answer to what has been read; return why it tells nothing, if so."""
        node, reply = answer
        if node is None or not isinstance(reply, list):
            return MissingCause.CACHE_UNAVAILABLE
        try:
            if reply[0] != nonce:
                raise ValueError("not the answer to this question")
            if reply[1] == b"skewed":
                return MissingCause.CACHE_SKEWED
            watch = self._eviction.of(node)
            if watch.stale:
                await _look(watch, until)
            reading.add(part, reply, may_evict=watch.possible)
        except _UNREADABLE:
            # An answer to somebody else's question, or none at all: nothing on this connection
            # can be trusted.
            node.drop()
            return MissingCause.CACHE_UNAVAILABLE
        return None


async def _look(watch: NodeEviction, until: float) -> None:
    with contextlib.suppress(CacheUnavailableError, TimeoutError):
        async with asyncio.timeout(until - time.monotonic()):
            await watch.refresh()
