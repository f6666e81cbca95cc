"""The cache as an assessment uses it: one script call."""

import asyncio
import contextlib
import os
import time
from itertools import count
from typing import Final

import msgspec

from sekisho.adapters.redis.answer import key_counts, lowest_versions, parts, unpack_numbers
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.eviction import EvictionWatch
from sekisho.adapters.redis.question import question
from sekisho.adapters.redis.stored import unpack_line
from sekisho.adapters.redis.wire import Reply
from sekisho.application.ports.cache import Observation, Observed
from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.errors import CacheUnavailableError

_UNREADABLE: Final = (IndexError, TypeError, ValueError, msgspec.MsgspecError)


class RedisCache:
    """Implements Cache on one Redis or Valkey."""

    def __init__(self, connection: Connection, eviction: EvictionWatch) -> None:
        self._connection = connection
        self._eviction = eviction
        self._nonces = count(int.from_bytes(os.urandom(6), "big"))

    async def observe(self, observation: Observation, timeout: float) -> Observed:
        """Count the try and read what the assessment needs. Never raises."""
        began = time.monotonic()
        nonce = next(self._nonces).to_bytes(8, "big")
        try:
            answer = await self._connection.call(question(observation, nonce), timeout)
        except CacheUnavailableError:
            return _nothing(observation, MissingCause.CACHE_UNAVAILABLE)
        if self._eviction.stale:
            with contextlib.suppress(CacheUnavailableError, TimeoutError):
                async with asyncio.timeout(timeout - (time.monotonic() - began)):
                    await self._eviction.refresh()
        try:
            return self._observed(observation, nonce, answer)
        except _UNREADABLE:
            # An answer to somebody else's question, or none at all: nothing on this connection
            # can be trusted.
            self._connection.drop()
            return _nothing(observation, MissingCause.CACHE_UNAVAILABLE)

    def _observed(self, observation: Observation, nonce: bytes, answer: Reply) -> Observed:
        if not isinstance(answer, list) or answer[0] != nonce:
            raise ValueError("not the answer to this question")
        if answer[1] == b"skewed":
            return _nothing(observation, MissingCause.CACHE_SKEWED)
        packed, stored_line, held, lists = parts(answer)
        numbers = unpack_numbers(packed)
        may_evict = self._eviction.possible
        missing: list[MissingSignal] = []

        counts = key_counts(observation.attempt, numbers)
        if may_evict:
            counts = ()
            missing += _velocity(observation, MissingCause.CACHE_MAY_EVICT)

        # A line is written whole, so one that is there is complete while its tag is fresh; one
        # that is not there is known not to be only where everything is covered.
        line, covered_from = None, numbers[1]
        if covered_from < 0:
            missing.append(MissingSignal("line", MissingCause.BEHIND_LEDGER))
        elif stored_line is not None:
            line = unpack_line(stored_line)
        elif may_evict:
            missing.append(MissingSignal("line", MissingCause.CACHE_MAY_EVICT))
        elif covered_from != 0:
            missing.append(MissingSignal("line", MissingCause.NOT_COVERED))

        loaded = None
        if may_evict:
            missing.append(MissingSignal("watchlist", MissingCause.CACHE_MAY_EVICT))
        elif numbers[0]:
            missing.append(MissingSignal("watchlist", MissingCause.WATCHLIST_NOT_LOADED))
        else:
            loaded = lowest_versions(lists)
        return Observed(
            counts=counts,
            line=line,
            watch_candidates=tuple(
                watched
                for watched, found in zip(observation.watched, held, strict=True)
                if found == _HELD
            ),
            watchlists_loaded=loaded,
            missing=tuple(missing),
        )


_HELD: Final = ord("1")


def _velocity(observation: Observation, cause: MissingCause) -> list[MissingSignal]:
    dimensions = dict.fromkeys(dimension for dimension, _ in observation.attempt.keys)
    return [MissingSignal(f"velocity.{dimension}", cause) for dimension in dimensions]


def _nothing(observation: Observation, cause: MissingCause) -> Observed:
    others = (MissingSignal("line", cause), MissingSignal("watchlist", cause))
    return Observed(missing=(*_velocity(observation, cause), *others))
