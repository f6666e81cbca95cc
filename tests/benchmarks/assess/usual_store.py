"""Where the usual service keeps things: sorted sets in Redis, a table in SQLite."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import orjson
import sqlalchemy as sa
from redis.asyncio import BlockingConnectionPool, Redis
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import KeyCounts, LineKnowledge, Observed, Try, Watched
from sekisho.application.subject import Subject
from sekisho.domain.velocity import (
    COUNTED,
    MOST_TRIES,
    RETENTION_MS,
    SHORT_LIVED,
    SHORT_RETENTION_MS,
    WINDOWS,
    Attribute,
    Dimension,
    Mark,
)

WATCHLISTS: Final = ("fraud",)
EXPIRY_MS: Final = 1_800_000

_WINDOW_MS: Final = tuple(WINDOWS.values())
_ABSENT: Final = b"\0" * 5
_ID: Final = slice(0, 8)
_DIGIT: Final = 8
_PARTS: Final = {
    attribute: slice(at := 9 + index * len(_ABSENT), at + len(_ABSENT))
    for index, attribute in enumerate(Attribute)
}
"""Where a member has what: the try's id, its reissue digit + 1, then each attribute's start."""
_A_KEY: Final = 5
"""Commands for each key of a try."""
_ENDS: Final = (Mark.FAILURE, Mark.COMPLETED, Mark.OVERRIDE, Mark.CLOSED)

Members = Sequence[tuple[bytes, float]]
"""Members of a sorted set with their scores, which are Unix ms."""
Lists = Sequence[tuple[str, Watched]]
"""Names of watchlists, each with what it holds of the request."""


class Tries:
    """What Redis knows of earlier tries, of the line, and of watchlists."""

    def __init__(self, port: int) -> None:
        # One for each request that is under way is more than Python keeps busy.
        pool = BlockingConnectionPool(host="127.0.0.1", port=port, max_connections=64)
        self._redis = Redis.from_pool(pool)

    async def observe(self, subject: Subject, now: int) -> tuple[Observed, Lists]:
        """Count the try, and read all that its assessment needs. `now` is Unix ms."""
        attempt = subject.attempt
        member = _member(attempt)
        watched = [each.fingerprint for each in subject.watched]
        pipe = self._redis.pipeline(transaction=False)
        for dimension, fingerprint in attempt.keys:
            key, retention = _key("tries", dimension, fingerprint), _retention(dimension)
            # A repeat keeps the time of the first.
            pipe.zadd(key, {member: attempt.at}, nx=True)
            pipe.zremrangebyscore(key, 0, now - retention)
            pipe.pexpire(key, retention)
            pipe.zrange(key, 0, MOST_TRIES - 1, desc=True, withscores=True)
            pipe.zrange(_key("marks", dimension, fingerprint), 0, -1, withscores=True)
        pipe.hgetall(f"line:{subject.line.hex()}")
        for name in WATCHLISTS:
            pipe.smismember(f"watchlist:{name}", watched)
        replies = await pipe.execute()
        present = frozenset(attempt.attributes)
        end = len(attempt.keys) * _A_KEY
        counts = tuple(
            # Most often nobody was here before.
            _alone(dimension, present)
            if len(tries) == 1 and not marks
            else _counts(dimension, attempt, tries, marks, now)
            for (dimension, _), tries, marks in zip(
                attempt.keys, replies[3:end:_A_KEY], replies[4:end:_A_KEY], strict=True
            )
        )
        hits = [
            (name, each)
            for name, held in zip(WATCHLISTS, replies[end + 1 :], strict=True)
            for each, hit in zip(subject.watched, held, strict=True)
            if hit
        ]
        return Observed(counts=counts, line=_knowledge(replies[end])), hits

    async def mark(self, attempt: Try, mark: Mark, at: int) -> None:
        """Note what became of a try. `at` is Unix ms."""
        pipe = self._redis.pipeline(transaction=False)
        for dimension, fingerprint in attempt.keys:
            key, retention = _key("marks", dimension, fingerprint), _retention(dimension)
            pipe.zadd(key, {attempt.try_id + mark.value.encode(): at})
            pipe.zremrangebyscore(key, 0, at - retention)
            pipe.pexpire(key, retention)
        await pipe.execute()

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


def _key(what: str, dimension: Dimension, fingerprint: Fingerprint) -> str:
    return f"{what}:{dimension}:{fingerprint.hex()}"


def _retention(dimension: Dimension) -> int:
    return SHORT_RETENTION_MS if dimension in SHORT_LIVED else RETENTION_MS


def _member(attempt: Try) -> bytes:
    """Return a try as every key has it: short enough for Redis to keep small sets in one piece."""
    digit = 0 if attempt.reissue is None else attempt.reissue + 1
    parts = (attempt.attributes.get(attribute, _ABSENT) for attribute in Attribute)
    short = (part[: len(_ABSENT)] for part in parts)
    return b"".join((attempt.try_id, bytes((digit,)), *short))


def _knowledge(events: Mapping[bytes, bytes]) -> LineKnowledge | None:
    if not events:
        return None
    changed_at = {what.decode(): int(at) for what, at in events.items() if what != b"locked"}
    locked = events.get(b"locked") == b"1"
    return LineKnowledge(revision=0, has_record=False, locked=locked, changed_at=changed_at)


def _counts(
    dimension: Dimension, attempt: Try, tries: Members, marks: Members, now: int
) -> KeyCounts:
    """Count what one key's sorted sets hold. `tries` are the newest, newest first."""
    others = [
        (window, member)
        for member, at in tries
        if member[_ID] != attempt.try_id
        and (window := bisect_right(_WINDOW_MS, now - at)) < len(_WINDOW_MS)
    ]
    distinct: dict[Attribute, tuple[int, ...]] = {}
    for attribute in COUNTED[dimension].distinct:
        place = _PARTS[attribute]
        own = attempt.attributes.get(attribute)
        seen = {} if own is None else {own[: len(_ABSENT)]: 0}
        for window, member in others:
            seen.setdefault(member[place], window)
        seen.pop(_ABSENT, None)
        distinct[attribute] = _per_window(seen.values())
    became: dict[Mark, dict[bytes, int]] = {mark: {} for mark in Mark}
    for member, at in marks:
        became[Mark(member[_ID.stop :].decode())][member[_ID]] = int(at)
    return KeyCounts(
        dimension=dimension,
        tries=_per_window((0, *(window for window, _ in others))),
        distinct=distinct,
        marks={
            mark: _per_window(
                bisect_right(_WINDOW_MS, now - at)
                for other, at in became[mark].items()
                if other != attempt.try_id
            )
            for mark in COUNTED[dimension].marks
        },
        open_step_ups=sum(
            at > now - EXPIRY_MS and not any(other in became[mark] for mark in _ENDS)
            for other, at in became[Mark.STEP_UP].items()
            if other != attempt.try_id
        ),
        last_failure_at=max(became[Mark.FAILURE].values(), default=None),
        last_completed_at=max(became[Mark.COMPLETED].values(), default=None),
        highest_reissue=max(
            (member[_DIGIT] - 1 for _, member in others if member[_DIGIT]), default=None
        ),
        covered_from=0,
        alone=not others and not marks,
    )


@lru_cache(maxsize=1024)
def _alone(dimension: Dimension, present: frozenset[Attribute]) -> KeyCounts:
    return _counts(dimension, Try(b"", 0, (), dict.fromkeys(present, b"")), (), (), 0)


def _per_window(shortest: Iterable[int]) -> tuple[int, ...]:
    """Return how many there are in each window, of the shortest that each is in."""
    new = [0] * (len(_WINDOW_MS) + 1)
    for window in shortest:
        new[window] += 1
    return tuple(accumulate(new[:-1]))


_TEXTS: Final = ("shop", "request_id", "terminal", "case_number", "kind", "cause", "verdict")
_WHY: Final = ("answer", "identifiers", "facts", "missing", "reasons", "unevaluated")
_decision: Final = sa.Table(
    "decision",
    sa.MetaData(),
    sa.Column("id", sa.LargeBinary(16), primary_key=True),
    *(sa.Column(name, sa.String(64), nullable=False) for name in (*_TEXTS, "state")),
    *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("decided_at", "expires_at")),
    *(sa.Column(name, sa.JSON, nullable=False) for name in _WHY),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("policy_version", sa.String(128), nullable=False),
    sa.UniqueConstraint("shop", "request_id"),
    sa.Index("decision_case_number", "case_number"),
)
"""One row a decision. Times are Unix ms."""
_INSERT: Final = sa.insert(_decision)


class Decisions:
    """The decisions in SQLite, each durable before it is answered."""

    def __init__(self, path: Path) -> None:
        # SQLite takes one writer at a time: better to wait for it here than in its busy handler.
        self._engine: AsyncEngine = create_async_engine(
            f"sqlite+aiosqlite:///{path}",
            pool_size=1,
            max_overflow=0,
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
        )
        sa.event.listen(self._engine.sync_engine, "connect", _durable)

    async def create(self) -> None:
        """Create the table where it is not there."""
        async with self._engine.begin() as connection:
            await connection.run_sync(_decision.metadata.create_all)

    async def record(self, row: Mapping[str, Any]) -> Any:
        """Insert a row. Return None, or the answer that its request was given before."""
        try:
            async with self._engine.begin() as connection:
                await connection.execute(_INSERT, dict(row))
        except IntegrityError:
            before = sa.select(_decision.c.answer).where(
                _decision.c.shop == row["shop"], _decision.c.request_id == row["request_id"]
            )
            async with self._engine.connect() as connection:
                return (await connection.execute(before)).scalar_one()
        return None

    async def close(self) -> None:
        """Close the connection."""
        await self._engine.dispose()


def _durable(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()
