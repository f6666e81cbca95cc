"""How fast the desk answers over a large index: `python -m tests.benchmarks.desk`.

Writes ten million decided cases (--cases) and 100,000 open ones (--waiting) into the desk's index,
on SQLite and on PostgreSQL, and asks for what the console's pages ask for, over gRPC. Client and
service share a process: the figures are above what the service alone takes. Figures of a shared
machine move.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import grpc
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.schema import review_case
from sekisho.domain.decision import ChallengeKind, DecisionState, Verdict
from sekisho.domain.review import Disposition, Queue
from sekisho.v1 import decision_pb2, review_queue_pb2
from tests.benchmarks.bulk import Copies, line_of, load
from tests.support import crew, postgres, review
from tests.support.review import CaseFilter, Desk
from tests.support.service import whole
from tests.support.valkey import now_ms

YEARS_MS = 3 * 365 * 86_400_000
KINDS = 20_011
WAITING = [number for number in review_queue_pb2.Queue.values() if number > 1]
ADAPTED = (
    *(Queue.FRAUD_TEAM, Queue.COUNTER, Queue.DEGRADED),
    *(Queue.AFTERWARDS,) * 7,
)
"""Queues of open cases, as often as they occur: most are looked at afterwards."""
REASONS = tuple(f"rule_{n}" for n in range(40))
RARE = "rule_of_old"
GROUP = "0123456789abcdef" * 2
Values = dict[str, Any]


def kind_of_case(random: Random, *, waits: bool) -> Values:
    """Return what many rows of the index have in common."""
    stepped_up = waits or random.random() < 0.1
    disposed = stepped_up and not waits and random.random() < 0.1
    queue = random.choice(ADAPTED) if waits else Queue.NONE
    open_ = waits and queue is not Queue.AFTERWARDS
    state = DecisionState.STEP_UP_OPEN if open_ else DecisionState.EXPIRED
    held = waits and random.random() < 0.05
    fired = random.sample(REASONS, random.randint(1, 3)) if stepped_up else []
    found = random.choice(tuple(Disposition))
    return {
        **dict.fromkeys((column.name for column in review_case.columns), None),
        "risk": round(random.expovariate(0.5), 1) if stepped_up else 0.0,
        "lease_expires_at": now_ms() + YEARS_MS if held else None,
        "revision": 1,
        "review_revision": 0,
        "kind": random.randint(1, 6),
        "verdict": codes.VERDICT.number[Verdict.STEP_UP if stepped_up else Verdict.ALLOW],
        "state": codes.STATE.number[state if stepped_up else DecisionState.COMPLETED],
        "queue": codes.QUEUE.number[queue],
        "disposition": codes.DISPOSITION.number[found] if disposed else 0,
        "review": 0,
        "degraded": stepped_up and random.random() < 0.01,
        "override": False,
        "escalated": waits and random.random() < 0.001,
        "missed": disposed and found is Disposition.CONFIRMED_FRAUD and random.random() < 0.1,
        "shop": f"shop{random.randrange(2_000)}",
        "terminal": f"t{random.randint(1, 4)}",
        "line": f"*******{random.randrange(10_000):04}",
        "reasons": f" {' '.join(fired)} " if fired else "",
        "open_challenges": bytes([codes.CHALLENGE.number[ChallengeKind.READ_CHIP]]) * open_,
        "assignee": f"analyst/a{random.randrange(20)}" if held else "",
        "group_id": "",
        "clerk": random.randrange(8_000).to_bytes(16, "big"),
        "clerk_masked": "c***",
    }


def copies(decided: int, waiting: int, end: int) -> list[Copies]:
    """Return the cases of three years: those that are done with, and those that wait."""
    random = Random(7)
    count = decided + waiting
    step = YEARS_MS // count
    kinds = [[kind_of_case(random, waits=waits) for _ in range(KINDS)] for waits in (False, True)]
    # The multiples of all kinds' number have one that is rare: five in a hundred thousand.
    kinds[0][7] |= {"reasons": f" {RARE} ", "group_id": GROUP}
    start, lines = end - count * step, count // 3 + 1
    return [
        Copies(kinds[0], 0, decided, start, step, lines),
        Copies(kinds[1], decided, count, start, step, lines),
    ]


async def asked(desk: Desk, what: str, *requests: tuple[str, Message], times: int = 15) -> None:
    """Make these calls one after the other, again and again, and print what they took together."""
    took = []
    for _ in range(times):
        begin = time.perf_counter()
        for method, request in requests:
            stub = getattr(desk.client.review, method)
            metadata = (("authorization", f"Bearer {desk.token}"),)
            try:
                await stub(request, timeout=120, metadata=metadata)
            except grpc.aio.AioRpcError as error:
                print(f"  {what:34} {error.code().name}: {error.details()}", flush=True)
                return
        took.append((time.perf_counter() - begin) * 1e3)
        if sum(took) > 20_000:
            break
    first, *_ = took
    took.sort()
    print(
        f"  {what:34} first {first:8.1f} ms  p50 {took[len(took) // 2]:8.1f} ms"
        f"  most {took[-1]:8.1f} ms",
        flush=True,
    )


def listed(wanted: review_queue_pb2.CaseFilter, order: int = 0, token: str = "") -> Message:
    """Return a request for a page."""
    return review_queue_pb2.ListCasesRequest(
        filter=wanted,
        order=order,  # type: ignore[arg-type]
        page_token=token,
    )


async def deep(desk: Desk, wanted: review_queue_pb2.CaseFilter, pages: int) -> str:
    """Return the token of a page far behind."""
    token = ""
    for _ in range(pages):
        request = review_queue_pb2.ListCasesRequest(
            filter=wanted, page_size=1_000, page_token=token
        )
        token = (await desk.call("ListCases", request)).next_page_token
    return token


async def queues(desk: Desk) -> None:
    """Ask for what waits."""
    count = ("CountCases", review_queue_pb2.CountCasesRequest())
    everything = CaseFilter(queues=WAITING)
    await asked(desk, "the queue page", ("ListCases", listed(everything)), count)
    await asked(desk, "counts", count)
    mine = review_queue_pb2.CountCasesRequest(filter=CaseFilter(assignee="me"))
    await asked(desk, "counts of the own cases", ("CountCases", mine))
    shop = review_queue_pb2.CountCasesRequest(filter=CaseFilter(shop="shop7"))
    await asked(desk, "counts of a shop", ("CountCases", shop))
    for name, order in review_queue_pb2.CaseOrder.items():
        await asked(
            desk, f"all queues, {name[11:].lower()}", ("ListCases", listed(everything, order))
        )
    token = await deep(desk, everything, 30)
    await asked(desk, "all queues, after 30,000", ("ListCases", listed(everything, 0, token)))
    for what, wanted in {
        "a shop": CaseFilter(queues=WAITING, shop="shop7"),
        "a rare rule": CaseFilter(queues=WAITING, reason=RARE),
        "a rule": CaseFilter(queues=WAITING, reason=REASONS[0]),
        "held by nobody": CaseFilter(queues=WAITING, assignee="none"),
        "held by me": CaseFilter(queues=WAITING, assignee="me"),
        "overdue": CaseFilter(queues=WAITING, overdue=True),
        "not overdue": CaseFilter(queues=WAITING, overdue=False),
        "escalated": CaseFilter(queues=WAITING, escalated=True),
    }.items():
        await asked(desk, f"all queues, {what}", ("ListCases", listed(wanted)))


async def searches(desk: Desk, decided: int, start: int) -> None:
    """Search over all decisions."""
    found = await desk.call("ListCases", listed(CaseFilter(queues=WAITING)))
    number = found.cases[0].case_number
    line = line_of(decided // 9).hex()
    day = Timestamp(seconds=(start + YEARS_MS // 2) // 1000)
    confirmed = review_queue_pb2.DISPOSITION_CONFIRMED_FRAUD
    wanted = {
        "everything": CaseFilter(),
        "a case number": CaseFilter(case_number=number),
        "beginning of a case number": CaseFilter(case_number=number[:3]),
        "a line": CaseFilter(fingerprint=line),
        "a line that is not there": CaseFilter(fingerprint="ff" * 16),
        "a rule": CaseFilter(reason=REASONS[0]),
        "a rare rule": CaseFilter(reason=RARE),
        "a rule that is not there": CaseFilter(reason="none_such"),
        "a shop": CaseFilter(shop="shop7"),
        "a shop that is not there": CaseFilter(shop="nowhere"),
        "a terminal's rare rule": CaseFilter(shop="shop7", terminal="t1", reason=RARE),
        "step-ups": CaseFilter(verdict=decision_pb2.VERDICT_STEP_UP),
        "before a day": CaseFilter(end_time=day),
        "confirmed frauds": CaseFilter(dispositions=[confirmed]),
        "missed frauds": CaseFilter(missed=True),
        "a group": CaseFilter(group=f"groups/{GROUP}"),
        "degraded": CaseFilter(degraded=True),
        "great risks": CaseFilter(min_risk=25),
        "failed": CaseFilter(states=[decision_pb2.Decision.STATE_STEP_UP_FAILED]),
    }
    for what, one in wanted.items():
        for order in (review_queue_pb2.CASE_ORDER_NEWEST, review_queue_pb2.CASE_ORDER_OLDEST):
            name = review_queue_pb2.CaseOrder.Name(order)[11:].lower()
            await asked(desk, f"search {what}, {name}", ("ListCases", listed(one, order)), times=5)


async def measured(url: str, folder: Path, decided: int, waiting: int) -> None:
    """Fill an index and ask it."""
    await asyncio.to_thread(upgrade, url)
    end = now_ms()
    begin = time.perf_counter()
    size = await load(url, copies(decided, waiting, end))
    print(
        f"  {decided:,} decided, {waiting:,} waiting, {size / 2**30:.1f} GiB"
        f" written in {time.perf_counter() - begin:.0f} s",
        flush=True,
    )
    if url.startswith("postgresql"):
        url = crew.socket_url(url)
    given = {"database_url": url, "keys_file": str(review.keys_file(folder))}
    async with whole(folder, **given) as service:
        desk = Desk(service, service.client, review.token(folder, "sato"))
        await queues(desk)
        await searches(desk, decided, end - YEARS_MS)


async def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000_000)
    parser.add_argument("--waiting", type=int, default=100_000)
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, postgres.running(durable=True) as server:
        folder = Path(directory)
        urls: Sequence[tuple[str, str]] = (
            ("SQLite", f"sqlite:///{folder}/ledger.db"),
            ("PostgreSQL", server.url(await asyncio.to_thread(server.new_database))),
        )
        for name, url in urls:
            if options.only in (None, name):
                print(name, flush=True)
                (folder / name).mkdir()
                await measured(url, folder / name, options.cases, options.waiting)


if __name__ == "__main__":
    asyncio.run(main())
