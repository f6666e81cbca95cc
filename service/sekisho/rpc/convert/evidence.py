"""What a shop brought back for a step-up, from the proto."""

from collections.abc import Iterable
from datetime import date

from sekisho.domain import identifiers
from sekisho.domain.decision import ChallengeKind
from sekisho.domain.evidence import Evidence, EvidenceResult
from sekisho.rpc.convert import enums, times
from sekisho.rpc.convert.document import document
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import decision_pb2

_WITH_DOCUMENT = frozenset(
    {ChallengeKind.READ_CHIP, ChallengeKind.SECOND_DOCUMENT, ChallengeKind.REENTER_NUMBER}
)
_BY_RESULT = frozenset(
    {
        ChallengeKind.CONFIRM_ON_CURRENT_SIM,
        ChallengeKind.CALL_REGISTERED_CONTACT,
        ChallengeKind.SUPERVISOR,
    }
)
_NUMBERS = {"iccid": identifiers.iccid, "eid": identifiers.eid, "imei": identifiers.imei}
_WITHOUT = (EvidenceResult.REFUTED, EvidenceResult.UNAVAILABLE)
"""Results that need nothing to show: it was refused, or could not be had."""


def evidence(
    violations: Violations, messages: Iterable[decision_pb2.Evidence], now: int
) -> tuple[Evidence, ...]:
    """Return the evidence in the request's field `evidence`, as of `now` (Unix ms)."""
    today = times.today_in_japan(now)
    given: list[Evidence] = []
    answered: set[int] = set()
    for index, message in enumerate(messages):
        if message.challenge in answered:
            violations.add(
                f"evidence[{index}].challenge", "expected each challenge to be answered only once"
            )
        answered.add(message.challenge)
        given.append(_piece(violations, f"evidence[{index}].", message, today))
    return tuple(given)


def _piece(
    violations: Violations, prefix: str, message: decision_pb2.Evidence, today: date
) -> Evidence:
    challenge = enums.CHALLENGE_KINDS.get(message.challenge, ChallengeKind.RETRY)
    result = enums.EVIDENCE_RESULTS.get(message.result)
    has_document = message.HasField("document")
    number = message.WhichOneof("number")
    if f"{prefix}challenge" not in violations:
        _judge(violations, prefix, message, challenge, result)
    value = (
        violations.read(f"{prefix}{number}", _NUMBERS[number], getattr(message, number), "")
        if number
        else ""
    )
    supervisor = message.supervisor
    if supervisor:
        supervisor = violations.read(f"{prefix}supervisor", identifiers.actor_id, supervisor, "")
    return Evidence(
        challenge=challenge,
        result=result,
        document=(
            document(violations, f"{prefix}document.", message.document, today)
            if has_document
            else None
        ),
        iccid=value if number == "iccid" else "",
        eid=value if number == "eid" else "",
        imei=value if number == "imei" else "",
        supervisor=supervisor,
    )


def _judge(
    violations: Violations,
    prefix: str,
    message: decision_pb2.Evidence,
    challenge: ChallengeKind,
    result: EvidenceResult | None,
) -> None:
    """Add a violation for what the challenge needs and has not, and for what it does not take."""
    has_document, number = message.HasField("document"), message.WhichOneof("number")
    if challenge in _BY_RESULT and result is None:
        violations.add(f"{prefix}result", "expected how it went")
    if challenge in _WITH_DOCUMENT:
        shown = has_document or (number and challenge is ChallengeKind.REENTER_NUMBER)
        if not shown and result not in _WITHOUT:
            violations.add(
                f"{prefix}document",
                "expected a document, or a number"
                if challenge is ChallengeKind.REENTER_NUMBER
                else "expected a document",
            )
    elif has_document:
        violations.add(f"{prefix}document", "expected none for this challenge")
    if number and challenge is not ChallengeKind.REENTER_NUMBER:
        violations.add(f"{prefix}{number}", "expected none for this challenge")
    if challenge is ChallengeKind.SUPERVISOR:
        if not message.supervisor and result is not EvidenceResult.UNAVAILABLE:
            violations.add(f"{prefix}supervisor", "expected the supervisor's staff identifier")
    elif message.supervisor:
        violations.add(f"{prefix}supervisor", "expected none for this challenge")
