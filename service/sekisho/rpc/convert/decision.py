"""A decision as a shop sees it, to the proto."""

from sekisho.domain import clerk_texts
from sekisho.domain.decision import Challenge, Standing
from sekisho.rpc.convert import enums, names, times
from sekisho.v1 import decision_pb2


def decision(
    standing: Standing, language: str, attempts: int, *, recorded: bool = True
) -> decision_pb2.Decision:
    """Return where a decision stands, with what the clerk does next in `language` (ja or en).

    `attempts` is how often evidence may be tried. Where nothing was `recorded` there is nothing
    to name: name, request_id and case number are empty.
    """
    return decision_pb2.Decision(
        name=names.decision_name(standing.decision_id) if recorded else "",
        request_id=standing.request_id if recorded else "",
        case_number=standing.case_number if recorded else "",
        verdict=decision_pb2.Verdict.ValueType(enums.VERDICT_NUMBERS[standing.verdict]),
        state=decision_pb2.Decision.State.ValueType(enums.DECISION_STATE_NUMBERS[standing.state]),
        decide_time=times.from_ms(standing.decided_at),
        expire_time=times.from_ms(standing.expires_at),
        degraded=standing.degraded,
        challenges=[_challenge(each, language) for each in standing.step_up.challenges],
        instruction=clerk_texts.instruction(standing, language),
        language_code=language,
        attempts_left=max(0, attempts - standing.step_up.attempts),
    )


def _challenge(challenge: Challenge, language: str) -> decision_pb2.Challenge:
    until = challenge.wait_until
    return decision_pb2.Challenge(
        kind=decision_pb2.ChallengeKind.ValueType(enums.CHALLENGE_KIND_NUMBERS[challenge.kind]),
        state=decision_pb2.Challenge.State.ValueType(
            enums.CHALLENGE_STATE_NUMBERS[challenge.state]
        ),
        instruction=clerk_texts.challenge_instruction(challenge.kind, language),
        wait_until_time=None if until is None else times.from_ms(until),
        fields=challenge.fields,
    )
