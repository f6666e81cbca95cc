"""Decisions and their revisions."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from sekisho.adapters.sql import append, cases, open_decisions, standings
from sekisho.adapters.sql.basis import KnownBases
from sekisho.adapters.sql.deliver import Delivering, deliver_all
from sekisho.adapters.sql.encode_account import AccountEncoder
from sekisho.adapters.sql.fact_set import FactSet
from sekisho.adapters.sql.record import Recording, record_all
from sekisho.adapters.sql.scripts import MOST_TOGETHER, Database
from sekisho.application.abreast import abreast
from sekisho.application.ports.ledger import Case, NewDecision, NewEvent, Once, OpenDecision
from sekisho.domain.decision import Standing
from sekisho.domain.facts import FACTS


class SqlDecisions:
    """Implements DecisionLedger."""

    def __init__(self, database: Database, fact_names: Sequence[str] = tuple(FACTS)) -> None:
        self._database = database
        self._fact_set = FactSet.of(fact_names)
        self._known = KnownBases()
        self._encode = AccountEncoder(self._fact_set, self._known)
        self._record = database.grouped(record_all)
        self._append = database.grouped(append.append_all)

    async def record(self, decision: NewDecision, timeout: float | None = None) -> Standing:
        """Make a decision durable, or return what its request got before.

        Within `timeout` seconds; None is the database's own bound.
        """
        recording = Recording.of(decision, self._encode)
        await abreast()
        standing = await self._record(recording, timeout)
        self._known.kept(recording.new)
        return standing

    async def deliver(self, decisions: Sequence[NewDecision]) -> None:
        """Make decisions durable that were answered from a journal: idempotent."""
        for some in _commits([Delivering.of(each, self._encode) for each in decisions]):
            await self._database.write(partial(deliver_all, some))
            for each in some:
                self._known.kept(each.recording.new)

    async def append(self, event: NewEvent) -> Standing:
        """Make a revision durable, or return what its request did before."""
        appending = append.Appending.of(event, self._encode)
        standing = await self._append(appending)
        self._known.kept(appending.new)
        return standing

    async def repeated(self, once: Once) -> Standing | None:
        """Return what an earlier `append` of this request made, if any."""
        return await self._database.read(partial(append.repeated, once))

    async def open(self, decision_id: bytes) -> OpenDecision:
        """Return a decision with what a revision needs."""
        return await self._database.read(partial(open_decisions.open_decision, decision_id))

    async def standing(self, decision_id: bytes) -> Standing:
        """Return where a decision stands."""
        return await self._database.read(partial(standings.standing, decision_id))

    async def moved(self, revisions: Mapping[bytes, int]) -> Mapping[bytes, Standing]:
        """Return the standings of those whose revision is above the one given."""
        if not revisions:
            return {}
        return await self._database.read(partial(standings.moved, revisions))

    async def expired(self, now: int, most: int) -> Sequence[OpenDecision]:
        """Return open step-ups whose expiry is before `now`, oldest first."""
        return await self._database.read(partial(open_decisions.expired, now, most))

    async def case(self, decision_id: bytes) -> Case:
        """Return a decision with all that led to it."""
        return await self._database.read(partial(cases.case, self._fact_set, decision_id))

    async def decision_ids_of_case(self, case_number: str) -> Sequence[bytes]:
        """Return the decisions of a case number, newest first."""
        return await self._database.read(partial(cases.decision_ids_of_case, case_number))


def _commits(items: Sequence[Delivering]) -> Iterator[Sequence[Delivering]]:
    """Put together what may share a commit: not too many, and of one request only one."""
    some: dict[object, Delivering] = {}
    for item in items:
        if len(some) == MOST_TOGETHER or item.recording.key in some:
            yield list(some.values())
            some = {}
        some[item.recording.key] = item
    if some:
        yield list(some.values())
