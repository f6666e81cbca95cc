"""What stands on a desk that is looked at: cases, a group, a watchlist, and what was written."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.v1 import (
    decision_pb2,
    review_act_pb2,
    review_link_pb2,
    watchlist_pb2,
)
from tests.support.pages import all_pages
from tests.support.server import Client
from tests.support.service import forged

SCRIPT = '<script>window.hacked=1</script><img src=x onerror="window.hacked=1">\'"`${7*7}{{7*7}}'
"""What does harm wherever it is not shown as text."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What was made, and the path of every page by its name."""

    decision: decision_pb2.Decision
    group: str
    watchlist: str
    pages: Mapping[str, str]


def _id() -> str:
    return str(uuid.uuid4())


async def scene(api: Client, written: str = "the same card at several shops") -> Scene:
    """Make it; `written` stands in every field of text that somebody may fill in."""
    first = await api.risk_check.AssessSimChange(forged(1), timeout=10)
    others = [
        await api.risk_check.AssessSimChange(forged(line, shop="umeda"), timeout=10)
        for line in range(2, 5)
    ]
    watchlist_id = f"list-{uuid.uuid4().hex[:8]}"
    made = await api.watchlist.CreateWatchlist(
        watchlist_pb2.CreateWatchlistRequest(
            request_id=_id(),
            watchlist_id=watchlist_id,
            watchlist=watchlist_pb2.Watchlist(display_name=written, description=written),
        )
    )
    await api.watchlist.CreateWatchlistEntry(
        watchlist_pb2.CreateWatchlistEntryRequest(
            request_id=_id(),
            parent=made.name,
            watchlist_entry=watchlist_pb2.WatchlistEntry(
                identifier=watchlist_pb2.Identifier(contact="taro@example.jp"),
                reason=written,
                source=written[:60],
            ),
        )
    )
    group = await api.review.CreateGroup(
        review_link_pb2.CreateGroupRequest(
            request_id=_id(),
            display_name=written,
            description=written,
            cases=[each.name for each in (first, *others)],
        )
    )
    await api.review.AddNote(
        review_act_pb2.AddNoteRequest(name=first.name, request_id=_id(), note=written)
    )
    return Scene(first, group.name, made.name, all_pages(first, group.name, made.name, "ginza"))
