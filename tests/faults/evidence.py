"""All that the checker goes by, and the ways in which its parts look at it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf

from sekisho.application.ports.cache import Marking, Try
from sekisho.application.ports.ledger import Case
from sekisho.domain import step_up
from sekisho.domain.decision import DecisionState, Standing, Verdict
from sekisho.domain.velocity import Dimension
from sekisho.rpc.convert import enums, names
from tests.faults import traffic
from tests.faults.calls import Call, Ended

Key = tuple[Dimension, bytes]
Asked = tuple[str, str]
"""Shop and request_id."""

Said = tuple[Verdict | None, DecisionState | None, bool]
"""What an answer tells of a standing: verdict, state, degraded."""


@dataclass(frozen=True, order=True)
class Violation:
    """One promise that was not kept: which, of what, and how."""

    promise: str
    subject: str
    detail: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.subject}: {self.detail}"


@dataclass(frozen=True)
class Kept:
    """One decision as the ledger keeps it: where it stood at first, and its case."""

    first: Standing
    case: Case

    @property
    def asked(self) -> Asked:
        """The request that it answers."""
        return self.first.shop, self.first.request_id

    @property
    def name(self) -> str:
        """Its resource name."""
        return names.decision_name(self.first.decision_id)

    @property
    def history(self) -> list[Said]:
        """Every standing that it had, in order, as an answer would tell it."""
        return [_said(each) for each in self._standings]

    def ended_by_time(self, now: float) -> list[Said]:
        """Every standing as time alone would have ended it at a moment: told, and written later."""
        return [_said(step_up.as_of(each, round(now)).standing) for each in self._standings]

    @property
    def _standings(self) -> list[Standing]:
        return [self.first, *(event.standing for event in self.case.events)]


@dataclass(frozen=True)
class Held:
    """What the cache holds of one key: tries by id with their time, and marks by kind and id."""

    tries: Mapping[bytes, int] = field(default_factory=dict)
    marks: frozenset[tuple[int, bytes]] = frozenset()


@dataclass(frozen=True)
class Truth:
    """What ledger and cache hold. `done` has what every changing call but an assessment led to:
    its decision."""

    decisions: Sequence[Kept] = ()
    done: Mapping[Asked, bytes] = field(default_factory=dict)
    tries: Sequence[Try] = ()
    markings: Sequence[Marking] = ()
    held: Mapping[Key, Held] = field(default_factory=dict)


@dataclass(frozen=True)
class Evidence:
    """What clients sent and got, and what there is. `subjects` has the try of every request
    sent, by its shop, request_id and variant; `ahead_ms` is how far the service's clock was ahead
    at most, `workers` how many processes answered."""

    calls: Sequence[Call]
    subjects: Mapping[tuple[str, str, int], Try]
    truth: Truth
    ahead_ms: int = 0
    workers: int = 1

    @cached_property
    def kept(self) -> Mapping[Asked, Kept]:
        """The ledger's decisions by their request."""
        return {kept.asked: kept for kept in self.truth.decisions}

    @cached_property
    def named(self) -> Mapping[str, Kept]:
        """The ledger's decisions by their name."""
        return {kept.name: kept for kept in self.truth.decisions}

    @cached_property
    def assessed(self) -> Sequence[Call]:
        """The calls that assess."""
        return [call for call in self.calls if call.sent.method == traffic.METHOD]

    @cached_property
    def followed(self) -> Sequence[Call]:
        """The calls that bring evidence or an outcome."""
        return [call for call in self.calls if call.sent.method != traffic.METHOD]

    @cached_property
    def variants(self) -> Mapping[Asked, Sequence[int]]:
        """Which bodies the ledger has taken, by request; of those that were sent.

        Mostly one: a delivery adds the keys of another body that was answered from the journal.
        """
        taken: dict[bytes, set[Key]] = defaultdict(set)
        for one in self.truth.tries:
            taken[one.try_id].update(one.keys)
        found: dict[Asked, list[int]] = defaultdict(list)
        for (shop, request_id, variant), subject in sorted(self.subjects.items()):
            if taken[subject.try_id].issuperset(subject.keys):
                found[shop, request_id].append(variant)
        return dict(found)

    @cached_property
    def between(self) -> Mapping[Asked, tuple[float, float]]:
        """When each request was first sent, and when it was first answered."""
        found: dict[Asked, tuple[float, float]] = {}
        for call in self.assessed:
            sent, answered = found.get(asked_of(call), (call.sent.at, inf))
            if call.answered is not None:
                answered = min(answered, call.answered.at)
            found[asked_of(call)] = min(sent, call.sent.at), answered
        return found

    def subject(self, call: Call) -> Try:
        """Return the try of an assessment."""
        return self.subjects[*asked_of(call), call.sent.variant]

    def judged(self) -> Iterator[tuple[Kept, Try]]:
        """Return the ledger's decisions that were answered, each with its try."""
        for kept in self.truth.decisions:
            for variant in self.variants.get(kept.asked, ())[:1]:
                yield kept, self.subjects[*kept.asked, variant]


def from_journal(answer: Ended, kept: Kept) -> bool:
    """Whether an answer stood in for the ledger's, which was away: a repeat of a request that
    the ledger has decided at another time."""
    verdict, _, degraded = said(answer)
    at_once = answer.decided_at == kept.first.decided_at
    return verdict is Verdict.STEP_UP and degraded and not at_once


def asked_of(call: Call) -> Asked:
    """Return the request that a call makes."""
    return call.sent.shop, call.sent.request_id


def said(answer: Ended) -> Said:
    """Return what an answer tells."""
    return _VERDICTS.get(answer.verdict), _STATES.get(answer.state), answer.degraded


def _said(standing: Standing) -> Said:
    return standing.verdict, standing.state, standing.degraded


_VERDICTS = {number: verdict for verdict, number in enums.VERDICT_NUMBERS.items()}
_STATES = {number: state for state, number in enums.DECISION_STATE_NUMBERS.items()}


def by_dimension(attempt: Try) -> Mapping[Dimension, list[Key]]:
    """Return a try's keys by their dimension."""
    groups: dict[Dimension, list[Key]] = defaultdict(list)
    for key in attempt.keys:
        groups[key[0]].append(key)
    return groups
