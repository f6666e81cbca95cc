"""What stands in the records: msgpack, with names, so that a field can be added with a default."""

from collections.abc import Sequence

import msgspec

from sekisho.application.ports.ledger import NewDecision, Once
from sekisho.domain.decision import Standing


class _Stands(msgspec.Struct):
    decision_id: bytes
    decided_at: int


class Head(msgspec.Struct):
    """The part of a decision by which it is found."""

    once: Once
    standing: _Stands


class _WithStanding(msgspec.Struct):
    standing: Standing


_ENCODER = msgspec.msgpack.Encoder()
_DECISION = msgspec.msgpack.Decoder(NewDecision)
_HEAD = msgspec.msgpack.Decoder(Head)
_STANDING = msgspec.msgpack.Decoder(_WithStanding)
_IDS = msgspec.msgpack.Decoder(list[bytes])

UnreadableError = msgspec.MsgspecError
"""A body is whole, but not what this version of sekisho writes."""


def decision_body(decision: NewDecision) -> bytes:
    """Return a decision as bytes."""
    return _ENCODER.encode(decision)


def read_decision(body: bytes) -> NewDecision:
    """Read a decision. Raises UnreadableError, as all of these do."""
    return _DECISION.decode(body)


def read_head(body: bytes) -> Head:
    """Read that by which a decision is found, which costs a third of reading all."""
    return _HEAD.decode(body)


def read_standing(body: bytes) -> Standing:
    """Read where a decision stands."""
    return _STANDING.decode(body).standing


def delivered_body(decision_ids: Sequence[bytes]) -> bytes:
    """Return ids of decisions as bytes."""
    return _ENCODER.encode(list(decision_ids))


def read_delivered(body: bytes) -> Sequence[bytes]:
    """Read ids of decisions."""
    return _IDS.decode(body)
