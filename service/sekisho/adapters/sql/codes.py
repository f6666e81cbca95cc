"""Small numbers that stand for words in the ledger.

A number once given never means another word: rows are kept for years.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

from sekisho.domain.decision import (
    ChallengeKind,
    ChallengeState,
    DecisionState,
    MissingCause,
    Verdict,
)
from sekisho.domain.review import Disposition, Queue
from sekisho.domain.sim_change import Cause, ChangeKind
from sekisho.domain.velocity import Attribute, Dimension, Mark

E = TypeVar("E", bound=str)


class Code(Generic[E]):
    """Words and their numbers, 1 to 255, both ways."""

    def __init__(self, numbers: Mapping[E, int]) -> None:
        self.number = dict(numbers)
        self.word = {number: word for word, number in numbers.items()}


VERDICT = Code({Verdict.ALLOW: 1, Verdict.STEP_UP: 2})

STATE = Code(
    {
        DecisionState.ALLOWED: 1,
        DecisionState.STEP_UP_OPEN: 2,
        DecisionState.STEP_UP_FAILED: 3,
        DecisionState.EXPIRED: 4,
        DecisionState.COMPLETED: 5,
        DecisionState.ABANDONED: 6,
        DecisionState.REFUSED: 7,
    }
)

CHALLENGE = Code(
    {
        ChallengeKind.RETRY: 1,
        ChallengeKind.REENTER_NUMBER: 2,
        ChallengeKind.READ_CHIP: 3,
        ChallengeKind.SECOND_DOCUMENT: 4,
        ChallengeKind.CONFIRM_ON_CURRENT_SIM: 5,
        ChallengeKind.CALL_REGISTERED_CONTACT: 6,
        ChallengeKind.WAIT: 7,
        ChallengeKind.SUPERVISOR: 8,
        ChallengeKind.FRAUD_TEAM: 9,
    }
)

CHALLENGE_STATE = Code(
    {ChallengeState.OPEN: 1, ChallengeState.SATISFIED: 2, ChallengeState.REFUTED: 3}
)

MISSING = Code(
    {
        MissingCause.CACHE_UNAVAILABLE: 1,
        MissingCause.CACHE_SKEWED: 2,
        MissingCause.CACHE_MAY_EVICT: 3,
        MissingCause.BEHIND_LEDGER: 4,
        MissingCause.NOT_COVERED: 5,
        MissingCause.WATCHLIST_NOT_LOADED: 6,
        MissingCause.NOT_SUPPLIED: 7,
        MissingCause.LEDGER_UNAVAILABLE: 8,
    }
)

KIND = Code(
    {
        ChangeKind.MNP_PORT_OUT: 1,
        ChangeKind.MNP_PORT_IN: 2,
        ChangeKind.SIM_REISSUE: 3,
        ChangeKind.ESIM_REISSUE: 4,
        ChangeKind.DEVICE_CHANGE: 5,
        ChangeKind.BRAND_MIGRATION: 6,
    }
)

CAUSE = Code(
    {
        Cause.LOST: 1,
        Cause.STOLEN: 2,
        Cause.DAMAGED: 3,
        Cause.UPGRADE: 4,
        Cause.PORT: 5,
        Cause.OTHER: 6,
    }
)

DIMENSION = Code(
    {
        Dimension.LINE: 1,
        Dimension.DOCUMENT: 2,
        Dimension.FACE: 3,
        Dimension.DEVICE: 4,
        Dimension.SIM: 5,
        Dimension.CONTACT: 6,
        Dimension.APPLICANT: 7,
        Dimension.SHOP: 8,
        Dimension.TERMINAL: 9,
        Dimension.CLERK: 10,
    }
)

ATTRIBUTE = Code(
    {
        Attribute.LINE: 1,
        Attribute.DOCUMENT: 2,
        Attribute.DEVICE: 3,
        Attribute.SIM: 4,
        Attribute.CONTACT: 5,
        Attribute.SHOP: 6,
        Attribute.CLERK: 7,
        Attribute.BIRTH_DATE: 8,
    }
)

MARK = Code(
    {
        Mark.STEP_UP: 1,
        Mark.FAILURE: 2,
        Mark.COMPLETED: 3,
        Mark.OVERRIDE: 4,
        Mark.CLOSED: 5,
    }
)


ROLE = Code(
    {
        "line": 1,
        "document": 2,
        "sim": 3,
        "device": 4,
        "contact": 5,
        "applicant": 6,
        "clerk": 7,
        "card": 8,
    }
)

QUEUE = Code(
    {
        Queue.NONE: 1,
        Queue.FRAUD_TEAM: 2,
        Queue.COUNTER: 3,
        Queue.DEGRADED: 4,
        Queue.AFTERWARDS: 5,
    }
)
"""Those that wait are above 1: partial indexes count on it."""

DISPOSITION = Code(
    {
        Disposition.CONFIRMED_FRAUD: 1,
        Disposition.SUSPECTED: 2,
        Disposition.LEGITIMATE: 3,
        Disposition.UNDETERMINED: 4,
    }
)

LINE_EVENT = Code(
    {
        "contact_changed": 1,
        "address_changed": 2,
        "pin_changed": 3,
        "password_changed": 4,
        "lock_set": 5,
        "lock_lifted": 6,
        "loss_reported": 7,
        "call_forwarding_set": 8,
        "sim_changed": 9,
        "fraud_reported": 10,
    }
)

IDENTIFIER = Code(
    {
        "document": 1,
        "msisdn": 2,
        "imei": 3,
        "iccid": 4,
        "eid": 5,
        "person": 6,
        "contact": 7,
    }
)
