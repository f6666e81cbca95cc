"""A decision: what was decided, why, and where it stands."""

from collections.abc import Mapping
from enum import StrEnum

from sekisho.domain.facts import FactValue
from sekisho.domain.value import value


class Verdict(StrEnum):
    """The answer to one assessment."""

    ALLOW = "allow"
    STEP_UP = "step_up"


class ChallengeKind(StrEnum):
    """One kind of further proof."""

    RETRY = "retry"
    REENTER_NUMBER = "reenter_number"
    READ_CHIP = "read_chip"
    SECOND_DOCUMENT = "second_document"
    CONFIRM_ON_CURRENT_SIM = "confirm_on_current_sim"
    CALL_REGISTERED_CONTACT = "call_registered_contact"
    WAIT = "wait"
    SUPERVISOR = "supervisor"
    FRAUD_TEAM = "fraud_team"


class ChallengeState(StrEnum):
    """How far a challenge is."""

    OPEN = "open"
    SATISFIED = "satisfied"
    REFUTED = "refuted"


class DecisionState(StrEnum):
    """Where a decision stands."""

    ALLOWED = "allowed"
    STEP_UP_OPEN = "step_up_open"
    STEP_UP_FAILED = "step_up_failed"
    EXPIRED = "expired"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
    REFUSED = "refused"


class MissingCause(StrEnum):
    """Why a signal is missing."""

    CACHE_UNAVAILABLE = "cache_unavailable"
    CACHE_SKEWED = "cache_skewed"
    CACHE_MAY_EVICT = "cache_may_evict"
    BEHIND_LEDGER = "behind_ledger"
    NOT_COVERED = "not_covered"
    WATCHLIST_NOT_LOADED = "watchlist_not_loaded"
    LEDGER_UNAVAILABLE = "ledger_unavailable"
    """The ledger cannot be asked or written, or the journal holds what it has not got yet."""
    NOT_SUPPLIED = "not_supplied"
    """The carrier has not told sekisho. Trying again will not help."""

    @property
    def retryable(self) -> bool:
        """Whether observing again may find the signal."""
        return self is not MissingCause.NOT_SUPPLIED


@value
class MissingSignal:
    """A signal that should have been readable and was not.

    `signal` is a prefix of the facts that are unknown for it: `velocity.document`, `watchlist`,
    `line`, or one fact's name.
    """

    signal: str
    cause: MissingCause


@value
class WatchlistHit:
    """An entry that matched an identifier of the request. `since` is Unix milliseconds."""

    watchlist: str
    role: str
    source: str
    reason: str
    since: int
    weak: bool


@value
class Reason:
    """A rule that fired, with the values of the facts that it read."""

    code: str
    weight: float
    hard: bool
    demands: tuple[ChallengeKind, ...]
    facts: Mapping[str, FactValue]


@value
class UnevaluatedRule:
    """A rule whose result depends on unknown facts. `counted`: it may demand a step-up."""

    code: str
    unknown_facts: tuple[str, ...]
    counted: bool


@value
class Judgement:
    """What the policy makes of the facts. `demands` has no challenge twice, in their fixed order.

    `awaits_signals`: a rule that counts could not be evaluated, for signals that observing
    again may bring; RETRY is what it needs, once nothing else is demanded.
    """

    verdict: Verdict
    score: float
    threshold: float
    demands: tuple[ChallengeKind, ...]
    reasons: tuple[Reason, ...]
    unevaluated: tuple[UnevaluatedRule, ...]
    policy_version: str
    awaits_signals: bool = False


@value
class Challenge:
    """One thing that a step-up asks for. `wait_until` is Unix milliseconds, for WAIT only."""

    kind: ChallengeKind
    state: ChallengeState
    wait_until: int | None = None
    fields: tuple[str, ...] = ()


@value
class StepUp:
    """The state machine's state: what is asked, and what was tried.

    `demanded` is what an analyst asked for: it stays asked whatever the policy says later.
    """

    challenges: tuple[Challenge, ...] = ()
    attempts: int = 0
    evidence_began: bool = False
    demanded: tuple[ChallengeKind, ...] = ()


@value(kw_only=True)
class Standing:
    """Where a decision stands after its latest revision: all that a shop may see.

    Times are Unix milliseconds. `revision` starts at 0 and grows by one with each event.
    """

    decision_id: bytes
    request_id: str
    shop: str
    case_number: str
    revision: int
    verdict: Verdict
    state: DecisionState
    decided_at: int
    expires_at: int
    degraded: bool
    step_up: StepUp
    override: bool = False
