"""A process that is killed while it blocks what a fraud was done with."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import grpc
import pytest

from sekisho.v1 import review_act_pb2, review_pb2, watchlist_pb2
from tests.support import review
from tests.support.review import new_id
from tests.support.server import Client
from tests.support.service import forged
from tests.support.serving import serving

ROLES = ("card", "device", "contact")
WATCHLIST = "watchlists/frauds"


async def blocked(client: Client, case: str) -> tuple[int, list[str]]:
    """Return how many entries the list has, and what was done with a case."""
    listing = watchlist_pb2.ListWatchlistEntriesRequest(parent=WATCHLIST, page_size=1000)
    entries = 0
    try:
        entries = len((await client.watchlist.ListWatchlistEntries(listing)).watchlist_entries)
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
    trail = await client.review.ListTrail(review_act_pb2.ListTrailRequest(case=case))
    return entries, [entry.act for entry in trail.trail_entries]


@pytest.mark.parametrize("delay_ms", [0, 3, 6, 9, 15])
async def test_a_block_that_was_cut_short_is_whole_or_not_there_and_its_repeat_is_whole(
    tmp_path: Path, delay_ms: int
) -> None:
    keys_file = str(review.keys_file(tmp_path))
    with serving(tmp_path, keys_file=keys_file) as served:
        async with grpc.aio.insecure_channel(served.address) as channel:
            client = Client(channel)
            decision = await client.risk_check.AssessSimChange(forged(), timeout=10)
            request = review_act_pb2.BlockIdentifiersRequest(
                name=decision.name,
                request_id=new_id(),
                roles=ROLES,
                watchlist=WATCHLIST,
                lock_line=True,
                note="forged card",
            )
            shown = await client.review.GetCase(
                review_pb2.GetCaseRequest(name=decision.name), timeout=10
            )
            request.etag = shown.summary.etag
            blocking = asyncio.ensure_future(client.review.BlockIdentifiers(request, timeout=10))
            await asyncio.sleep((delay_ms + random.random()) / 1000)
            served.process.kill()
            served.process.wait()
            with suppress(grpc.aio.AioRpcError):
                await blocking
    (tmp_path / "serve.log").unlink()
    with serving(tmp_path, keys_file=keys_file) as served:
        async with grpc.aio.insecure_channel(served.address) as channel:
            client = Client(channel)
            assert await blocked(client, decision.name) in ((0, []), (len(ROLES), ["blocked"]))
            again = await client.review.BlockIdentifiers(request, timeout=10)
            assert len(again.entries) == len(ROLES)
            assert await blocked(client, decision.name) == (len(ROLES), ["blocked"])
