"""Accounts in and out of their binary form."""

from collections.abc import Mapping, Sequence
from functools import partial

from sekisho.adapters.sql import codes
from sekisho.adapters.sql.basis import DIGEST_BYTES, KnownBases, New, contents_of
from sekisho.adapters.sql.fact_set import FactSet
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.wire import (
    AccountWire,
    BasisWire,
    FactWire,
    ReasonWire,
    UnevaluatedWire,
    decoder,
    encode,
    whole,
)
from sekisho.application.ports.ledger import Account
from sekisho.domain.decision import (
    ChallengeKind,
    Judgement,
    MissingSignal,
    Reason,
    UnevaluatedRule,
    WatchlistHit,
)
from sekisho.domain.facts import FactValue

_READ_ACCOUNT = decoder(AccountWire)
_READ_BASIS = decoder(BasisWire)
_READ_REASON = decoder(ReasonWire)
_READ_UNEVALUATED = decoder(UnevaluatedWire)
_STAGES = ("observe", "decide", "total")
"""Stages that are kept as their place here."""


class AccountEncoder:
    """Encodes accounts with one fact set."""

    def __init__(self, fact_set: FactSet, known: KnownBases) -> None:
        self.fact_set = fact_set
        self._known = known

    def __call__(self, account: Account, new: New) -> bytes:
        """Return an account in binary form; what it needs kept joins `new`."""
        judgement = account.judgement
        facts = account.facts
        flags, values = self.fact_set.values(facts)
        other_values: dict[int, dict[str, FactWire]] = {}
        for place, reason in enumerate(judgement.reasons):
            differing = {n: v for n, v in reason.facts.items() if not _same(facts.get(n), v)}
            if differing:
                other_values[place] = {**differing}
        return encode(
            AccountWire(
                basis=self._basis(account, new),
                flags=flags,
                values=values,
                verdict=codes.VERDICT.number[judgement.verdict],
                score=whole(judgement.score),
                demands=_demands(judgement.demands),
                reasons=b"".join([self._reason(each, new) for each in judgement.reasons]),
                unevaluated=b"".join(
                    [self._unevaluated(each, new) for each in judgement.unevaluated]
                ),
                missing=tuple((m.signal, codes.MISSING.number[m.cause]) for m in account.missing),
                hits=tuple(
                    (h.watchlist, h.role, h.source, h.reason, h.since, h.weak) for h in account.hits
                ),
                trace_id=account.trace_id,
                timings_us=_timings(account.timings_us),
                awaits_signals=judgement.awaits_signals,
                other_facts=self.fact_set.unnamed(facts),
                other_values=other_values,
            )
        )

    def _basis(self, account: Account, new: New) -> bytes:
        judgement = account.judgement
        versions = tuple(sorted(account.watchlist_versions.items()))
        what = ("basis", judgement.policy_version, judgement.threshold, versions)

        def make() -> bytes:
            names = self._known.refer("facts", lambda: self.fact_set.content, new)
            return encode(
                BasisWire(names, judgement.policy_version, judgement.threshold, dict(versions))
            )

        return self._known.refer(what, make, new)

    def _reason(self, reason: Reason, new: New) -> bytes:
        names = tuple(reason.facts)
        what = ("reason", reason.code, reason.weight, reason.hard, reason.demands, names)
        return self._known.refer(what, partial(_reason_content, reason), new)

    def _unevaluated(self, rule: UnevaluatedRule, new: New) -> bytes:
        wire = (rule.code, rule.unknown_facts, rule.counted)
        return self._known.refer(
            ("unevaluated", *wire), lambda: encode(UnevaluatedWire(*wire)), new
        )


def read_account(content: bytes, current: FactSet) -> Script[Account]:
    """Read an account with all that it shares; `current` is this build's fact set."""
    wire = _READ_ACCOUNT.decode(content)
    reasons, unevaluated = _references(wire.reasons), _references(wire.unevaluated)
    shared = yield from contents_of({wire.basis, *reasons, *unevaluated})
    basis = _READ_BASIS.decode(shared[wire.basis])
    names = current
    if basis.fact_set != current.digest:
        older = yield from contents_of({basis.fact_set})
        names = FactSet.read(older[basis.fact_set])
    facts = names.facts(wire.flags, wire.values)
    facts.update((name, value) for name, value in wire.other_facts.items() if value is not None)
    return Account(
        facts=facts,
        judgement=Judgement(
            verdict=codes.VERDICT.word[wire.verdict],
            score=wire.score,
            threshold=basis.threshold,
            demands=_challenges(wire.demands),
            reasons=tuple(
                _read_reason(shared[each], {**facts, **wire.other_values.get(place, {})})
                for place, each in enumerate(reasons)
            ),
            unevaluated=tuple(_read_unevaluated(shared[each]) for each in unevaluated),
            policy_version=basis.policy_version,
            awaits_signals=wire.awaits_signals,
        ),
        missing=tuple(MissingSignal(s, codes.MISSING.word[cause]) for s, cause in wire.missing),
        hits=tuple(WatchlistHit(*hit) for hit in wire.hits),
        watchlist_versions=basis.watchlist_versions,
        trace_id=wire.trace_id,
        timings_us=_read_timings(wire.timings_us),
    )


def _references(references: bytes) -> list[bytes]:
    return [
        references[start : start + DIGEST_BYTES]
        for start in range(0, len(references), DIGEST_BYTES)
    ]


def _demands(demands: Sequence[ChallengeKind]) -> bytes:
    return bytes([codes.CHALLENGE.number[each] for each in demands])


def _challenges(demands: bytes) -> tuple[ChallengeKind, ...]:
    return tuple(codes.CHALLENGE.word[each] for each in demands)


def _reason_content(reason: Reason) -> bytes:
    demands = _demands(reason.demands)
    names = tuple(reason.facts)
    return encode(ReasonWire(reason.code, whole(reason.weight), reason.hard, demands, names))


def _same(kept: FactWire, value: FactWire) -> bool:
    return kept is value or (type(kept) is type(value) and kept == value)


def _read_reason(content: bytes, values: Mapping[str, FactWire]) -> Reason:
    wire = _READ_REASON.decode(content)
    seen: dict[str, FactValue] = {}
    for name in wire.facts:
        value = values.get(name)
        if value is not None:
            seen[name] = value
    return Reason(wire.code, wire.weight, wire.hard, _challenges(wire.demands), seen)


def _read_unevaluated(content: bytes) -> UnevaluatedRule:
    wire = _READ_UNEVALUATED.decode(content)
    return UnevaluatedRule(wire.code, wire.unknown_facts, wire.counted)


def _timings(timings: Mapping[str, int]) -> tuple[int | str, ...]:
    pairs: list[int | str] = []
    for stage, time in timings.items():
        pairs.append(_STAGES.index(stage) if stage in _STAGES else stage)
        pairs.append(time)
    return tuple(pairs)


def _read_timings(pairs: Sequence[int | str]) -> dict[str, int]:
    stages = (s if isinstance(s, str) else _STAGES[s] for s in pairs[::2])
    return {stage: int(time) for stage, time in zip(stages, pairs[1::2], strict=True)}
