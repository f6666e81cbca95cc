"""A case as the fraud team sees it, to the proto."""

from collections.abc import Mapping

from sekisho.application.ports.ledger import Case, CaseEvent
from sekisho.domain.decision import Reason, WatchlistHit
from sekisho.domain.facts import FACTS, FactValue
from sekisho.rpc.convert import enums, names, times
from sekisho.rpc.convert.decision import decision
from sekisho.rpc.language import DEFAULT
from sekisho.v1 import decision_pb2, review_pb2, sim_change_pb2

Texts = Mapping[str, Mapping[str, str]]


def case(found: Case, texts: Texts, language: str, attempts: int) -> review_pb2.Case:
    """Return a decision with all that led to it.

    `texts` has each rule's text by language, as it stood in the policy's version.
    """
    account = found.account
    judgement = account.judgement
    return review_pb2.Case(
        decision=decision(found.standing, language, attempts),
        shop=found.standing.shop,
        terminal=found.terminal,
        kind=sim_change_pb2.SimChange.Kind.ValueType(enums.KIND_NUMBERS[found.kind]),
        cause=sim_change_pb2.SimChange.Cause.ValueType(enums.CAUSE_NUMBERS[found.cause]),
        identifiers=[
            review_pb2.MaskedIdentifier(
                role=each.role, masked=each.masked, fingerprint=each.fingerprint.hex()
            )
            for each in found.identifiers
        ],
        facts=[fact(name, account.facts.get(name)) for name in sorted({*FACTS, *account.facts})],
        reasons=[_reason(each, texts, language) for each in judgement.reasons],
        unevaluated_rules=[
            review_pb2.UnevaluatedRule(
                code=each.code, unknown_facts=each.unknown_facts, counted=each.counted
            )
            for each in judgement.unevaluated
        ],
        missing_signals=[
            review_pb2.MissingSignal(signal=each.signal, cause=each.cause.value)
            for each in account.missing
        ],
        watchlist_hits=[_hit(each) for each in account.hits],
        score=judgement.score,
        threshold=judgement.threshold,
        policy_version=judgement.policy_version,
        watchlist_versions=[
            f"{name}@{version}" for name, version in sorted(account.watchlist_versions.items())
        ],
        events=[_event(each) for each in found.events],
        trace_id=account.trace_id.hex(),
        timings_us=account.timings_us,
    )


def _facts(facts: Mapping[str, FactValue]) -> list[review_pb2.Fact]:
    return [fact(name, value) for name, value in sorted(facts.items())]


def fact(name: str, value: FactValue | None) -> review_pb2.Fact:
    """Return a fact; None is unknown."""
    if value is None:
        return review_pb2.Fact(name=name)
    # A bool is an int too, and would read as one.
    if isinstance(value, bool):
        return review_pb2.Fact(name=name, bool_value=value)
    if isinstance(value, int):
        return review_pb2.Fact(name=name, int_value=value)
    if isinstance(value, float):
        return review_pb2.Fact(name=name, double_value=value)
    if isinstance(value, str):
        return review_pb2.Fact(name=name, string_value=value)
    return review_pb2.Fact(name=name, list_value=review_pb2.StringList(values=value))


def _reason(reason: Reason, texts: Texts, language: str) -> review_pb2.Reason:
    by_language = texts.get(reason.code, {})
    return review_pb2.Reason(
        code=reason.code,
        text=by_language.get(language) or by_language.get(DEFAULT, ""),
        weight=reason.weight,
        hard=reason.hard,
        demands=[
            decision_pb2.ChallengeKind.ValueType(enums.CHALLENGE_KIND_NUMBERS[kind])
            for kind in reason.demands
        ],
        facts=_facts(reason.facts),
    )


def _hit(hit: WatchlistHit) -> review_pb2.WatchlistHit:
    return review_pb2.WatchlistHit(
        watchlist=names.watchlist_name(hit.watchlist),
        role=hit.role,
        source=hit.source,
        reason=hit.reason,
        since_time=times.from_ms(hit.since),
        weak=hit.weak,
    )


def _event(event: CaseEvent) -> review_pb2.CaseEvent:
    return review_pb2.CaseEvent(
        event_time=times.from_ms(event.at),
        kind=event.kind,
        actor=event.actor,
        summary=event.summary,
        state=decision_pb2.Decision.State.ValueType(
            enums.DECISION_STATE_NUMBERS[event.standing.state]
        ),
    )
