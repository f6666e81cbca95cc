"""Changes planted into a service of the tests: defects, to show that the checker reports them,
and a clock that can be set.

Python imports this module at its start where the folder is on the path; `PLANTED` names what is
planted. The product knows nothing of it.
"""

import asyncio
import importlib
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

_LATE_SECONDS = 1.0
_later: set[asyncio.Task[Any]] = set()


def _class(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _decisions() -> Any:
    return _class("sekisho.adapters.sql.decisions", "SqlDecisions")


def skipped_fsync() -> None:
    """Answer when a decision is on its way and not yet on the disk: a crash loses it."""
    decisions = _decisions()
    record = decisions.record

    async def later(self: Any, decision: Any, *more: Any) -> None:
        await asyncio.sleep(_LATE_SECONDS)
        await record(self, decision, *more)

    async def answer(self: Any, decision: Any, *more: Any) -> Any:
        task = asyncio.create_task(later(self, decision, *more))
        _later.add(task)
        task.add_done_callback(_later.discard)
        return decision.standing

    decisions.record = answer


def double_delivery() -> None:
    """Bring every tenth decision into the ledger once more, as another one."""
    decisions = _decisions()
    record = decisions.record

    async def twice(self: Any, decision: Any, *more: Any) -> Any:
        standing = await record(self, decision, *more)
        if decision.attempt.try_id[0] % 10 == 0 and standing == decision.standing:
            again = str(uuid.uuid4())
            copy = replace(standing, decision_id=os.urandom(16), request_id=again)
            once = replace(decision.once, request_id=again)
            await record(self, replace(decision, standing=copy, once=once), *more)
        return standing

    decisions.record = twice


def double_event() -> None:
    """Append every event once more, as the next revision."""
    decisions = _decisions()
    append = decisions.append

    async def twice(self: Any, event: Any) -> Any:
        standing = await append(self, event)
        if event.once is not None and standing == event.standing:
            after = replace(standing, revision=standing.revision + 1)
            await append(self, replace(event, once=None, standing=after))
        return standing

    decisions.append = twice


def dropped_member() -> None:
    """Keep every tenth try out of the cache."""
    cache = _class("sekisho.adapters.redis.cache", "RedisCache")
    store = _class("sekisho.adapters.redis.projection", "RedisProjectionStore")
    observe, prepare = cache.observe, store.prepare

    def dropped(attempt: Any) -> bool:
        return bool(attempt.try_id[0] % 10 == 0)

    async def observed(self: Any, observation: Any, timeout: float) -> Any:
        if dropped(observation.attempt):
            observation = replace(observation, record=False)
        return await observe(self, observation, timeout)

    async def prepared(self: Any, projection: Any) -> Any:
        kept = tuple(one for one in projection.tries if not dropped(one))
        return await prepare(self, replace(projection, tries=kept))

    cache.observe, store.prepare = observed, prepared


def clean_default() -> None:
    """Take every fact that is unknown for one that is clean."""
    counts: Any = _class("sekisho.application.ports.cache", "KeyCounts")
    windows: Any = _class("sekisho.domain.velocity", "WINDOWS")
    counted: Any = _class("sekisho.domain.velocity", "COUNTED")
    cache = _class("sekisho.adapters.redis.cache", "RedisCache")
    observe = cache.observe
    ones, none = (1,) * len(windows), (0,) * len(windows)

    async def observed(self: Any, observation: Any, timeout: float) -> Any:
        found = await observe(self, observation, timeout)
        if not found.missing:
            return found
        clean = tuple(
            counts(
                dimension=dimension,
                tries=ones,
                distinct=dict.fromkeys(counted[dimension].distinct, ones),
                marks=dict.fromkeys(counted[dimension].marks, none),
                open_step_ups=0,
                last_failure_at=None,
                last_completed_at=None,
                highest_reissue=None,
                covered_from=0,
            )
            for dimension, _ in observation.attempt.keys
        )
        return replace(found, counts=clean, missing=(), watchlists_loaded={})

    cache.observe = observed


def clock() -> None:
    """Run by a clock that is wrong by the milliseconds in the file CLOCK, which may change.

    The clock of decisions is `time_ns`. gRPC's deadlines are of the true clock: a machine's step
    would move both sides of them.
    """
    there, time_ns = os.environ["CLOCK"], time.time_ns

    def wrong_ns() -> int:
        with open(there, encoding="ascii") as file:
            return time_ns() + int(file.read() or 0) * 1_000_000

    time.time_ns = wrong_ns


_CHANGES: dict[str, Callable[[], None]] = {
    change.__name__: change
    for change in (
        *(skipped_fsync, double_delivery, double_event, dropped_member, clean_default),
        clock,
    )
}

for _name in filter(None, os.environ.get("PLANTED", "").split(",")):
    _CHANGES[_name]()
