"""Work that began before it was awaited goes on as if it had been awaited at once."""

import asyncio

import pytest

from sekisho.application.begun import Begun


async def test_work_runs_to_its_first_wait_and_goes_on_when_awaited() -> None:
    seen: list[str] = []
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def work() -> str:
        seen.append("begun")
        answer = await ready
        await asyncio.sleep(0)
        return answer

    begun = Begun(work())
    seen.append("meanwhile")
    ready.set_result("answer")
    assert await begun == "answer"
    assert seen == ["begun", "meanwhile"]


async def test_work_that_never_waits_has_its_result_at_once() -> None:
    async def work() -> int:
        return 7

    assert await Begun(work()) == 7


async def test_what_fails_while_work_waits_is_raised_where_it_waits() -> None:
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def work() -> str:
        try:
            await ready
        except ConnectionError:
            await asyncio.sleep(0)
            return "caught"
        return "not raised"

    begun = Begun(work())
    ready.set_exception(ConnectionError())
    assert await begun == "caught"


async def test_work_whose_task_is_cancelled_is_cancelled_where_it_waits() -> None:
    ended: list[type[BaseException]] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            ended.append(type(error))
            raise

    async def call() -> None:
        await Begun(work())

    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [asyncio.CancelledError]


async def test_work_that_nobody_awaits_is_closed() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("closed")

    begun = Begun(work())
    del begun
    assert ended == ["closed"]
