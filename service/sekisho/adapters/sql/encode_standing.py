"""Where a decision stands, in and out of its binary form, and request ids as bytes."""

from dataclasses import replace

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.wire import ChallengeWire, StandingWire, StepUpWire
from sekisho.domain.decision import Challenge, Standing, StepUp
from sekisho.domain.errors import MalformedIdentifierError

_NOTHING_ASKED = StepUp()


def request_id_bytes(request_id: str) -> bytes:
    """Return the 16 bytes of a UUID."""
    try:
        found = bytes.fromhex(request_id.replace("-", ""))
    except ValueError:
        found = b""
    if len(found) != 16:
        raise MalformedIdentifierError("expected a UUID as request id")
    return found


def request_id_text(request_id: bytes) -> str:
    """Return a UUID in its usual form."""
    digits = request_id.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def step_up_wire(step_up: StepUp) -> StepUpWire | None:
    """Return what is asked; None where nothing ever was."""
    if step_up == _NOTHING_ASKED:
        return None
    return StepUpWire(
        tuple(
            ChallengeWire(
                codes.CHALLENGE.number[c.kind],
                codes.CHALLENGE_STATE.number[c.state],
                c.wait_until,
                c.fields,
            )
            for c in step_up.challenges
        ),
        step_up.attempts,
        step_up.evidence_began,
        bytes(codes.CHALLENGE.number[kind] for kind in step_up.demanded),
    )


def read_step_up(wire: StepUpWire | None) -> StepUp:
    """Read what is asked."""
    if wire is None:
        return _NOTHING_ASKED
    return StepUp(
        tuple(
            Challenge(
                codes.CHALLENGE.word[c.kind],
                codes.CHALLENGE_STATE.word[c.state],
                c.wait_until,
                c.fields,
            )
            for c in wire.challenges
        ),
        wire.attempts,
        wire.evidence_began,
        tuple(codes.CHALLENGE.word[number] for number in wire.demanded),
    )


def standing_wire(standing: Standing) -> StandingWire:
    """Return what a revision may change."""
    return StandingWire(
        verdict=codes.VERDICT.number[standing.verdict],
        state=codes.STATE.number[standing.state],
        expires_at=standing.expires_at,
        degraded=standing.degraded,
        override=standing.override,
        step_up=step_up_wire(standing.step_up),
    )


def revised(first: Standing, revision: int, wire: StandingWire) -> Standing:
    """Return where a decision stands after a revision, from where it stood at first."""
    return replace(
        first,
        revision=revision,
        verdict=codes.VERDICT.word[wire.verdict],
        state=codes.STATE.word[wire.state],
        expires_at=wire.expires_at,
        degraded=wire.degraded,
        override=wire.override,
        step_up=read_step_up(wire.step_up),
    )
