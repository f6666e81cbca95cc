"""What a terminal's call returns: a decision, or that there is none, which is a step-up."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

import grpc

from sekisho.client import texts
from sekisho.client.texts import Language
from sekisho.v1.decision_pb2 import Decision, Verdict


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision as the service told it."""

    decision: Decision
    language: Language = "ja"

    @property
    def answered(self) -> Literal[True]:
        """Whether the service answered, and recorded what it was asked to."""
        return True

    @property
    def allowed(self) -> bool:
        """Whether the change may be made: the verdict is ALLOW, and the decision stands."""
        return (
            self.decision.verdict == Verdict.VERDICT_ALLOW
            and self.decision.state == Decision.STATE_ALLOWED
        )

    @property
    def step_up(self) -> bool:
        """Whether the change must not be made on this answer: always the opposite of `allowed`.

        A verdict or state that this client does not know is a step-up, and so is a decision
        whose outcome is already reported.
        """
        return not self.allowed

    @property
    def instruction(self) -> str:
        """What the clerk does next. A decision that is not understood says to stop and call."""
        understood = self.allowed or (
            self.decision.verdict in _KNOWN_VERDICTS and self.decision.state in _KNOWN_STEP_UPS
        )
        if understood and self.decision.instruction:
            return self.decision.instruction
        return texts.NOT_UNDERSTOOD[self.language]

    @property
    def name(self) -> str:
        """Resource name, `decisions/{uuid}`."""
        return self.decision.name

    @property
    def case_number(self) -> str:
        """Case number for the telephone."""
        return self.decision.case_number


class Why(StrEnum):
    """Why there is no decision."""

    BAD_INPUT = "bad input"
    """Fields break the contract of the request: the clerk or the program must mend them."""
    REFUSED = "refused"
    """The service does not take this request from this terminal, or not any more."""
    NO_ANSWER = "no answer"
    """Nobody answered in time, or whoever did was too busy or about to stop."""
    FAILED = "failed"
    """The service failed, or what came was no answer to the request."""


@dataclass(frozen=True, slots=True)
class BadField:
    """A field of the request (`sim_change.documents[0].number`) and what was expected of it."""

    field: str
    description: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No decision: to be treated as a step-up."""

    why: Why
    request_id: str
    """What to repeat the request with; empty where nothing was to be recorded.

    The service may have decided all the same, and then answers a repeat with that decision.
    """
    code: grpc.StatusCode
    reason: str
    """The service's reason (`REQUEST_ID_REUSED`), or else the name of the status."""
    message: str
    """For the log of the terminal, in English; not for the clerk."""
    fields: tuple[BadField, ...] = ()
    """Every field that is wrong, where `why` is BAD_INPUT."""
    retry_after: float | None = None
    """Seconds after which the service wants to be asked again, where it said so."""
    language: Language = "ja"

    @property
    def answered(self) -> Literal[False]:
        """Whether the service answered."""
        return False

    @property
    def allowed(self) -> Literal[False]:
        """Whether the change may be made: never without a decision."""
        return False

    @property
    def step_up(self) -> Literal[True]:
        """Whether the change must not be made."""
        return True

    @property
    def may_repeat(self) -> bool:
        """Whether the same request with the same `request_id` may be answered later."""
        return self.why in {Why.NO_ANSWER, Why.FAILED}

    @property
    def instruction(self) -> str:
        """What the clerk does next."""
        return _TEXTS[self.why][self.language]


Answer = Decided | Unanswered
"""Both tell `allowed`, `step_up`, `answered` and `instruction`."""

_TEXTS: Final[Mapping[Why, Mapping[Language, str]]] = {
    Why.BAD_INPUT: texts.BAD_INPUT,
    Why.REFUSED: texts.REFUSED,
    Why.NO_ANSWER: texts.NO_ANSWER,
    Why.FAILED: texts.NO_ANSWER,
}
_KNOWN_VERDICTS: Final = frozenset({Verdict.VERDICT_ALLOW, Verdict.VERDICT_STEP_UP})
# The service's text for STATE_ALLOWED says to go on, whatever verdict stands beside it.
_KNOWN_STEP_UPS: Final = frozenset(Decision.State.values()) - {
    Decision.STATE_UNSPECIFIED,
    Decision.STATE_ALLOWED,
}
