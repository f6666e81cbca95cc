"""How long figures of a year take with a million decisions in the index.

    python -m tests.benchmarks.figures [ROWS]

Prints one line a database and range: seconds of the whole answer, best of three.
"""

import asyncio
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from typing import Final

from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.review.figures import figures
from sekisho.adapters.sql.schema import review_case, review_reason
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.statements import Value, insert_each
from tests.adapters.sql.databases import opened
from tests.adapters.sql.samples import NOW, fingerprint
from tests.support.postgres import running

DAY: Final = 86_400_000
YEAR: Final = 365 * DAY
RULES: Final = [f"rule_number_{number}_of_the_policy" for number in range(60)]
BATCH: Final = 5_000


def rows(many: int) -> Iterator[dict[str, Value]]:
    """Yield cases of a year, oldest first: 2,000 shops, 10,000 clerks, a tenth step-ups."""
    rng = random.Random(0)
    for number in range(many):
        at = NOW - YEAR + number * YEAR // many
        shop = rng.randrange(2_000)
        clerk = f"clerk-{shop}-{rng.randrange(5)}"
        step_up = rng.random() < 0.1
        reviewed = step_up and rng.random() < 0.3
        yield {
            "decision_id": at.to_bytes(6, "big") + uuid.uuid4().bytes[6:],
            "decided_at": at,
            "expires_at": at + 1_800_000,
            "risk": rng.random() * 200,
            "due_at": None,
            "lease_expires_at": None,
            "reviewed_at": at + rng.randrange(900_000) if reviewed else None,
            "revision": 1,
            "review_revision": int(reviewed),
            "kind": 3,
            "verdict": 2 if step_up else 1,
            "state": 3 if step_up else 5,
            "queue": 5 if step_up and rng.random() < 0.5 else 1,
            "disposition": rng.randrange(1, 5) if reviewed else 0,
            "review": rng.randrange(1, 3) if reviewed else 0,
            "degraded": rng.random() < 0.01,
            "override": rng.random() < 0.001,
            "escalated": False,
            "missed": rng.random() < 0.0001,
            "case_number": "ABCD2345",
            "shop": f"shop-{shop}",
            "terminal": "t1",
            "line": "+8190****1234",
            "reasons": f" {' '.join(rng.sample(RULES, 1 + rng.randrange(3)))} " if step_up else "",
            "open_challenges": b"",
            "assignee": "",
            "group_id": "",
            "clerk": fingerprint(clerk),
            "clerk_masked": "****42",
        }


async def fill(database: Database, many: int) -> None:
    """Write the cases."""
    insert, fire = insert_each(review_case), insert_each(review_reason)
    batch: list[dict[str, Value]] = []

    def script() -> Script[None]:
        yield insert.each(batch)
        yield fire.each(
            [
                {"code": code, "decided_at": row["decided_at"], "decision_id": row["decision_id"]}
                for row in batch
                for code in str(row["reasons"]).split()
            ]
        )

    for row in rows(many):
        batch.append(row)
        if len(batch) == BATCH:
            await database.write(script, background=True)
            batch.clear()


async def measure(name: str, url: str, many: int) -> None:
    """Fill a ledger, and print how long its figures take."""
    await asyncio.to_thread(upgrade, url)
    async with opened(url, timeout=60) as database:
        await fill(database, many)
        for days, shop in ((1, ""), (30, ""), (365, ""), (365, "shop-7")):
            best = 1e9
            for _ in range(3):
                began = time.perf_counter()
                found = await database.read(
                    lambda days=days, shop=shop: figures(NOW - days * DAY, NOW, shop, NOW),  # type: ignore[misc]
                    snapshot=True,
                )
                best = min(best, time.perf_counter() - began)
            told = f"{days:3} days, {shop or 'all shops':9} {found.counts.decisions:9,} decisions"
            print(f"{name:10} {told} {best:7.3f} s", flush=True)


async def main() -> None:
    """Measure both."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        await measure("sqlite", f"sqlite:///{folder}/ledger.db", many)
    with running() as server:
        await measure("postgresql", server.url(server.new_database()), many)


if __name__ == "__main__":
    asyncio.run(main())
