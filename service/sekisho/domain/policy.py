"""The policy: rules over facts, and the judgement that they make."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from itertools import compress
from typing import Protocol

from sekisho.domain.decision import (
    ChallengeKind,
    Judgement,
    MissingSignal,
    Reason,
    UnevaluatedRule,
    Verdict,
)
from sekisho.domain.facts import FactValue
from sekisho.domain.missing import cause_of
from sekisho.domain.review import DUE_MS, Queue
from sekisho.domain.sim_change import DocumentType
from sekisho.domain.value import value


class WhenUnknown(StrEnum):
    """What a rule that cannot be evaluated does."""

    STEP_UP = "step_up"
    """It demands a step-up by itself."""
    WEIGH = "weigh"
    """Its weight counts as if it had fired."""
    REPORT = "report"
    """It is reported, and counts nothing."""


@value(kw_only=True)
class Rule:
    """One rule. `facts` are the names that its expression reads; `texts` by language, ja and en."""

    code: str
    expression: str
    hard: bool = False
    weight: float = 0.0
    demands: tuple[ChallengeKind, ...]
    when_unknown: WhenUnknown = WhenUnknown.STEP_UP
    texts: Mapping[str, str]
    facts: tuple[str, ...] = ()


class Evaluator(Protocol):
    """Evaluates all the rules' expressions over the known facts."""

    def evaluate(self, facts: Mapping[str, FactValue]) -> Sequence[bool | None]:
        """Return, rule by rule, its result; None where it depends on an unknown fact."""


@value(kw_only=True)
class Policy:
    """A set of rules in one version, with the carrier's own figures.

    `version` is the policy's name and the digest of its text. `missing_demands` is what a
    step-up demands when signals are missing that trying again will not bring. `due_ms` is how
    long after it came into a queue a case should be reviewed, ms.
    """

    version: str
    rules: tuple[Rule, ...]
    threshold: float
    evaluator: Evaluator
    accepted_documents: frozenset[DocumentType]
    expiry_grace_days: int = 0
    wait_seconds: int = 86_400
    missing_demands: tuple[ChallengeKind, ...] = (ChallengeKind.FRAUD_TEAM,)
    due_ms: Mapping[Queue, int] = field(default_factory=lambda: DUE_MS)

    def __post_init__(self) -> None:
        """Refuse a policy by which an unknown fact or a rule that fired could come to nothing."""
        if self.threshold <= 0:
            raise ValueError("the threshold must be above 0")
        if not self.missing_demands:
            raise ValueError("missing_demands must name a challenge")
        for rule in self.rules:
            if not rule.demands:
                raise ValueError(f"rule {rule.code} demands nothing")
            if rule.weight < 0:
                raise ValueError(f"rule {rule.code} has a negative weight")
            if rule.hard and rule.when_unknown is WhenUnknown.WEIGH:
                raise ValueError(f"rule {rule.code} is hard and has no weight to weigh")

    def decide(self, facts: Mapping[str, FactValue], missing: Sequence[MissingSignal]) -> Judgement:
        """Judge the known facts; those left out are unknown, for the causes in `missing`.

        A fact left out that no signal in `missing` covers was not supplied.
        """
        results = self.evaluator.evaluate(facts)
        if len(results) != len(self.rules):
            raise ValueError("the evaluator answers for other rules")
        fired = tuple(compress(self.rules, results))
        undecided: tuple[Rule, ...] = ()
        if None in results:
            undecided = tuple(
                rule for rule, result in zip(self.rules, results, strict=True) if result is None
            )
        score = sum(rule.weight for rule in fired)
        score += sum(r.weight for r in undecided if r.when_unknown is WhenUnknown.WEIGH)
        over = score >= self.threshold
        demanded = {kind for rule in fired if over or rule.hard for kind in rule.demands}
        unevaluated = tuple(_unevaluated(rule, facts) for rule in undecided)
        brings_back = _Retrying(missing)
        awaits_signals = False
        for rule, entry in zip(undecided, unevaluated, strict=True):
            if rule.when_unknown is WhenUnknown.STEP_UP or (entry.counted and over):
                if brings_back.all_of(entry.unknown_facts):
                    awaits_signals = True
                else:
                    demanded.update(self.missing_demands)
        demands = tuple(kind for kind in ChallengeKind if kind in demanded)
        if awaits_signals and not demands:
            demands = (ChallengeKind.RETRY,)
        return Judgement(
            verdict=Verdict.STEP_UP if demands else Verdict.ALLOW,
            score=score,
            threshold=self.threshold,
            demands=demands,
            reasons=tuple(_reason(rule, facts) for rule in fired),
            unevaluated=unevaluated,
            policy_version=self.version,
            awaits_signals=awaits_signals,
        )


def hold(judgement: Judgement) -> Judgement:
    """Return the judgement as it is while the ledger cannot take it: never ALLOW, and assessing
    again is what it needs."""
    return replace(
        judgement,
        verdict=Verdict.STEP_UP,
        demands=judgement.demands or (ChallengeKind.RETRY,),
        awaits_signals=True,
    )


def _reason(rule: Rule, facts: Mapping[str, FactValue]) -> Reason:
    return Reason(
        code=rule.code,
        weight=rule.weight,
        hard=rule.hard,
        demands=rule.demands,
        facts={name: facts[name] for name in rule.facts if name in facts},
    )


def _unevaluated(rule: Rule, facts: Mapping[str, FactValue]) -> UnevaluatedRule:
    return UnevaluatedRule(
        code=rule.code,
        unknown_facts=tuple(name for name in rule.facts if name not in facts),
        counted=rule.when_unknown is not WhenUnknown.REPORT,
    )


class _Retrying:
    """Which unknown facts observing again may bring. Many rules read one fact: asked once."""

    def __init__(self, missing: Sequence[MissingSignal]) -> None:
        self._missing = missing
        self._brings: dict[str, bool] = {}

    def all_of(self, unknown: Sequence[str]) -> bool:
        """Whether it may bring all of them; a rule that failed otherwise lacks none, and cannot."""
        return bool(unknown) and all(self._of(name) for name in unknown)

    def _of(self, name: str) -> bool:
        if name not in self._brings:
            cause = cause_of(name, self._missing)
            self._brings[name] = cause is not None and cause.retryable
        return self._brings[name]
