"""Delivery from a real journal into a real ledger, which another connection locks at times."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from sekisho.adapters.journal.journal import FileJournal
from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.schema import decision
from sekisho.adapters.sql.scripts import Database
from sekisho.application.deliver import Deliver
from sekisho.application.ports.ledger import DecisionLedger, NewDecision
from sekisho.domain.decision import Verdict
from sekisho.domain.errors import LedgerUnavailableError, LedgerUncertainError
from tests.adapters.sql import samples
from tests.adapters.sql.databases import count, opened

EVERY = [samples.decision(("deliver", n), verdict=Verdict.STEP_UP) for n in range(250)]
PATIENCE = 0.2

Open = Callable[[], FileJournal]


class Ledger:
    """A ledger that keeps what it was asked to take, and acts after each time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._real = SqlDecisions(database)
        self.asked: list[NewDecision] = []
        self.took: list[NewDecision] = []
        self.then: Callable[[], None] = lambda: None

    async def deliver(self, decisions: Sequence[NewDecision]) -> None:
        self.asked += decisions
        await self._real.deliver(decisions)
        self.took += decisions
        self.then()

    async def holds(self) -> int:
        for each in self.took:
            assert await self._real.standing(each.standing.decision_id) == each.standing
        return await count(self._database, decision)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    upgrade(f"sqlite:///{tmp_path}/ledger.db")
    return tmp_path / "ledger.db"


@pytest.fixture
async def ledger(path: Path) -> AsyncIterator[Ledger]:
    async with opened(f"sqlite:///{path}", PATIENCE) as database:
        yield Ledger(database)


@pytest.fixture
async def open_journal(tmp_path: Path) -> AsyncIterator[Open]:
    every: list[FileJournal] = []

    def open_() -> FileJournal:
        every.append(FileJournal(tmp_path / "journal", 64 << 20))
        return every[-1]

    yield open_
    for journal in every:
        await journal.close()


async def with_all(journal: FileJournal) -> FileJournal:
    await asyncio.gather(*(journal.append(new) for new in EVERY))
    return journal


def deliver(journal: FileJournal, ledger: Ledger, changed: Callable[[], None]) -> Deliver:
    return Deliver(journal, cast(DecisionLedger, ledger), changed)


def told(logs: Iterable[Mapping[str, object]]) -> list[object]:
    return [log["decisions"] for log in logs if log["event"] == "journal.delivered"]


def writer(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def nothing() -> None:
    """Nobody wants to know."""


async def test_all_is_delivered_in_order_and_then_forgotten(
    open_journal: Open, ledger: Ledger
) -> None:
    journal, changes = await with_all(open_journal()), list[None]()
    with capture_logs() as logs:
        assert await deliver(journal, ledger, lambda: changes.append(None))() == len(EVERY)
    assert ledger.asked == EVERY
    assert await ledger.holds() == len(EVERY)
    assert journal.state().pending == 0
    assert len(changes) == 1
    assert told(logs) == [len(EVERY)]


async def test_an_empty_journal_asks_nothing_of_the_ledger(
    open_journal: Open, ledger: Ledger
) -> None:
    changes = list[None]()
    assert await deliver(open_journal(), ledger, lambda: changes.append(None))() == 0
    assert (ledger.asked, changes) == ([], [])


async def test_a_ledger_that_goes_away_in_between_gets_the_rest_later(
    open_journal: Open, ledger: Ledger, path: Path
) -> None:
    journal = await with_all(open_journal())
    run = deliver(journal, ledger, nothing)
    with capture_logs() as logs, closing(writer(path)) as another:

        def lock() -> None:
            another.execute("BEGIN IMMEDIATE")

        ledger.then = lock
        with pytest.raises(LedgerUnavailableError):
            await run()
    ledger.then = nothing
    left = journal.state().pending
    assert await ledger.holds() + left == len(EVERY)
    assert 0 < left < len(EVERY)
    assert not told(logs)
    with capture_logs() as logs:
        assert await run() == left
    assert await ledger.holds() == len(EVERY)
    # The outage is told of once, with all of its decisions.
    assert told(logs) == [len(EVERY)]


async def test_after_a_lost_reply_the_same_decisions_come_again_and_count_once(
    open_journal: Open, ledger: Ledger
) -> None:
    journal = open_journal()
    await journal.append(EVERY[0])
    run = deliver(journal, ledger, nothing)

    def lose_the_reply() -> None:
        raise LedgerUncertainError("the reply was lost")

    ledger.then = lose_the_reply
    with pytest.raises(LedgerUncertainError):
        await run()
    assert journal.state().pending == 1
    ledger.then = nothing
    assert await run() == 1
    assert ledger.asked == [EVERY[0], EVERY[0]]
    assert await ledger.holds() == 1


async def test_where_one_process_fails_another_may_deliver(
    open_journal: Open, ledger: Ledger, path: Path
) -> None:
    mine, other = open_journal(), open_journal()
    await mine.append(EVERY[0])
    run = deliver(mine, ledger, nothing)
    with closing(writer(path)) as another:
        another.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailableError):
            await run()
    assert await deliver(other, ledger, nothing)() == 1
    assert mine.state().pending == 0
