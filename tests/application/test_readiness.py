"""When health says SERVING."""

from sekisho.application.ports.journal import JournalState
from sekisho.application.readiness import Readiness
from sekisho.domain.errors import JournalUnavailableError, LedgerUnavailableError


class Stores:
    """A ledger and a journal that may be away, and what the server was told."""

    def __init__(self) -> None:
        self.ledger_away = False
        self.journal: JournalState | None = JournalState(0, 0, 1000, None)
        self.told: list[bool] = []
        self.probes = 0
        self.readiness = Readiness(self.probe, self.state)
        self.readiness.serving = self.serving

    async def probe(self) -> None:
        self.probes += 1
        if self.ledger_away:
            raise LedgerUnavailableError("away")

    def state(self) -> JournalState:
        if self.journal is None:
            raise JournalUnavailableError("no disk")
        return self.journal

    async def serving(self, serving: bool) -> None:
        self.told.append(serving)


async def test_while_the_ledger_writes_nothing_is_asked_and_nothing_told() -> None:
    stores = Stores()
    stores.journal = None
    stores.readiness.ledger(written=True)
    await stores.readiness()
    assert (stores.told, stores.probes) == ([], 0)


async def test_the_journal_stands_in_for_the_ledger_until_it_is_full() -> None:
    stores = Stores()
    stores.ledger_away = True
    stores.readiness.ledger(written=False)
    await stores.readiness()
    assert stores.told == []
    stores.journal = JournalState(9, 1000, 1000, 1)
    await stores.readiness()
    await stores.readiness()
    assert stores.told == [False]
    stores.journal = JournalState(5, 500, 1000, 1)
    await stores.readiness()
    assert stores.told == [False, True]


async def test_without_a_journal_the_ledgers_return_is_found_out_by_asking() -> None:
    stores = Stores()
    stores.ledger_away = True
    stores.journal = None
    stores.readiness.ledger(written=False)
    await stores.readiness()
    assert stores.told == [False]
    stores.ledger_away = False
    await stores.readiness()
    assert stores.told == [False, True]
    await stores.readiness()
    assert stores.probes == 2
