"""The fraud team's desk, kept in the ledger."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sekisho.adapters.sql.append import Appending
from sekisho.adapters.sql.basis import KnownBases
from sekisho.adapters.sql.encode_account import AccountEncoder
from sekisho.adapters.sql.fact_set import FactSet
from sekisho.adapters.sql.review import (
    acts,
    block,
    figures,
    follow,
    fraud,
    groups,
    pages,
    rows,
    ties,
    trail,
)
from sekisho.adapters.sql.review.index import DueTimes, index_all, note_changes
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.application.ports.ledger import NewEvent, Once
from sekisho.application.ports.lines import LineEvent
from sekisho.application.ports.review import (
    Blocked,
    CaseFilter,
    CaseOrder,
    CaseSummary,
    Decide,
    Group,
    GroupChange,
    GroupFilter,
    Has,
    Place,
    QueueCount,
    Seen,
    TrailEntry,
    TrailFilter,
    TrailRow,
)
from sekisho.application.ports.watchlists import WatchlistEntry
from sekisho.domain.errors import NotFoundError
from sekisho.domain.facts import FACTS
from sekisho.domain.figures import Figures
from sekisho.domain.links import Key

_TOGETHER = 32
"""Decisions that are indexed in one transaction: assessments wait for it on SQLite."""


class SqlDesk:
    """Implements CaseIndex, CaseReader, TieReader, GroupKeeper, Blocker, FraudLedger and Desk.

    `due` tells the due times of the policy in force.
    """

    def __init__(self, database: Database, due: Callable[[], DueTimes]) -> None:
        self._database = database
        self._due = due
        self._encode_account = AccountEncoder(FactSet.of(tuple(FACTS)), KnownBases())

    async def follow(self, now: int) -> bool:
        """Index what is next; return whether there may be more."""
        script = partial(follow.step, _TOGETHER, self._due(), now)
        return await self._database.write(script, background=True)

    async def tidy(self, now: int) -> None:
        """Drop changes that nobody reads any more."""
        await self._database.write(partial(follow.drop_changes, now), background=True)

    async def page(
        self, wanted: CaseFilter, order: CaseOrder, after: Place | None, most: int
    ) -> Sequence[CaseSummary]:
        """Return up to `most` cases after one."""
        script = partial(pages.page, wanted, order, after, most)
        return await self._database.read(script, snapshot=True)

    async def counts(self, wanted: CaseFilter) -> Sequence[QueueCount]:
        """Count the cases of each queue of a filter."""
        return await self._database.read(partial(pages.counts, wanted), snapshot=True)

    async def summary(self, decision_id: bytes, now: int) -> CaseSummary:
        """Return one case, indexed at once where it is not yet."""
        try:
            return await self._database.read(partial(acts.one, decision_id))
        except NotFoundError:
            return await self._database.write(partial(self._indexed, decision_id, now))

    def _indexed(self, decision_id: bytes, now: int) -> Script[CaseSummary]:
        yield from note_changes((yield from index_all([decision_id], self._due())), now)
        return (yield from acts.one(decision_id))

    async def head(self) -> int:
        """Return the last change of any case."""
        return await self._database.read(follow.head)

    async def changes(self, after: int, most: int) -> tuple[int, Sequence[bytes]]:
        """Return which cases changed after a change."""
        return await self._database.read(partial(follow.changes, after, most))

    async def of_cases(
        self, wanted: CaseFilter, decision_ids: Sequence[bytes]
    ) -> Sequence[CaseSummary]:
        """Return those of these cases that a filter takes."""
        return await self._database.read(partial(pages.of_cases, wanted, decision_ids))

    async def summaries(self, decision_ids: Sequence[bytes]) -> Sequence[CaseSummary]:
        """Return these cases in the order asked for."""
        return await self._database.read(partial(rows.summaries, decision_ids))

    async def had(self, decision_ids: Sequence[bytes]) -> Mapping[bytes, Has]:
        """Return what cases have, by case."""
        return await self._database.read(partial(ties.had, decision_ids))

    async def shared(
        self, keys: Sequence[Key], start: int, end: int, around_ms: int
    ) -> Mapping[Key, tuple[Sequence[bytes], int]]:
        """Return for each key the cases that have it."""
        return await self._database.read(partial(ties.shared, keys, start, end, around_ms))

    async def group(self, group_id: str) -> Group:
        """Return a group with its cases and followers."""
        return await self._database.read(partial(groups.group, group_id))

    async def groups(
        self, wanted: GroupFilter, after: tuple[int, str] | None, most: int
    ) -> Sequence[Group]:
        """Return groups, those changed last first."""
        return await self._database.read(partial(groups.groups, wanted, after, most))

    async def make_group(self, once: Once, new: Group, actor: str, now: int) -> Group:
        """Make a group, which its maker follows."""
        return await self._database.write(
            partial(groups.make, once, new, actor, self._encode, self._due(), now)
        )

    async def change_group(
        self,
        once: Once,
        group_id: str,
        revision: int | None,
        wanted: GroupChange,
        actor: str,
        now: int,
    ) -> Group:
        """Change a group."""
        asked = (once, group_id, revision, wanted, actor)
        return await self._database.write(
            partial(groups.change, *asked, self._encode, self._due(), now)
        )

    async def block(
        self,
        once: Once,
        decision_id: bytes,
        seen: Seen | None,
        entries: tuple[WatchlistEntry, ...],
        lock: LineEvent | None,
        decide: Decide,
        now: int,
    ) -> Blocked:
        """Put a case's identifiers on a list and lock its line."""
        asked = (once, decision_id, seen, entries, lock, decide)
        return await self._database.write(
            partial(block.block, *asked, self._encode, self._due(), now)
        )

    async def passed_on_line(self, line: bytes, start: int, end: int) -> Sequence[bytes]:
        """Return the decisions on a line that let a change pass."""
        return await self._database.read(partial(fraud.passed_on_line, line, start, end))

    async def report(
        self, once: Once, decision_ids: Sequence[bytes], decide: Decide, now: int
    ) -> Sequence[CaseSummary]:
        """Do one act to several cases."""
        asked = (once, list(decision_ids), decide)
        return await self._database.write(
            partial(fraud.report, *asked, self._encode, self._due(), now)
        )

    async def figures(self, start: int, end: int, shop: str, now: int) -> Figures:
        """Return the figures of a range."""
        script = partial(figures.figures, start, end, shop, now)
        return await self._database.read(script, snapshot=True)

    async def act(
        self, once: Once, decision_id: bytes, seen: Seen | None, decide: Decide, now: int
    ) -> CaseSummary:
        """Do one act."""
        return await self._database.write(
            partial(acts.act, once, decision_id, seen, decide, self._encode, self._due(), now)
        )

    async def take(self, once: Once, wanted: CaseFilter, decide: Decide, now: int) -> CaseSummary:
        """Do an act to the first case of a filter's queues that nobody holds."""
        return await self._database.write(
            partial(acts.take, once, wanted, decide, self._encode, self._due(), now)
        )

    async def note(self, entry: TrailEntry) -> None:
        """Keep a trail entry that concerns no case."""
        await self._database.write(partial(trail.keep_entries, [entry]))

    async def trail(self, wanted: TrailFilter, after: int, most: int) -> Sequence[TrailRow]:
        """Return trail entries, newest first."""
        return await self._database.read(partial(trail.entries, wanted, after, most))

    def _encode(self, event: NewEvent) -> Appending:
        return Appending.of(event, self._encode_account)
