"""Block what a fraud was done with: on a watchlist, and the line locked, in one step."""

from collections.abc import Callable, Collection

from sekisho.application.ports.ledger import KeptIdentifier, Once
from sekisho.application.ports.lines import LineEvent
from sekisho.application.ports.review import (
    Act,
    Blocked,
    Blocker,
    CaseSummary,
    Has,
    Seen,
    TieReader,
    TrailEntry,
)
from sekisho.application.ports.watchlists import WatchlistEntry
from sekisho.application.watchlists import Watchlists
from sekisho.domain.decision import Standing
from sekisho.domain.errors import FailedPreconditionError, NotFoundError

KINDS = {
    "line": "msisdn",
    "card": "document",
    "sim": "iccid",
    "device": "imei",
    "contact": "contact",
}
"""The kind of identifier that a watchlist keeps, by role."""


class BlockIdentifiers:
    """All or nothing. Assessments that follow hit the entries at once."""

    def __init__(
        self, blocker: Blocker, ties: TieReader, watchlists: Watchlists, clock: Callable[[], int]
    ) -> None:
        self._blocker = blocker
        self._ties = ties
        self._watchlists = watchlists
        self._clock = clock

    async def __call__(
        self,
        once: Once,
        actor: str,
        decision_id: bytes,
        seen: Seen | None,
        *,
        roles: Collection[str],
        watchlist: str,
        expires_at: int | None,
        lock_line: bool,
        note: str,
    ) -> Blocked:
        """Put the identifiers of these roles on a list until `expires_at` (Unix ms), and lock the
        line.

        NotFoundError, CaseChangedError, FailedPreconditionError: NOT_IN_CASE where the case has
        none of a role. AbortedError while an import of the list is activated.
        """
        now = self._clock()
        had = await self._ties.had([decision_id])
        if decision_id not in had:
            raise NotFoundError("no such decision")
        has = had[decision_id]
        chosen = _chosen(has, roles)
        entries = tuple(
            WatchlistEntry(
                watchlist=watchlist,
                fingerprint=each.fingerprint,
                kind=KINDS[each.role],
                masked=each.masked,
                weak=False,
                reason=note,
                source=actor,
                starts_at=None,
                expires_at=expires_at,
                created_at=now,
            )
            for each in chosen
        )

        def decide(case: CaseSummary, _: Standing) -> Act:
            words = [f"{watchlist}: {', '.join(each.role for each in chosen)}"] if chosen else []
            summary = "; ".join([*words, *(["line locked"] if lock_line else [])])
            entry = TrailEntry(now, actor, "blocked", decision_id, case.case_number, summary, note)
            return Act(case, (entry,))

        async def commit() -> Blocked:
            return await self._blocker.block(
                once, decision_id, seen, entries, _lock(has, once, now, lock_line), decide, now
            )

        if not entries:
            return await commit()
        return await self._watchlists.with_entries(
            watchlist, [each.fingerprint for each in entries], commit
        )


def _chosen(has: Has, roles: Collection[str]) -> list[KeptIdentifier]:
    chosen = [each for each in has.identifiers if each.role in roles]
    absent = sorted(set(roles) - {each.role for each in chosen})
    if absent:
        message = f"the case has no {', '.join(absent)}"
        raise FailedPreconditionError(message, "NOT_IN_CASE")
    return chosen


def _lock(has: Has, once: Once, now: int, lock_line: bool) -> LineEvent | None:
    line = next((each for each in has.identifiers if each.role == "line"), None)
    if not lock_line or line is None:
        return None
    return LineEvent(once.request_id, line.fingerprint, "lock_set", now)
