"""Pages and counts of the desk's index, against a list that is filtered and sorted by hand."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, TypeVar

import sqlalchemy as sa

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.postgres import PostgresDatabase
from sekisho.adapters.sql.review.desk import SqlDesk
from sekisho.adapters.sql.schema import review_case, review_identifier, review_reason
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.sqlite import SqliteDatabase
from sekisho.adapters.sql.statements import insert_each
from sekisho.application.ports.review import CaseFilter, CaseOrder, CaseSummary
from sekisho.domain.decision import DecisionState, Verdict
from sekisho.domain.review import DUE_MS, Disposition, Queue
from sekisho.domain.sim_change import ChangeKind
from tests.adapters.sql.databases import rows, run
from tests.adapters.sql.samples import NOW, fingerprint

T = TypeVar("T")
AnyDatabase = SqliteDatabase | PostgresDatabase
Row = Mapping[str, Any]

CODES = ("forged", "hopping", "burst")
WAITING = tuple(queue for queue in Queue if queue is not Queue.NONE)
IN_QUEUES = (CaseOrder.RISK, CaseOrder.DUE)


def row(number: int, random: Random) -> Row:
    """A row of the index. Many are decided in one moment, and have one risk."""
    queue = random.choice(tuple(Queue))
    at = NOW + random.randrange(20) * 1_000
    disposition = random.choice((0, 0, 1, 2, 3, 4))
    held = random.random() < 0.3
    fired = random.sample(CODES, random.randrange(3))
    return {
        "decision_id": fingerprint("case", number),
        "decided_at": at,
        "expires_at": at + 1,
        "risk": float(random.randrange(4)),
        "due_at": None if queue is Queue.NONE else at + random.choice((10, 20_000)),
        "lease_expires_at": random.choice((NOW, NOW + 90_000)) if held else None,
        "reviewed_at": None,
        "revision": 1,
        "review_revision": 0,
        "kind": random.randint(1, 2),
        "verdict": random.randint(1, 2),
        "state": random.randint(1, 4),
        "queue": codes.QUEUE.number[queue],
        "disposition": disposition,
        "review": 0,
        "degraded": random.random() < 0.5,
        "override": False,
        "escalated": random.random() < 0.2,
        "missed": bool(disposition) and random.random() < 0.5,
        "case_number": f"{random.choice('AB')}{random.choice('CD')}{number:06}",
        "shop": random.choice(("ginza", "ueno")),
        "terminal": random.choice(("t1", "t2")),
        "line": "*******1234",
        "reasons": f" {' '.join(fired)} " if fired else "",
        "open_challenges": b"",
        "assignee": random.choice(("analyst/sato", "analyst/abe")) if held else "",
        "group_id": random.choice(("", "", "ring")),
        "clerk": b"",
        "clerk_masked": "",
    }


async def write(database: AnyDatabase, every: Sequence[Row]) -> None:
    """Put rows into the index."""

    def script() -> Script[None]:
        yield insert_each(review_case).each(every)
        here = ("decided_at", "decision_id")
        persons = [pick(r, here) | {"fingerprint": person(r), "role": 1} for r in every]
        fired = [pick(r, here) | {"code": c} for r in every for c in r["reasons"].split()]
        yield insert_each(review_identifier).each(persons)
        yield insert_each(review_reason).each(fired)

    await database.write(script)


def pick(row: Row, names: tuple[str, ...]) -> dict[str, Any]:
    """Some of a row's columns."""
    return {name: row[name] for name in names}


def person(row: Row) -> bytes:
    """The identifier of a row: some have one in common."""
    return fingerprint("person", row["decision_id"][0] % 5)


def one_of(random: Random, *values: T) -> T:
    """One of the values, the first one mostly."""
    return values[0] if random.random() < 0.75 else random.choice(values)


def any_filter(random: Random) -> CaseFilter:
    """A filter that sets some of what can be set."""
    queues = tuple(random.sample(tuple(Queue), random.randrange(4)))
    found = tuple(random.sample((None, *Disposition), random.randrange(1, 4)))
    return CaseFilter(
        now=NOW + 10_000,
        queues=one_of(random, queues, WAITING, ()),
        states=one_of(random, (), tuple(random.sample(tuple(DecisionState), 3))),
        verdict=one_of(random, None, Verdict.ALLOW, Verdict.STEP_UP),
        reason=one_of(random, "", *CODES, "none_such"),
        shop=one_of(random, "", "ginza", "nowhere"),
        terminal=one_of(random, "", "t1"),
        kinds=one_of(random, (), (ChangeKind.MNP_PORT_IN,), tuple(ChangeKind)),
        start=one_of(random, None, NOW + 5_000),
        end=one_of(random, None, NOW + 12_000),
        min_risk=one_of(random, 0.0, 2.0),
        dispositions=one_of(random, (), found),
        assignee=one_of(random, "", None, "analyst/sato"),
        degraded=one_of(random, None, True, False),
        case_number=one_of(random, "", "A", "BC"),
        fingerprint=one_of(random, b"", fingerprint("person", 1), fingerprint("nobody")),
        group=one_of(random, "", "ring"),
        escalated=one_of(random, None, True, False),
        overdue=one_of(random, None, True, False),
        missed=one_of(random, None, True, False),
    )


def takes(wanted: CaseFilter, row: Row) -> bool:
    """Whether a filter takes a row."""
    held = bool(row["assignee"]) and row["lease_expires_at"] > wanted.now
    late = row["due_at"] is not None and row["due_at"] <= wanted.now
    holds: dict[str, Callable[[], bool]] = {
        "queues": lambda: codes.QUEUE.word[row["queue"]] in wanted.queues,
        "states": lambda: codes.STATE.word[row["state"]] in wanted.states,
        "reason": lambda: wanted.reason in row["reasons"].split(),
        "shop": lambda: wanted.shop == row["shop"],
        "terminal": lambda: wanted.terminal == row["terminal"],
        "kinds": lambda: codes.KIND.word[row["kind"]] in wanted.kinds,
        "dispositions": lambda: (
            codes.DISPOSITION.word.get(row["disposition"]) in wanted.dispositions
        ),
        "case_number": lambda: row["case_number"].startswith(wanted.case_number),
        "fingerprint": lambda: person(row) == wanted.fingerprint,
        "group": lambda: wanted.group == row["group_id"],
    }
    return (
        all(hold() for name, hold in holds.items() if getattr(wanted, name))
        and row["risk"] >= wanted.min_risk
        and wanted.verdict in {None, codes.VERDICT.word[row["verdict"]]}
        and (wanted.start or 0) <= row["decided_at"] < (wanted.end or NOW * 2)
        and (wanted.assignee == "" or (row["assignee"] if held else None) == wanted.assignee)
        and wanted.degraded in {None, row["degraded"]}
        and wanted.escalated in {None, row["escalated"]}
        and wanted.missed in {None, row["missed"]}
        and wanted.overdue in {None, late}
    )


def sort_key(order: CaseOrder) -> Callable[[Row], Any]:
    """What sorts rows; NEWEST is sorted the other way round."""
    if order is CaseOrder.RISK:
        return lambda r: (not r["escalated"], -r["risk"], r["decided_at"], r["decision_id"])
    if order is CaseOrder.DUE:
        return lambda r: (r["due_at"], r["decision_id"])
    return lambda r: (r["decided_at"], r["decision_id"])


async def paged(
    desk: SqlDesk, wanted: CaseFilter, order: CaseOrder, most: int
) -> list[CaseSummary]:
    """All cases of a filter, page by page."""
    found: list[CaseSummary] = []
    while True:
        after = found[-1].place if found else None
        page = await desk.page(wanted, order, after, most)
        found += page
        if len(page) < most:
            return found


async def test_every_filter_in_every_order_finds_what_a_list_would(database: AnyDatabase) -> None:
    random = Random(4)
    every = [row(number, random) for number in range(120)]
    await write(database, every)
    desk = SqlDesk(database, lambda: DUE_MS)
    seen = 0
    for _ in range(150):
        wanted = any_filter(random)
        waits = bool(wanted.queues) and Queue.NONE not in wanted.queues
        taken = [each for each in every if takes(wanted, each)]
        seen += len(taken)
        for order in CaseOrder:
            if order in IN_QUEUES and not waits:
                continue
            expected = sorted(taken, key=sort_key(order), reverse=order is CaseOrder.NEWEST)
            found = await paged(desk, wanted, order, random.randint(1, 9))
            assert [each.decision_id for each in found] == [
                each["decision_id"] for each in expected
            ], (wanted, order)
        if not wanted.queues:
            continue
        for count in await desk.counts(wanted):
            here = [r for r in taken if codes.QUEUE.word[r["queue"]] is count.queue]
            free = [r for r in here if not r["assignee"] or r["lease_expires_at"] <= wanted.now]
            late = [r for r in here if r["due_at"] is not None and r["due_at"] <= wanted.now]
            assert (count.count, count.unclaimed, count.overdue) == (
                *(len(here), len(free)),
                len(late),
            ), wanted
            assert count.oldest_at == min((r["decided_at"] for r in here), default=None)
    assert seen > 300


async def test_pages_neither_lose_nor_double_a_case_while_others_come_and_go(
    database: AnyDatabase,
) -> None:
    random = Random(5)
    every = [dict(row(number, random), queue=2, due_at=NOW + number) for number in range(90)]
    await write(database, every)
    desk = SqlDesk(database, lambda: DUE_MS)
    wanted = CaseFilter(now=NOW, queues=(Queue.FRAUD_TEAM,))
    number = 1_000
    for order in CaseOrder:
        query = sa.select(review_case.c.decision_id).where(sa.text("queue = 2"))
        before = {bytes(each[0]) for each in await rows(database, query)}
        left: set[bytes] = set()
        found: list[CaseSummary] = []
        while page := await desk.page(wanted, order, found[-1].place if found else None, 7):
            found += page
            # The last one shown leaves, as one not yet shown does, and another one appears.
            gone = {found[-1].decision_id, random.choice(sorted(before))}
            left |= gone
            for id_ in gone:
                await run(
                    database,
                    sa.update(review_case)
                    .where(review_case.c.decision_id == sa.bindparam("id_", type_=sa.LargeBinary))
                    .values(queue=sa.literal_column("1")),
                    id_=id_,
                )
            if len(found) < 50:
                # No longer: one that comes last each time would be shown for ever.
                number += 1
                await write(database, [dict(row(number, random), queue=2, due_at=NOW + number)])
        ids = [each.decision_id for each in found]
        assert len(ids) == len(set(ids)), order
        assert before - left <= set(ids), order
