"""What the fraud team's desk is kept in: an index of all decisions, and what analysts did.

The index is working data: an indexer follows the ledger's feeds and brings it up to date in
order, so that an assessment pays nothing for it. What analysts did (claims, notes, dispositions,
groups, the trail) is record.
"""

from dataclasses import dataclass, field

from sekisho.domain.decision import ChallengeKind, DecisionState, Verdict
from sekisho.domain.review import Disposition, Queue
from sekisho.domain.sim_change import ChangeKind


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """One thing that an analyst did. Append-only; `decision_id` empty for what concerns no case."""

    at: int
    actor: str
    act: str
    decision_id: bytes = b""
    case_number: str = ""
    summary: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
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
