"""What the fraud team's desk is kept in: an index of all decisions, and what analysts did.

The index is working data: an indexer follows the ledger's feeds and brings it up to date in
order, so that an assessment pays nothing for it. What analysts did (claims, notes, dispositions,
groups, the trail) is record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import Protocol

from sekisho.application.ports.ledger import KeptIdentifier, NewEvent, Once
from sekisho.application.ports.lines import LineEvent
from sekisho.application.ports.watchlists import WatchlistEntry
from sekisho.domain.decision import ChallengeKind, DecisionState, Standing, Verdict
from sekisho.domain.figures import Figures
from sekisho.domain.links import Key
from sekisho.domain.review import Disposition, Queue
from sekisho.domain.sim_change import ChangeKind
from sekisho.domain.value import value


@value
class CaseFilter:
    """Which cases: what is set must all hold; of a tuple any one. Times are Unix ms.

    `assignee` "" is anybody or nobody, None is nobody. `dispositions` may hold None: not stated.
    `now` is the moment that `overdue` and claims are judged by.
    """

    now: int
    queues: tuple[Queue, ...] = ()
    states: tuple[DecisionState, ...] = ()
    verdict: Verdict | None = None
    reason: str = ""
    shop: str = ""
    terminal: str = ""
    kinds: tuple[ChangeKind, ...] = ()
    start: int | None = None
    end: int | None = None
    min_risk: float = 0.0
    dispositions: tuple[Disposition | None, ...] = ()
    assignee: str | None = ""
    degraded: bool | None = None
    case_number: str = ""
    fingerprint: bytes = b""
    group: str = ""
    escalated: bool | None = None
    overdue: bool | None = None
    missed: bool | None = None


class CaseOrder(StrEnum):
    """In which order cases are listed."""

    RISK = "risk"
    """Escalated ones first, then the highest risk, of equal ones the oldest. Within queues."""
    NEWEST = "newest"
    OLDEST = "oldest"
    DUE = "due"
    """The earliest due time. Within queues."""


@value
class Place:
    """Where a case stands in any of the orders."""

    escalated: bool
    risk: float
    decided_at: int
    due_at: int | None
    decision_id: bytes


@value
class QueueCount:
    """What waits in a queue: all, those that nobody holds, those past their due time, and when
    the oldest was decided (Unix ms)."""

    queue: Queue
    count: int
    unclaimed: int
    overdue: int
    oldest_at: int | None


@value(kw_only=True)
class CaseSummary:
    """A case in one line. Times are Unix ms; `line` is masked.

    `revision` is the decision's, `review_revision` grows with what analysts do: both together
    are the case's etag. A claim whose `lease_expires_at` has passed holds no more.
    """

    decision_id: bytes
    case_number: str
    decided_at: int
    expires_at: int
    kind: ChangeKind
    shop: str
    terminal: str
    line: str
    state: DecisionState
    verdict: Verdict
    degraded: bool
    risk: float
    reasons: tuple[str, ...]
    open_challenges: tuple[ChallengeKind, ...]
    queue: Queue
    due_at: int | None
    assignee: str
    lease_expires_at: int | None
    escalated: bool
    disposition: Disposition | None
    missed: bool
    group: str
    revision: int
    review_revision: int

    @property
    def place(self) -> Place:
        """Where it stands among others."""
        return Place(self.escalated, self.risk, self.decided_at, self.due_at, self.decision_id)


@value
class TrailEntry:
    """One thing that an analyst did. Append-only; `decision_id` empty for what concerns no case."""

    at: int
    actor: str
    act: str
    decision_id: bytes = b""
    case_number: str = ""
    summary: str = ""
    note: str = ""


@value
class Group:
    """Cases that belong together. Times are Unix ms; `cases` are decision ids, oldest first."""

    id: str
    display_name: str
    description: str
    assignee: str
    created_at: int
    updated_at: int
    revision: int
    cases: tuple[bytes, ...] = field(default=())
    followers: tuple[str, ...] = field(default=())


class Answer(StrEnum):
    """What an analyst answered the counter."""

    APPROVED = "approved"
    DECLINED = "declined"


@value
class Act:
    """What an analyst does to one case: how it stands then, and what the trail keeps.

    Of `case` what analysts own counts: assignee, lease, escalated, disposition, missed, group.
    `event` revises the decision in the same transaction.
    """

    case: CaseSummary
    entries: tuple[TrailEntry, ...]
    event: NewEvent | None = None
    answer: Answer | None = None


Decide = Callable[[CaseSummary, Standing], Act]
"""Makes an act of a case as it is, locked. Raises SekishoError to leave everything as it was."""

Seen = tuple[int, int]
"""The revisions of a case as its caller saw them: of the decision, and of its review."""


@value
class GroupChange:
    """What becomes of a group; None leaves as it is. `added` and `removed` are decision ids."""

    display_name: str | None = None
    description: str | None = None
    assignee: str | None = None
    followed: bool | None = None
    added: tuple[bytes, ...] = ()
    removed: tuple[bytes, ...] = ()


@value
class GroupFilter:
    """Which groups: of an assignee, and those that somebody follows; empty for all."""

    assignee: str = ""
    follower: str = ""


@value
class Blocked:
    """A case as it is after its identifiers were blocked, and which entries of which list."""

    case: CaseSummary
    watchlist: str
    fingerprints: tuple[bytes, ...]


@value
class Has:
    """What a case has that others may share. `decided_at` is Unix ms."""

    decided_at: int
    identifiers: tuple[KeptIdentifier, ...]


class TieReader(Protocol):
    """What cases have in common. Raises LedgerUnavailableError."""

    async def had(self, decision_ids: Sequence[bytes]) -> Mapping[bytes, Has]:
        """Return what cases have, by case; those that do not exist are left out."""

    async def shared(
        self, keys: Sequence[Key], start: int, end: int, around_ms: int
    ) -> Mapping[Key, tuple[Sequence[bytes], int]]:
        """Return for each key the cases decided from `start` to `end` (Unix ms) that have it,
        newest first, and how many in all: where those are too many to follow, some of them. A key
        with a moment is looked for `around_ms` around it."""


class FigureReader(Protocol):
    """Figures. Raises LedgerUnavailableError."""

    async def figures(self, start: int, end: int, shop: str, now: int) -> Figures:
        """Return the figures of the decisions made from `start` until before `end` (Unix ms), of
        one shop, or of all where that is empty; ages are as of `now`."""


class CaseIndex(Protocol):
    """The index of all decisions. Raises LedgerUnavailableError."""

    async def follow(self, now: int) -> bool:
        """Bring it nearer to the ledger's end; return whether there is more to do at once."""

    async def tidy(self, now: int) -> None:
        """Drop what nobody needs any more."""


class CaseReader(Protocol):
    """Cases in one line. Raises LedgerUnavailableError."""

    async def page(
        self, wanted: CaseFilter, order: CaseOrder, after: Place | None, most: int
    ) -> Sequence[CaseSummary]:
        """Return up to `most` cases after one, which need not exist any more.

        RISK and DUE want queues that wait.
        """

    async def counts(self, wanted: CaseFilter) -> Sequence[QueueCount]:
        """Count the cases of each queue of a filter."""

    async def summary(self, decision_id: bytes, now: int) -> CaseSummary:
        """Return one case, indexed at once where it is not yet. NotFoundError."""

    async def head(self) -> int:
        """Return the last change of any case."""

    async def changes(self, after: int, most: int) -> tuple[int, Sequence[bytes]]:
        """Return which cases changed after a change, and up to which change that is."""

    async def of_cases(
        self, wanted: CaseFilter, decision_ids: Sequence[bytes]
    ) -> Sequence[CaseSummary]:
        """Return those of these cases that a filter takes."""

    async def summaries(self, decision_ids: Sequence[bytes]) -> Sequence[CaseSummary]:
        """Return these cases in the order asked for; those not indexed are left out."""


class GroupKeeper(Protocol):
    """Groups of cases. Raises LedgerUnavailableError; to change one RequestIdReusedError."""

    async def group(self, group_id: str) -> Group:
        """Return a group with its cases and followers. NotFoundError."""

    async def groups(
        self, wanted: GroupFilter, after: tuple[int, str] | None, most: int
    ) -> Sequence[Group]:
        """Return groups, those changed last first, after the time and id of one; no cases."""

    async def make_group(self, once: Once, new: Group, actor: str, now: int) -> Group:
        """Make a group, which its maker follows. NotFoundError for a case."""

    async def change_group(
        self,
        once: Once,
        group_id: str,
        revision: int | None,
        wanted: GroupChange,
        actor: str,
        now: int,
    ) -> Group:
        """Change a group that is still in `revision`. NotFoundError, CaseChangedError."""


class Blocker(Protocol):
    """Puts a case's identifiers on a list and locks its line, together or not at all."""

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
        """Do all of it in one transaction, making the list where it does not exist.

        NotFoundError, CaseChangedError, RequestIdReusedError, LedgerUnavailableError, and
        AbortedError while an import of the list is activated.
        """


class FraudLedger(Protocol):
    """What fraud that came to light later is about. Raises LedgerUnavailableError."""

    async def passed_on_line(self, line: bytes, start: int, end: int) -> Sequence[bytes]:
        """Return the decisions on a line, made from `start` to `end` (Unix ms), that let a change
        pass."""

    async def report(
        self, once: Once, decision_ids: Sequence[bytes], decide: Decide, now: int
    ) -> Sequence[CaseSummary]:
        """Do one act to several cases, all or none. NotFoundError, RequestIdReusedError."""


class Desk(Protocol):
    """What analysts do. Each act is one transaction, and a repeat of its request does nothing
    new. Raises LedgerUnavailableError, RequestIdReusedError."""

    async def act(
        self, once: Once, decision_id: bytes, seen: Seen | None, decide: Decide, now: int
    ) -> CaseSummary:
        """Do one act. NotFoundError; CaseChangedError where the case is not as `seen`."""

    async def take(self, once: Once, wanted: CaseFilter, decide: Decide, now: int) -> CaseSummary:
        """Do an act to the first case of a filter's queues that nobody holds. QueueEmptyError."""

    async def note(self, entry: TrailEntry) -> None:
        """Keep a trail entry that concerns no case."""

    async def trail(self, wanted: "TrailFilter", after: int, most: int) -> "Sequence[TrailRow]":
        """Return trail entries, newest first, before the one at place `after` (0: from the
        newest)."""


TrailRow = tuple[int, TrailEntry]
"""An entry with its place in the trail."""


@value
class TrailFilter:
    """Which trail entries: what is set must all hold. Times are Unix ms."""

    decision_id: bytes = b""
    actor: str = ""
    act: str = ""
    start: int | None = None
    end: int | None = None
