"""The note that a try's decision lies in a journal."""

import signal
from dataclasses import replace

from tests.adapters.redis.observing import attempt
from tests.support.valkey import Cached, now_ms

LINE = b"\x21" * 16


async def test_a_noted_try_of_this_line_is_told(redis: Cached) -> None:
    made = attempt(now_ms())
    said = [(await redis.observe(made, line=LINE)).journaled]
    await redis.cache.note_journaled(LINE, made.try_id, 5)
    said.append((await redis.observe(made, line=LINE)).journaled)
    said.append((await redis.observe(replace(made, try_id=b"another1"), line=LINE)).journaled)
    said.append((await redis.observe(made, line=b"\x22" * 16)).journaled)
    assert said == [False, True, False, False]


async def test_a_note_ends_within_a_day(redis: Cached) -> None:
    await redis.cache.note_journaled(LINE, b"8 bytes!", 5)
    await redis.cache.note_journaled(LINE, b"8 bytes!", 5)
    (key,) = [k for k in await keys_of(redis) if k.startswith(b"{21}1j")]
    left = await redis.connection.command("TTL", key, timeout=5)
    assert isinstance(left, int)
    assert 86_000 < left <= 86_400


async def test_a_note_that_cannot_be_made_is_let_go(redis: Cached) -> None:
    redis.valkey.send_signal(signal.SIGSTOP)
    try:
        await redis.cache.note_journaled(LINE, b"8 bytes!", 0.05)
    finally:
        redis.valkey.send_signal(signal.SIGCONT)


async def keys_of(redis: Cached) -> list[bytes]:
    found = await redis.connection.command("KEYS", "*", timeout=5)
    assert isinstance(found, list)
    return [key for key in found if isinstance(key, bytes)]
