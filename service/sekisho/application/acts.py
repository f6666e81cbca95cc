"""What an analyst does to a case: claim it, answer the counter, say what was found."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from sekisho.application.ports.ledger import NewEvent, Once
from sekisho.application.ports.review import (
    Act,
    Answer,
    CaseFilter,
    CaseSummary,
    Decide,
    Desk,
    Seen,
    TrailEntry,
)
from sekisho.application.revise import event
from sekisho.domain import step_up
from sekisho.domain.decision import ChallengeKind, Standing
from sekisho.domain.errors import FailedPreconditionError
from sekisho.domain.review import Disposition, Queue
from sekisho.domain.step_up import Transition
from sekisho.domain.value import value

LEASE_MS = 900_000
"""How long a claim holds after its holder's last act: nothing is stuck when somebody goes home."""

NEXT_QUEUES = (Queue.FRAUD_TEAM, Queue.AFTERWARDS)
"""Where the next case is looked for: first where somebody waits at the counter."""


@value
class Asked:
    """Who asks for an act on which case, and why in his words.

    `seen` are the case's revisions as he saw them; None: whatever they are.
    """

    once: Once
    actor: str
    decision_id: bytes
    seen: Seen | None
    note: str = ""


class Acts:
    """Each method is one act in one transaction. All raise NotFoundError,
    CaseChangedError, RequestIdReusedError, LedgerUnavailableError, and FailedPreconditionError:
    CASE_CLAIMED where another holds the case.
    """

    def __init__(self, desk: Desk, clock: Callable[[], int], expiry_ms: int) -> None:
        """`expiry_ms` is how long a decision holds."""
        self._desk = desk
        self._clock = clock
        self._expiry_ms = expiry_ms

    async def take_next(self, once: Once, actor: str, wanted: CaseFilter) -> CaseSummary:
        """Claim what is to be reviewed next. QueueEmptyError."""
        now = self._clock()
        wanted = replace(wanted, now=now, queues=wanted.queues or NEXT_QUEUES)
        return await self._desk.take(once, wanted, partial(_claim, actor, now, "took"), now)

    async def claim(self, asked: Asked) -> CaseSummary:
        """Claim a case, or prolong the own claim."""
        now = self._clock()
        return await self._act(asked, partial(_claim, asked.actor, now, "claimed"), now)

    async def release(self, asked: Asked) -> CaseSummary:
        """Give the own claim back."""
        now = self._clock()

        def decide(case: CaseSummary, _: Standing) -> Act:
            if _holder(case, now) != asked.actor:
                raise FailedPreconditionError("you do not hold this case", "CASE_NOT_CLAIMED")
            return _done(freed(case), _entry(case, now, asked, "released"))

        return await self._act(asked, decide, now)

    async def reassign(self, asked: Asked, assignee: str) -> CaseSummary:
        """Hand a case to another analyst."""
        now = self._clock()

        def decide(case: CaseSummary, _: Standing) -> Act:
            _require(case, asked.actor, now)
            given = replace(case, assignee=assignee, lease_expires_at=now + LEASE_MS)
            return _done(given, _entry(case, now, asked, "reassigned", assignee))

        return await self._act(asked, decide, now)

    async def approve(self, asked: Asked) -> CaseSummary:
        """Let an open step-up pass. FailedPreconditionError: STEP_UP_NOT_OPEN, SIGNALS_MISSING."""
        now = self._clock()

        def decide(case: CaseSummary, standing: Standing) -> Act:
            _require(case, asked.actor, now)
            transition = step_up.approve(_as_of(standing, now), now, self._expiry_ms)
            entry = _entry(case, now, asked, "approved")
            return _done(
                freed(case), entry, event=_event(transition, entry), answer=Answer.APPROVED
            )

        return await self._act(asked, decide, now)

    async def decline(self, asked: Asked) -> CaseSummary:
        """Fail an open step-up. FailedPreconditionError: STEP_UP_NOT_OPEN."""
        now = self._clock()

        def decide(case: CaseSummary, standing: Standing) -> Act:
            _require(case, asked.actor, now)
            transition = step_up.decline(_as_of(standing, now))
            entry = _entry(case, now, asked, "declined")
            return _done(
                freed(case), entry, event=_event(transition, entry), answer=Answer.DECLINED
            )

        return await self._act(asked, decide, now)

    async def demand(self, asked: Asked, challenge: ChallengeKind) -> CaseSummary:
        """Ask the shop for more. FailedPreconditionError: STEP_UP_NOT_OPEN, ALREADY_DEMANDED."""
        now = self._clock()

        def decide(case: CaseSummary, standing: Standing) -> Act:
            _require(case, asked.actor, now)
            transition = step_up.demand(_as_of(standing, now), challenge, now, self._expiry_ms)
            entry = _entry(case, now, asked, "demanded", challenge.value)
            return _done(_prolonged(case, asked.actor, now), entry, event=_event(transition, entry))

        return await self._act(asked, decide, now)

    async def escalate(self, asked: Asked) -> CaseSummary:
        """Put a case before the seniors: first in its queue, and free for them to claim."""
        now = self._clock()

        def decide(case: CaseSummary, _: Standing) -> Act:
            _require(case, asked.actor, now)
            raised = replace(freed(case), escalated=True)
            return _done(raised, _entry(case, now, asked, "escalated"))

        return await self._act(asked, decide, now)

    async def note(self, asked: Asked) -> CaseSummary:
        """Add a note: also to a case that another holds."""
        now = self._clock()

        def decide(case: CaseSummary, _: Standing) -> Act:
            return _done(_prolonged(case, asked.actor, now), _entry(case, now, asked, "noted"))

        return await self._act(asked, decide, now)

    async def dispose(self, asked: Asked, disposition: Disposition) -> CaseSummary:
        """Say what was found; it may be said again."""
        now = self._clock()

        def decide(case: CaseSummary, _: Standing) -> Act:
            _require(case, asked.actor, now)
            found = replace(freed(case), disposition=disposition)
            entry = _entry(case, now, asked, "disposed", disposition.value)
            return _done(found, entry)

        return await self._act(asked, decide, now)

    async def _act(self, asked: Asked, decide: Decide, now: int) -> CaseSummary:
        return await self._desk.act(asked.once, asked.decision_id, asked.seen, decide, now)


def _claim(actor: str, now: int, act: str, case: CaseSummary, _: Standing) -> Act:
    _require(case, actor, now)
    mine = replace(case, assignee=actor, lease_expires_at=now + LEASE_MS)
    entries = [TrailEntry(now, actor, act, case.decision_id, case.case_number)]
    if case.assignee not in ("", actor):
        entries.insert(0, replace(entries[0], actor=case.assignee, act="lease_expired"))
    return Act(mine, tuple(entries))


def _holder(case: CaseSummary, now: int) -> str:
    held = case.lease_expires_at is not None and now < case.lease_expires_at
    return case.assignee if held else ""


def _require(case: CaseSummary, actor: str, now: int) -> None:
    holder = _holder(case, now)
    if holder not in ("", actor):
        raise FailedPreconditionError(f"{holder} holds this case", "CASE_CLAIMED")


def freed(case: CaseSummary) -> CaseSummary:
    """Return a case as nobody holds it."""
    return replace(case, assignee="", lease_expires_at=None)


def _prolonged(case: CaseSummary, actor: str, now: int) -> CaseSummary:
    """Return the case with its holder's claim prolonged, where `actor` is the one."""
    if _holder(case, now) != actor:
        return case
    return replace(case, lease_expires_at=now + LEASE_MS)


def _done(
    case: CaseSummary,
    entry: TrailEntry,
    *,
    event: NewEvent | None = None,
    answer: Answer | None = None,
) -> Act:
    return Act(case, (entry,), event, answer)


def _entry(case: CaseSummary, now: int, asked: Asked, act: str, summary: str = "") -> TrailEntry:
    return TrailEntry(
        now, asked.actor, act, case.decision_id, case.case_number, summary, asked.note
    )


def _as_of(standing: Standing, now: int) -> Standing:
    return step_up.as_of(standing, now).standing


def _event(transition: Transition, entry: TrailEntry) -> NewEvent:
    return event(None, entry.act, entry.at, entry.actor, entry.summary, transition)
