"""Binary contents of the ledger's rows: msgpack arrays, by position.

A field is only ever added at the end, with a default: older rows are read for years.
"""

from typing import Any, TypeVar

import msgspec

FactWire = bool | int | float | str | tuple[str, ...] | None
"""A fact's value; None is unknown."""


class AccountWire(msgspec.Struct, array_like=True, frozen=True):
    """Why. What it shares with others stands in the ledger's bases: `basis` refers to a
    BasisWire, `reasons` to ReasonWires and `unevaluated` to UnevaluatedWires, 8 bytes each.

    `flags` and `values` are the facts as their set stores them; those that it does not name
    are `other_facts`. Values of a reason's facts are those of the account, but for
    `other_values`, by the reason's place.
    """

    basis: bytes
    flags: bytes
    values: list[FactWire]
    verdict: int
    score: float
    demands: bytes
    reasons: bytes
    unevaluated: bytes
    missing: tuple[tuple[str, int], ...]
    hits: tuple[tuple[str, str, str, str, int, bool], ...]
    trace_id: bytes
    timings_us: tuple[int | str, ...]
    """Stage and time by turns."""
    awaits_signals: bool
    other_facts: dict[str, FactWire] = {}
    other_values: dict[int, dict[str, FactWire]] = {}


class ReasonWire(msgspec.Struct, array_like=True, frozen=True):
    """A rule as it fires: by the same policy always the same."""

    code: str
    weight: float
    hard: bool
    demands: bytes
    facts: tuple[str, ...]


class UnevaluatedWire(msgspec.Struct, array_like=True, frozen=True):
    """A rule as it could not be evaluated."""

    code: str
    unknown_facts: tuple[str, ...]
    counted: bool


class BasisWire(msgspec.Struct, array_like=True, frozen=True):
    """What a judgement rests on. `fact_set` refers to the facts' names, in order."""

    fact_set: bytes
    policy_version: str
    threshold: float
    watchlist_versions: dict[str, int]


class ChallengeWire(msgspec.Struct, array_like=True, frozen=True):
    """One thing asked."""

    kind: int
    state: int
    wait_until: int | None = None
    fields: tuple[str, ...] = ()


class StepUpWire(msgspec.Struct, array_like=True, frozen=True):
    """What is asked, and what was tried."""

    challenges: tuple[ChallengeWire, ...]
    attempts: int
    evidence_began: bool
    demanded: bytes = b""


class StandingWire(msgspec.Struct, array_like=True, frozen=True):
    """Where a decision stands, but for what never changes."""

    verdict: int
    state: int
    expires_at: int
    degraded: bool
    override: bool
    step_up: StepUpWire | None


class TryWire(msgspec.Struct, array_like=True, frozen=True):
    """A try. `keys` and `attributes` are pairs of bytes: what, and the place of its fingerprint
    among `fingerprints`. `later` is how long after the decision it was made, mostly 0 ms."""

    try_id: bytes
    later: int
    keys: bytes
    attributes: bytes
    reissue: int | None


class DecisionDetail(msgspec.Struct, array_like=True, frozen=True):
    """What a decision's row says beside its columns. `fingerprints` has each one once, 16 bytes
    a piece; `identifiers` are role, masked form and place."""

    fingerprints: bytes
    attempt: TryWire
    identifiers: tuple[tuple[int, str, int], ...]
    state: int
    step_up: StepUpWire | None
    account: msgspec.Raw
    """AccountWire: read only for a case."""


class EventDetail(msgspec.Struct, array_like=True, frozen=True):
    """What an event's row says beside its columns. `delivered_body` is the digest of the request
    whose decision came from a journal: by it a second delivery is known."""

    standing: StandingWire
    marks: bytes
    fingerprints: bytes
    attempt: TryWire | None
    identifiers: tuple[tuple[int, str, int], ...]
    delivered_body: bytes = b""


T = TypeVar("T")

_ENCODER = msgspec.msgpack.Encoder()


def encode(value: object) -> bytes:
    """Return the binary form."""
    return _ENCODER.encode(value)


def decoder(type_: type[T]) -> "msgspec.msgpack.Decoder[T]":
    """Return what reads this type: make it once."""
    return msgspec.msgpack.Decoder(type_)


def whole(number: float) -> Any:
    """Return a number in its shortest form: read as a float, it is one again."""
    return int(number) if abs(number) < 2**53 and number == int(number) else number
