"""Redis or Valkey: whether it answers, keeps what it is told, and is the one to ask."""

import asyncio
import re
import time
from collections.abc import Iterator, Mapping

from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.node import Node
from sekisho.domain.errors import CacheUnavailableError
from sekisho.operations.doctor.clocks import clock
from sekisho.operations.doctor.finding import Area, Finding, size

ANSWER_SECONDS = 2.0
_NEARLY_FULL = 0.8
_OLDEST = (7, 0)
"""Scripts need what came with it."""

Info = Mapping[str, str]


async def cache(connection: Connection, *, embedded: bool) -> list[Finding]:
    """Ask every server, all at once."""
    area = Area("cache")
    try:
        await asyncio.wait_for(connection.look(), ANSWER_SECONDS)
    except (CacheUnavailableError, TimeoutError) as error:
        return [_away(area, error)]
    nodes = list(connection.nodes)
    if len(nodes) == 1:
        return await _asked(area, nodes[0], embedded=embedded)
    asked = [_asked(Area(f"cache {node.name}"), node, embedded=False) for node in nodes]
    return [finding for group in await asyncio.gather(*asked) for finding in group]


async def _asked(area: Area, node: Node, *, embedded: bool) -> list[Finding]:
    try:
        _, info = await node.info(ANSWER_SECONDS)
        before = _now()
        told = await node.command((b"TIME",), ANSWER_SECONDS)
    except CacheUnavailableError as error:
        return [_away(area, error)]
    found = list(server(area, info, embedded=embedded))
    if isinstance(told, list):
        seconds, micros = (int(_text(part)) for part in told)
        found.append(clock(area, "Redis", seconds * 1000 + micros // 1000, before, _now()))
    return found


def _away(area: Area, error: CacheUnavailableError | TimeoutError) -> Finding:
    why = str(error) if isinstance(error, CacheUnavailableError) else "no answer in time"
    return area.problem(f"it does not answer: {why}", _REACH)


_REACH = (
    "look whether it runs and SEKISHO_REDIS_URL is right (address, user, password, CA); "
    "until then every velocity, line and watchlist is unknown"
)


def server(area: Area, info: Info, *, embedded: bool) -> Iterator[Finding]:
    """Judge what a server says of itself."""
    yield _version(area, info)
    yield from _role(area, info)
    yield from _memory(area, info)
    if not embedded:
        yield _persistence(area, info)


def _version(area: Area, info: Info) -> Finding:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = info.get("valkey_version") or info.get("redis_version", "")
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < _OLDEST:
        return area.problem(
            f"{name} {version or 'of an unknown version'} is too old",
            f"use Redis {'.'.join(map(str, _OLDEST))} or later, or Valkey",
        )
    return area.ok(f"{name} {version} answers")


def _role(area: Area, info: Info) -> Iterator[Finding]:
    if info.get("loading", "0") != "0":
        yield area.warning("it is still loading its file", "wait until it has")
    if info.get("role") == "slave":
        yield area.problem(
            "it is a replica, which takes no tries",
            "set SEKISHO_REDIS_URL to the primary, or to Sentinel",
        )
    else:
        count = info.get("connected_slaves", "0")
        yield area.ok(f"primary with {count} replica{'' if count == '1' else 's'}")


def _memory(area: Area, info: Info) -> Iterator[Finding]:
    policy = info.get("maxmemory_policy", "")
    most, used = int(info.get("maxmemory", 0)), int(info.get("used_memory", 0))
    if policy != "noeviction":
        yield area.problem(
            f"maxmemory-policy is {policy or 'not told'}: what may be evicted is unknown",
            "CONFIG SET maxmemory-policy noeviction, and in its configuration file",
        )
    else:
        yield area.ok("maxmemory-policy is noeviction")
    if most and used > _NEARLY_FULL * most:
        said = f"{size(used)} of {size(most)} are used"
        todo = "raise maxmemory: a full cache takes no tries, and their velocities are unknown"
        yield area.problem(said, todo) if used >= most else area.warning(said, todo)
    evicted = int(info.get("evicted_keys", 0))
    if evicted:
        yield area.warning(
            f"{evicted} keys were evicted since it started",
            "give it memory and noeviction; sekisho has begun the cache anew by itself",
        )


def _persistence(area: Area, info: Info) -> Finding:
    if info.get("aof_enabled") == "1":
        if info.get("aof_last_write_status", "ok") != "ok":
            return area.problem("its last write to the append-only file failed", "look at its disk")
        return area.ok("its append-only file is on")
    if info.get("rdb_last_bgsave_status", "ok") != "ok":
        return area.problem("its last snapshot failed", "look at its disk and its log")
    return area.warning(
        "its append-only file is off: a restart loses what it counted since its last snapshot",
        "CONFIG SET appendonly yes; sekisho rebuilds what is lost, and steps up until then",
    )


def _now() -> int:
    return time.time_ns() // 1_000_000


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
