"""Who holds a case, for how long, and how it changes hands; on both databases."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest

from sekisho.adapters.sql.open_ledger import open_database
from sekisho.adapters.sql.review.desk import SqlDesk
from sekisho.application.acts import LEASE_MS, Acts, Asked
from sekisho.application.ports.ledger import Once
from sekisho.domain.errors import FailedPreconditionError
from sekisho.rpc.convert import names
from sekisho.v1 import review_act_pb2, review_link_pb2
from tests.support import review
from tests.support.review import FRAUD_TEAM, WAITING, CaseFilter, CaseSummary, Desk, new_id, other
from tests.support.server import refused
from tests.support.service import forged, whole


@asynccontextmanager
async def acts_later(database_url: str, milliseconds: int) -> AsyncIterator[Acts]:
    """What analysts do at the same desk by a clock that is ahead."""
    database = await open_database(database_url, 5)
    try:
        clock = lambda: time.time_ns() // 1_000_000 + milliseconds  # noqa: E731
        yield Acts(SqlDesk(database, dict), clock, 1_800_000)
    finally:
        await database.close()


async def test_a_claim_ends_by_itself_after_a_quarter_of_an_hour(
    desk: Desk, database_url: str
) -> None:
    decision = await desk.step_up()
    held = await desk.claim(await desk.case(decision))
    asked = Asked(
        Once("analyst/suzuki", new_id(), bytes(16)),
        "analyst/suzuki",
        names.decision_id(held.name),
        None,
    )
    async with acts_later(database_url, LEASE_MS - 60_000) as acts:
        with pytest.raises(FailedPreconditionError) as told:
            await acts.claim(asked)
        assert told.value.reason == "CASE_CLAIMED"
    async with acts_later(database_url, LEASE_MS + 1) as acts:
        assert (await acts.claim(asked)).assignee == "analyst/suzuki"
    late = await refused(desk.approve(await desk.case(decision)))
    assert late.reason == "CASE_CLAIMED"


async def test_what_is_given_back_anybody_may_take(desk: Desk, tmp_path: Path) -> None:
    held = await desk.claim(await desk.case(await desk.step_up()))
    suzuki = other(desk, tmp_path, "suzuki")
    release = review_act_pb2.ReleaseCaseRequest(name=held.name, request_id=new_id())
    told = await refused(suzuki.call("ReleaseCase", release))
    assert (told.code, told.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "CASE_NOT_CLAIMED",
    )
    freed: CaseSummary = await desk.call("ReleaseCase", release)
    assert not freed.assignee
    assert not freed.HasField("lease_expire_time")
    assert (await suzuki.claim(freed)).assignee == "analyst/suzuki"
    assert [(act, actor) for act, actor, _ in await desk.trail(held.name)] == [
        ("claimed", "analyst/sato"),
        ("released", "analyst/sato"),
        ("claimed", "analyst/suzuki"),
    ]


async def test_a_case_that_is_handed_over_is_the_other_s(desk: Desk, tmp_path: Path) -> None:
    held = await desk.claim(await desk.case(await desk.step_up()))
    given: CaseSummary = await desk.call(
        "ReassignCase",
        review_act_pb2.ReassignCaseRequest(
            name=held.name,
            request_id=new_id(),
            etag=held.etag,
            assignee="analyst/suzuki",
            note="knows the shop",
        ),
    )
    assert given.assignee == "analyst/suzuki"
    told = await refused(desk.approve(given))
    assert told.reason == "CASE_CLAIMED"
    assert (await other(desk, tmp_path, "suzuki").approve(given)).name == held.name


async def test_an_escalated_case_waits_for_the_fraud_team_and_says_so(desk: Desk) -> None:
    case = await desk.case(await desk.step_up())
    escalated: CaseSummary = await desk.call(
        "EscalateCase",
        review_act_pb2.EscalateCaseRequest(
            name=case.name, request_id=new_id(), etag=case.etag, note="a ring, it seems"
        ),
    )
    assert escalated.escalated
    assert [c.name for c in await desk.listed(CaseFilter(escalated=True))] == [case.name]
    assert [(act, actor) for act, actor, _ in await desk.trail(case.name)] == [
        ("escalated", "analyst/sato")
    ]


async def test_the_trail_s_pages_show_every_entry_once_and_the_newest_first(desk: Desk) -> None:
    case = await desk.case(await desk.step_up())
    for number in range(5):
        note = review_act_pb2.AddNoteRequest(
            name=case.name, request_id=new_id(), note=f"note {number}"
        )
        await desk.call("AddNote", note)
    found: list[str] = []
    token = ""
    while True:
        page = await desk.call(
            "ListTrail",
            review_act_pb2.ListTrailRequest(case=case.name, page_size=2, page_token=token),
        )
        assert len(page.trail_entries) <= 2
        found += [entry.note for entry in page.trail_entries]
        token = page.next_page_token
        if not token:
            break
    assert found == [f"note {number}" for number in range(4, -1, -1)]


async def test_of_two_who_change_one_group_one_is_told_to_look_again(
    desk: Desk, tmp_path: Path
) -> None:
    decision = await desk.step_up()
    create = review_link_pb2.CreateGroupRequest(
        request_id=new_id(), display_name="a ring", cases=[decision.name]
    )
    group: review_link_pb2.Group = await desk.call("CreateGroup", create)
    ended = await asyncio.gather(
        *(
            one.call(
                "UpdateGroup",
                review_link_pb2.UpdateGroupRequest(
                    name=group.name,
                    request_id=new_id(),
                    etag=group.etag,
                    assignee=f"analyst/{name}",
                ),
            )
            for name in ("suzuki", "tanaka")
            for one in (other(desk, tmp_path, name),)
        ),
        return_exceptions=True,
    )
    (told,) = (each for each in ended if isinstance(each, grpc.aio.AioRpcError))
    assert told.code() is grpc.StatusCode.ABORTED
    (changed,) = (each for each in ended if isinstance(each, review_link_pb2.Group))
    got = await desk.call("GetGroup", review_link_pb2.GetGroupRequest(name=group.name))
    assert got.assignee == changed.assignee


async def taken(desk: Desk) -> CaseSummary | None:
    """Take the next case, as often as it takes to be let in; None where there is none."""
    while True:
        try:
            return await desk.take(CaseFilter(queues=WAITING))
        except grpc.aio.AioRpcError as error:
            # gRPC turns away by itself what comes in too great a crowd.
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return None
            if error.code() is not grpc.StatusCode.CANCELLED:
                raise


async def test_a_hundred_who_take_at_once_get_each_case_once(
    database_url: str, tmp_path: Path
) -> None:
    given = {"database_url": database_url, "keys_file": str(review.keys_file(tmp_path))}
    async with whole(tmp_path, max_in_flight="128", **given) as service:
        desks = [
            Desk(service, service.client, review.token(tmp_path, f"analyst{n}")) for n in range(10)
        ]
        decisions = [await service.assess(forged(line)) for line in range(40)]
        for decision in decisions:
            await desks[0].indexed(decision)
        cases = await asyncio.gather(*(taken(one) for _ in range(10) for one in desks))
        names_of = sorted(case.name for case in cases if case is not None)
        assert names_of == sorted(decision.name for decision in decisions)
        assert len(cases) == 100
        assert await desks[0].listed(CaseFilter(queues=[FRAUD_TEAM], assignee="none")) == []
