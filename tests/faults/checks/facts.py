"""What decisions rest on: what was known, and whether it was so."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sekisho.domain.decision import DecisionState, MissingCause, Verdict
from sekisho.domain.velocity import MOST_TRIES, Dimension
from tests.faults import traffic
from tests.faults.calls import Call
from tests.faults.evidence import (
    Asked,
    Evidence,
    Kept,
    Key,
    Violation,
    asked_of,
    by_dimension,
    said,
)

MARKS_AFTER_MS = 2_500
"""A mark reaches the cache by the projector: facts that are known may be this much behind it."""

ELSEWHERE_AFTER_MS = 2_000
"""A try that its own process could not count reaches the others by the projector: what they know
is this old at most."""

_CLOCK_MS = 2
"""The times of clients and service are of one clock, and cut to whole milliseconds."""


def allows(evidence: Evidence) -> Iterator[Violation]:
    """No ALLOW rests on facts that were not known."""
    for kept in evidence.truth.decisions:
        account = kept.case.account
        if kept.case.standing.verdict is not Verdict.ALLOW:
            continue
        unknown = [f"{each.signal} {each.cause}" for each in account.missing]
        unknown += [rule.code for rule in account.judgement.unevaluated if rule.counted]
        unknown += [d for d in Dimension if f"velocity.{d}.tries_24h" not in account.facts]
        if unknown:
            yield Violation("an allow without evidence", kept.name, ", ".join(unknown))


def tries(evidence: Evidence) -> Iterator[Violation]:
    """A known count has every try that was answered before, and none that nobody made."""
    times = _answered(evidence)
    sent: dict[Key, set[Asked]] = defaultdict(set)
    for call in evidence.assessed:
        for key in evidence.subject(call).keys:
            sent[key].add(asked_of(call))
    for kept, own in evidence.judged():
        if any(missing.signal == "ledger" for missing in kept.case.account.missing):
            # What lies in a journal is not counted yet: such a decision says so.
            continue
        moment = _decided(evidence, kept)
        for dimension, group in by_dimension(own).items():
            count = kept.case.account.facts.get(f"velocity.{dimension}.tries_24h")
            if not isinstance(count, int):
                continue
            others = max(bisect_left(times.get(key, ()), moment) for key in group)
            if count < min(others + 1, MOST_TRIES):
                yield _too_low(kept, dimension, count, others)
            most = max(len(sent[key]) for key in group)
            if count > most:
                yield Violation("a count too high", kept.name, f"{dimension}: {count} of {most}")


def _decided(evidence: Evidence, kept: Kept) -> float:
    """Return a moment before which a decision was certainly not made.

    That is its decided time, unless its service's clock was wrong.
    """
    sent, answered = evidence.between[kept.asked]
    decided_at = kept.first.decided_at
    return decided_at - _CLOCK_MS if sent - _CLOCK_MS <= decided_at <= answered else sent


def _too_low(kept: Kept, dimension: Dimension, count: int, others: int) -> Violation:
    detail = f"{dimension}: {count} {kept.first.verdict}, after {others} others were answered"
    return Violation("a count too low", kept.name, detail)


def _answered(evidence: Evidence) -> Mapping[Key, Sequence[float]]:
    """Return when each key's requests were first answered, in order."""
    answered: dict[Key, dict[Asked, float]] = defaultdict(dict)
    for call in evidence.assessed:
        if call.answered is None:
            continue
        late = evidence.workers > 1 and _uncounted(evidence, call)
        at = call.answered.at + (ELSEWHERE_AFTER_MS if late else 0)
        for key in evidence.subject(call).keys:
            answered[key][asked_of(call)] = min(answered[key].get(asked_of(call), at), at)
    return {key: sorted(by_request.values()) for key, by_request in answered.items()}


def _uncounted(evidence: Evidence, call: Call) -> bool:
    """Whether the process that answered could not reach the cache."""
    kept = evidence.kept.get(asked_of(call))
    missing = kept.case.account.missing if kept else ()
    return any(each.cause is MissingCause.CACHE_UNAVAILABLE for each in missing)


def failures(evidence: Evidence) -> Iterator[Violation]:
    """A known count of failures has those that were answered a while before."""
    failed = _failed(evidence)
    for kept, own in evidence.judged():
        moment = _decided(evidence, kept) - MARKS_AFTER_MS
        for dimension, group in by_dimension(own).items():
            count = kept.case.account.facts.get(f"velocity.{dimension}.failures_90d")
            if not isinstance(count, int):
                continue
            least = max(
                len({id_ for at, id_ in failed[key] if at < moment and id_ != own.try_id})
                for key in group
            )
            if count < least:
                detail = f"{dimension}: {count}, after {least} were answered"
                yield Violation("a failure forgotten", kept.name, detail)


def _failed(evidence: Evidence) -> Mapping[Key, Sequence[tuple[float, bytes]]]:
    """Return when each key's step-ups were told to have failed, and by which try."""
    failed: dict[Key, list[tuple[float, bytes]]] = defaultdict(list)
    owns = {kept.name: own for kept, own in evidence.judged()}
    for call in evidence.followed:
        own = owns.get(call.sent.decision)
        if call.sent.method != traffic.EVIDENCE or call.answered is None or own is None:
            continue
        if said(call.answered)[1] is DecisionState.STEP_UP_FAILED:
            for key in own.keys:
                failed[key].append((call.answered.at, own.try_id))
    return failed
