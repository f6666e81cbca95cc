"""What a shop brought back for the challenges of a step-up."""

from enum import StrEnum

from sekisho.domain.decision import ChallengeKind
from sekisho.domain.sim_change import IdentityDocument
from sekisho.domain.value import value


class EvidenceResult(StrEnum):
    """How it went."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNAVAILABLE = "unavailable"


@value(kw_only=True)
class Evidence:
    """The answer to one challenge. `result` None: what was brought speaks for itself."""

    challenge: ChallengeKind
    result: EvidenceResult | None = None
    document: IdentityDocument | None = None
    iccid: str = ""
    eid: str = ""
    imei: str = ""
    supervisor: str = ""


class Outcome(StrEnum):
    """What became of a SIM change."""

    COMPLETED = "completed"
    ABANDONED = "abandoned"
    REFUSED = "refused"
