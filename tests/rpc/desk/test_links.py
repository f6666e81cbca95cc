"""Links, groups, and what follows from fraud, over the real application on both databases."""

import asyncio
import itertools
import random
from pathlib import Path

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.v1 import (
    decision_pb2,
    review_act_pb2,
    review_figures_pb2,
    review_link_pb2,
    review_queue_pb2,
    risk_check_pb2,
    watchlist_pb2,
)
from tests.faults import traffic
from tests.support import review
from tests.support.review import CaseFilter, Desk, new_id
from tests.support.server import refused
from tests.support.service import STEP_UP, forged, ordinary, until

FRAUD = review_queue_pb2.DISPOSITION_CONFIRMED_FRAUD


def person(number: int) -> risk_check_pb2.AssessSimChangeRequest:
    """A request in which nobody and nothing is that of another number's."""
    return traffic.assess(f"fresh/{number}")


async def links(desk: Desk, name: str, steps: int = 0) -> review_link_pb2.ListLinksResponse:
    request = review_link_pb2.ListLinksRequest(name=name, steps=steps, max_cases=500)
    found: review_link_pb2.ListLinksResponse = await desk.call("ListLinks", request)
    return found


def share(
    request: risk_check_pb2.AssessSimChangeRequest,
    other: risk_check_pb2.AssessSimChangeRequest,
    what: str,
) -> None:
    """Have two requests one thing in common."""
    if what == "document":
        request.sim_change.documents[0].number = other.sim_change.documents[0].number
    else:
        setattr(request.sim_change, what, getattr(other.sim_change, what))


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_each_of_three_rings_among_a_thousand_cases_is_found_from_any_of_its_cases(
    desk: Desk,
) -> None:
    chance = random.Random(7)
    every = [person(number) for number in range(1000)]
    members = chance.sample(range(1000), 5 + 8 + 12)
    rings = [members[:5], members[5:13], members[13:]]
    for ring in rings:
        for before, number in itertools.pairwise(ring):
            what = chance.choice(["iccid", "imei", "contact", "document"])
            share(every[number], every[before], what)
    # What a company shares ties no ring.
    for number in chance.sample([n for n in range(1000) if n not in members], 80):
        every[number].sim_change.contact = "office@example.jp"
    every[rings[0][0]].sim_change.contact = "office@example.jp"
    every[rings[1][-1]].sim_change.contact = "office@example.jp"
    names = []
    for start in range(0, 1000, 8):
        made = await asyncio.gather(*map(desk.service.assess, every[start : start + 8]))
        names += [decision.name for decision in made]
    async with asyncio.timeout(60):
        while len(await desk.listed(CaseFilter())) < 1000:
            await asyncio.sleep(0.2)
    for ring in rings:
        whole_ring = {names[number] for number in ring}
        for number in ring:
            found = await links(desk, names[number])
            assert {each.case.name for each in found.cases} == whole_ring
            assert not found.truncated
    (office,) = [
        tie for tie in (await links(desk, names[rings[0][0]])).ties if tie.role == "contact"
    ]
    assert office.case_count == 82


async def test_links_are_followed_step_by_step_and_say_what_ties(desk: Desk) -> None:
    first, second, third = (person(number) for number in range(3))
    share(second, first, "imei")
    share(third, second, "contact")
    names = []
    for request in (first, second, third):
        decision = await desk.service.assess(request)
        await desk.indexed(decision)
        names.append(decision.name)
    one = await links(desk, names[0], steps=1)
    assert [(each.case.name, each.step) for each in one.cases] == [(names[0], 0), (names[1], 1)]
    assert [(tie.role, list(tie.cases)) for tie in one.ties] == [("device", names[:2])]
    all_of_it = await links(desk, names[2])
    assert [each.case.name for each in all_of_it.cases] == names[::-1]
    assert {tie.role for tie in all_of_it.ties} == {"device", "contact"}
    nobody = await refused(links(desk, "decisions/" + "0" * 8 + "-0000-0000-0000-" + "0" * 12))
    assert nobody.code is grpc.StatusCode.NOT_FOUND


async def test_cases_of_one_clerk_within_a_minute_are_tied(desk: Desk) -> None:
    requests_ = [person(number) for number in range(2)]
    for request in requests_:
        request.shop, request.sim_change.clerk = "ginza", "c-night"
    decisions = [await desk.service.assess(request) for request in requests_]
    for decision in decisions:
        await desk.indexed(decision)
    found = await links(desk, decisions[0].name, steps=1)
    assert [(tie.role, tie.case_count) for tie in found.ties] == [("clerk_minute", 2)]


async def test_a_group_is_named_followed_and_handed_over(desk: Desk, tmp_path: Path) -> None:
    decisions = [await desk.step_up(line) for line in range(3)]
    names = [decision.name for decision in decisions]
    made: review_link_pb2.Group = await desk.call(
        "CreateGroup",
        review_link_pb2.CreateGroupRequest(
            request_id=new_id(), display_name="Shinjuku", cases=names[:2]
        ),
    )
    assert made.followed
    assert made.assignee == "analyst/sato"
    assert list(made.cases) == names[:2]
    got = await desk.call("GetGroup", review_link_pb2.GetGroupRequest(name=made.name))
    assert got.new_link_count == 1
    assert [c.name for c in await desk.listed(CaseFilter(group=made.name))] == names[1::-1]
    change = review_link_pb2.UpdateGroupRequest(
        name=made.name,
        request_id=new_id(),
        etag=made.etag,
        assignee="analyst/suzuki",
        followed=False,
        added_cases=names[2:],
        removed_cases=names[:1],
    )
    changed = await desk.call("UpdateGroup", change)
    assert list(changed.cases) == names[1:]
    assert changed.assignee == "analyst/suzuki"
    assert not changed.followed
    assert await desk.call("UpdateGroup", change) == changed
    change.request_id = new_id()
    stale = await refused(desk.call("UpdateGroup", change))
    assert (stale.code, stale.reason) == (grpc.StatusCode.ABORTED, "CASE_CHANGED")
    suzuki = review.other(desk, tmp_path, "suzuki")
    mine = review_link_pb2.ListGroupsRequest(assignee="me")
    assert [g.name for g in (await suzuki.call("ListGroups", mine)).groups] == [made.name]
    assert not (await desk.call("ListGroups", mine)).groups
    followed = review_link_pb2.ListGroupsRequest(followed=True)
    assert not (await desk.call("ListGroups", followed)).groups


async def test_a_case_that_moves_changes_the_group_that_it_leaves(desk: Desk) -> None:
    decision = await desk.step_up()

    async def made(name: str) -> review_link_pb2.Group:
        request = review_link_pb2.CreateGroupRequest(
            request_id=new_id(), display_name=name, cases=[decision.name]
        )
        group: review_link_pb2.Group = await desk.call("CreateGroup", request)
        return group

    first, second = await made("first"), await made("second")
    left = await desk.call("GetGroup", review_link_pb2.GetGroupRequest(name=first.name))
    assert not left.cases
    assert left.etag != first.etag
    assert list(second.cases) == [decision.name]
    acts = [act for act, _, _ in await desk.trail(decision.name)]
    assert acts == ["grouped", "ungrouped", "grouped"]


async def test_a_block_never_shortens_an_earlier_one(desk: Desk) -> None:
    decision = await desk.step_up()
    for seconds in (0, 4_000_000_000):
        case = await desk.case(decision)
        request = review_act_pb2.BlockIdentifiersRequest(
            name=case.name,
            request_id=new_id(),
            etag=case.etag,
            roles=["card"],
            watchlist="watchlists/frauds",
            expire_time=Timestamp(seconds=seconds) if seconds else None,
            note="forged",
        )
        await desk.call("BlockIdentifiers", request)
    listed = await desk.client.watchlist.ListWatchlistEntries(
        watchlist_pb2.ListWatchlistEntriesRequest(parent="watchlists/frauds")
    )
    (entry,) = listed.watchlist_entries
    assert not entry.HasField("expire_time")


async def test_what_a_fraud_was_done_with_is_blocked_in_one_step(desk: Desk) -> None:
    decision = await desk.step_up()
    case = await desk.case(decision)
    request = review_act_pb2.BlockIdentifiersRequest(
        name=case.name,
        request_id=new_id(),
        etag=case.etag,
        roles=["card", "device", "contact"],
        watchlist="watchlists/frauds",
        expire_time=Timestamp(seconds=4_000_000_000),
        lock_line=True,
        note="forged card",
    )
    blocked = await desk.call("BlockIdentifiers", request)
    assert len(blocked.entries) == 3
    assert await desk.call("BlockIdentifiers", request) == blocked
    again = await desk.service.assess(forged())
    shown = await desk.service.case(again)
    assert {(hit.watchlist, hit.role, hit.source) for hit in shown.watchlist_hits} == {
        ("watchlists/frauds", role, "analyst/sato") for role in ("document", "device", "contact")
    }

    async def locked() -> bool:
        later = await desk.service.assess(forged())
        return (await desk.service.facts(later)).get("line.locked") is True

    await until(locked)
    listed = await desk.client.watchlist.ListWatchlistEntries(
        watchlist_pb2.ListWatchlistEntriesRequest(parent="watchlists/frauds")
    )
    assert {entry.reason for entry in listed.watchlist_entries} == {"forged card"}
    assert await desk.trail(case.name) == [
        ("blocked", "analyst/sato", "frauds: card, device, contact; line locked")
    ]
    request.request_id = new_id()
    told = await refused(desk.call("BlockIdentifiers", request))
    assert told.reason == "CASE_CHANGED"
    request.etag = (await desk.case(decision)).etag
    request.roles[:] = ["sim"]
    request.roles.append("line")
    await desk.call("BlockIdentifiers", request)


async def test_fraud_found_later_shows_as_missed(desk: Desk) -> None:
    passed = await desk.service.assess(ordinary())
    assert passed.verdict == decision_pb2.VERDICT_ALLOW
    await desk.indexed(passed)
    report = review_act_pb2.ReportFraudRequest(
        request_id=new_id(),
        msisdn=ordinary().sim_change.msisdn,
        source=review_act_pb2.FRAUD_SOURCE_BANK,
        note="account emptied",
    )
    told = await desk.call("ReportFraud", report)
    assert [(c.name, c.missed, c.disposition) for c in told.cases] == [(passed.name, True, FRAUD)]
    assert await desk.call("ReportFraud", report) == told
    stepped = await desk.step_up()
    by_number = review_act_pb2.ReportFraudRequest(
        request_id=new_id(),
        decision=stepped.case_number,
        source=review_act_pb2.FRAUD_SOURCE_POLICE,
    )
    (case,) = (await desk.call("ReportFraud", by_number)).cases
    assert (case.missed, case.disposition) == (False, FRAUD)
    assert [act for act, _, _ in await desk.trail()] == ["reported", "reported"]
    assert [c.name for c in await desk.listed(CaseFilter(missed=True))] == [passed.name]
    figures = await desk.call(
        "GetFigures",
        review_figures_pb2.GetFiguresRequest(
            start_time=Timestamp(seconds=passed.decide_time.seconds - 86_400),
            end_time=Timestamp(seconds=passed.decide_time.seconds + 86_400),
        ),
    )
    counts = figures.counts
    assert (counts.decision_count, counts.step_up_count) == (2, 1)
    assert (counts.confirmed_fraud_count, counts.missed_count) == (2, 1)
    assert sum(day.counts.decision_count for day in figures.days) == 2
    assert {rule.code: rule.precision for rule in figures.rules} == dict.fromkeys(case.reasons, 1)
    assert [peer.shop for peer in figures.shops] == ["ginza"]
    assert figures.clerks
    assert {age.queue for age in figures.queue_ages} == {2, 3, 4, 5}


async def test_the_rules_in_force_are_listed(desk: Desk) -> None:
    rules = await desk.call("ListRules", review_figures_pb2.ListRulesRequest())
    decision = await desk.service.assess(forged())
    assert decision.verdict == STEP_UP
    case = await desk.service.case(decision)
    assert rules.policy_version == case.policy_version
    assert {reason.code for reason in case.reasons} <= {rule.code for rule in rules.rules}
    assert all(rule.text and rule.expression and rule.demands for rule in rules.rules)
