"""Bulk work beside calls."""

import asyncio
import time

import pytest

from sekisho.application.politely import REST, politely


async def test_bulk_work_rests_for_what_the_loop_did_meanwhile() -> None:
    busy = 0.0

    async def calls() -> None:
        nonlocal busy
        began = time.thread_time()
        while (busy := time.thread_time() - began) < 0.02:
            pass

    async def work() -> str:
        await asyncio.create_task(calls())
        return "done"

    began = time.monotonic()
    assert await politely(work()) == "done"
    assert time.monotonic() - began >= REST * busy


async def test_an_error_of_bulk_work_is_told_at_once() -> None:
    async def work() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        await politely(work())
