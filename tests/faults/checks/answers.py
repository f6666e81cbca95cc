"""What clients were told, against the ledger: nothing missing, different, twice or mixed up."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from sekisho.adapters.sql.deliver import KIND
from sekisho.domain.decision import DecisionState, Verdict
from sekisho.rpc.convert import names
from tests.faults import traffic
from tests.faults.calls import OK, Call, Ended
from tests.faults.evidence import Asked, Evidence, Kept, Violation, asked_of, from_journal, said

_ASSESS = traffic.AGAIN | {OK, "ALREADY_EXISTS"}
_FOLLOW = traffic.AGAIN | {OK, "ABORTED", "FAILED_PRECONDITION"}


def statuses(evidence: Evidence) -> Iterator[Violation]:
    """Whatever happens, a caller hears a status that tells him what to do."""
    for call in evidence.calls:
        ended = call.ended
        expected = _ASSESS if call.sent.method == traffic.METHOD else _FOLLOW
        if ended is not None and ended.code not in expected:
            yield Violation("status", call.sent.body, f"{ended.code} {ended.reason}")


def acknowledged(evidence: Evidence) -> Iterator[Violation]:
    """Every answer is the ledger's: the same decision, in a standing that it had."""
    for call in evidence.calls:
        answer = call.answered
        if answer is None:
            continue
        assessed = call.sent.method == traffic.METHOD
        kept = (
            evidence.kept.get(asked_of(call))
            if assessed
            else evidence.named.get(call.sent.decision)
        )
        subject = f"{call.sent.method} {call.sent.body} {answer.name}"
        if kept is None:
            yield Violation("acknowledged and missing", subject, "not in the ledger")
        elif assessed and from_journal(answer, kept):
            yield from _not_delivered(evidence, call, answer, kept, subject)
        else:
            yield from _different(evidence, answer, kept, subject)


def _different(evidence: Evidence, answer: Ended, kept: Kept, subject: str) -> Iterator[Violation]:
    told, had = said(answer), kept.history
    by_time = kept.ended_by_time(answer.at + evidence.ahead_ms)
    if answer.name != kept.name:
        yield Violation("acknowledged and different", subject, f"the ledger has {kept.name}")
    if answer.decided_at != kept.first.decided_at:
        there = f"{answer.decided_at}, in the ledger {kept.first.decided_at}"
        yield Violation("acknowledged and different", subject, f"decided at {there}")
    if told not in had and told not in by_time:
        what = (
            "an allow that was none" if told[0] is Verdict.ALLOW else "acknowledged and different"
        )
        yield Violation(what, subject, f"told {_text(told)}, had {'; '.join(map(_text, had))}")


def _not_delivered(
    evidence: Evidence, call: Call, answer: Ended, kept: Kept, subject: str
) -> Iterator[Violation]:
    """An answer from the journal differs from the ledger's in nothing but its time and what was
    missing, or the ledger tells of it by a revision; of one body once, however often it came."""
    if answer.name != kept.name:
        yield Violation("acknowledged and different", subject, f"the ledger has {kept.name}")
    same_body = call.sent.variant in evidence.variants.get(kept.asked, ())
    told = any(
        event.kind == KIND and (same_body or event.at == answer.decided_at)
        for event in kept.case.events
    )
    if not told and not (same_body and kept.first.verdict is Verdict.STEP_UP):
        yield Violation("acknowledged and missing", subject, "answered from the journal")


def _text(told: tuple[Verdict | None, DecisionState | None, bool]) -> str:
    verdict, state, degraded = told
    return f"{verdict} {state}{' degraded' if degraded else ''}"


def repeats(evidence: Evidence) -> Iterator[Violation]:
    """A repeat never tells an earlier standing than one that was told before it was sent."""
    reached: dict[Asked, list[tuple[float, int]]] = defaultdict(list)
    for call in evidence.calls:
        answer, kept = call.answered, _kept_of(evidence, call)
        if answer is not None and kept is not None and said(answer) in kept.history:
            index = kept.history.index(said(answer))
            if not _ended_by_clock(evidence, answer, kept, index):
                reached[kept.asked].append((answer.at, index))
    for call in evidence.assessed:
        answer, kept = call.answered, _kept_of(evidence, call)
        if answer is None or kept is None or from_journal(answer, kept):
            continue
        least = max((n for at, n in reached[kept.asked] if at < call.sent.at), default=0)
        had = kept.history[least:]
        if said(answer) in kept.history and said(answer) not in had:
            yield Violation("a repeat that went back", kept.name, _text(said(answer)))


def _ended_by_clock(evidence: Evidence, answer: Ended, kept: Kept, index: int) -> bool:
    """Whether a clock that was ahead may have ended an earlier standing, for as long as it was:
    the ledger came to that one only later."""
    told = said(answer)
    ahead = kept.ended_by_time(answer.at + evidence.ahead_ms)[:index]
    return told in ahead and told not in kept.ended_by_time(answer.at)[:index]


def _kept_of(evidence: Evidence, call: Call) -> Kept | None:
    if call.sent.method == traffic.METHOD:
        return evidence.kept.get(asked_of(call))
    return evidence.named.get(call.sent.decision)


def recorded(evidence: Evidence) -> Iterator[Violation]:
    """Nothing is in the ledger twice, and nothing that nobody asked for."""
    sent = {asked_of(call) for call in evidence.assessed}
    for asked, times in Counter(kept.asked for kept in evidence.truth.decisions).items():
        if times > 1:
            yield Violation("twice", "/".join(asked), f"{times} decisions of one request")
        if asked not in sent:
            yield Violation("twice", "/".join(asked), "a decision of a request that nobody sent")
    for name, times in Counter(kept.name for kept in evidence.truth.decisions).items():
        if times > 1:
            yield Violation("twice", name, f"{times} decisions of one name")


def bodies(evidence: Evidence) -> Iterator[Violation]:
    """Of the bodies that come with one request_id one is taken, and the ledger has that one.

    Another one may have been answered while the ledger was away; see _not_delivered.
    """
    for call in evidence.assessed:
        answer, kept = call.answered, evidence.kept.get(asked_of(call))
        if answer is None or kept is None or from_journal(answer, kept):
            continue
        if call.sent.variant not in evidence.variants.get(kept.asked, ()):
            subject = f"{call.sent.body} {kept.name}"
            yield Violation("another body", subject, f"{call.sent.variant} was answered")


def events(evidence: Evidence) -> Iterator[Violation]:
    """Evidence and outcomes that were acknowledged are there, and each once."""
    asked_for: dict[str, set[Asked]] = defaultdict(set)
    for call in evidence.followed:
        asked_for[call.sent.decision].add(asked_of(call))
        done = evidence.truth.done.get(asked_of(call), b"")
        if call.answered is not None and done != names.decision_id(call.sent.decision):
            yield Violation("acknowledged and missing", call.sent.body, call.sent.method)
    made = Counter(evidence.truth.done.values())
    for kept in evidence.truth.decisions:
        count = sum(event.kind in (traffic.EVIDENCE, traffic.OUTCOME) for event in kept.case.events)
        requests = len(asked_for[kept.name])
        if count != made[kept.first.decision_id] or count > requests:
            yield Violation("twice", kept.name, f"{count} events of {requests} requests")
