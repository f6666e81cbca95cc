from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import cast

import pytest

from sekisho.adapters.journal.journal import FileJournal
from sekisho.application.deliver import Deliver
from sekisho.application.ports.ledger import DecisionLedger, NewDecision
from sekisho.domain.decision import Verdict
from sekisho.domain.errors import LedgerUnavailableError, LedgerUncertainError
from tests.adapters.sql import samples

EVERY = [samples.decision(("deliver", n), verdict=Verdict.STEP_UP) for n in range(250)]


class Ledger:
    """A ledger in memory, of which only delivery is asked."""

    def __init__(self) -> None:
        self.holds: dict[bytes, NewDecision] = {}
        self.fails: LedgerUnavailableError | None = None
        self.calls = 0
        self.fails_after = 0

    async def deliver(self, decisions: Sequence[NewDecision]) -> None:
        self.calls += 1
        fails = self.fails is not None and self.calls > self.fails_after
        if not fails or isinstance(self.fails, LedgerUncertainError):
            for each in decisions:
                self.holds.setdefault(each.standing.decision_id, each)
        if fails and self.fails is not None:
            raise self.fails


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


Open = Callable[[], FileJournal]


@pytest.fixture
async def open_journal(tmp_path: Path) -> AsyncIterator[Open]:
    opened: list[FileJournal] = []

    def open_() -> FileJournal:
        opened.append(FileJournal(tmp_path / "journal", 64 << 20))
        return opened[-1]

    yield open_
    for journal in opened:
        await journal.close()


def deliver(journal: FileJournal, ledger: Ledger, changes: list[None]) -> Deliver:
    return Deliver(journal, cast(DecisionLedger, ledger), lambda: changes.append(None))


async def test_all_is_delivered_in_order_and_then_forgotten(
    open_journal: Open, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, changes = open_journal(), list[None]()
    for new in EVERY:
        await journal.append(new)
    assert await deliver(journal, ledger, changes)() == len(EVERY)
    assert list(ledger.holds.values()) == EVERY
    assert journal.state().pending == 0
    assert len(changes) == 1
    assert "decisions=250" in capsys.readouterr().out


async def test_an_empty_journal_asks_nothing_of_the_ledger(
    open_journal: Open, ledger: Ledger
) -> None:
    changes = list[None]()
    assert await deliver(open_journal(), ledger, changes)() == 0
    assert (ledger.calls, changes) == (0, [])


async def test_a_ledger_that_goes_away_in_between_gets_the_rest_later(
    open_journal: Open, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    journal, changes = open_journal(), list[None]()
    for new in EVERY:
        await journal.append(new)
    run = deliver(journal, ledger, changes)
    ledger.fails, ledger.fails_after = LedgerUnavailableError("away"), 1
    with pytest.raises(LedgerUnavailableError):
        await run()
    left = journal.state().pending
    assert len(ledger.holds) + left == len(EVERY)
    assert left
    assert len(changes) == 1
    ledger.fails = None
    assert await run() == left
    assert list(ledger.holds.values()) == EVERY
    # The outage is told of once, with all of its decisions.
    assert capsys.readouterr().out.count("journal.delivered") == 1


async def test_after_an_uncertain_commit_the_same_decisions_come_again(
    open_journal: Open, ledger: Ledger
) -> None:
    journal = open_journal()
    await journal.append(EVERY[0])
    run = deliver(journal, ledger, [])
    ledger.fails = LedgerUncertainError("the reply was lost")
    with pytest.raises(LedgerUncertainError):
        await run()
    assert journal.state().pending == 1
    ledger.fails = None
    assert await run() == 1
    assert ledger.calls == 2
    assert list(ledger.holds.values()) == EVERY[:1]


async def test_where_one_process_fails_another_may_deliver(
    open_journal: Open, ledger: Ledger
) -> None:
    mine, other = open_journal(), open_journal()
    await mine.append(EVERY[0])
    away = Ledger()
    away.fails = LedgerUnavailableError("away, for this process only")
    with pytest.raises(LedgerUnavailableError):
        await deliver(mine, away, [])()
    assert await deliver(other, ledger, [])() == 1
    assert mine.state().pending == 0
