"""A policy and its facts as plain data, for the command line and the reference page."""

from sekisho.domain.decision import ChallengeKind
from sekisho.domain.facts import FACTS, Fact
from sekisho.domain.policy import Policy, Rule
from sekisho.domain.value import value


@value
class ExplainedFact:
    """One fact, and the codes of the rules that read it."""

    name: str
    type: str
    unit: str
    meaning: str
    unknown_when: str
    values: tuple[str, ...]
    read_by: tuple[str, ...]


@value
class ExplainedRule:
    """One rule. `strength` is `hard`, or its weight; `texts` are by language."""

    code: str
    strength: str
    expression: str
    facts: tuple[str, ...]
    demands: tuple[str, ...]
    when_unknown: str
    texts: dict[str, str]


@value
class Explanation:
    """Everything that a policy says, and everything that its rules could read."""

    version: str
    threshold: float
    accepted_documents: tuple[str, ...]
    expiry_grace_days: int
    wait_seconds: int
    missing_demands: tuple[str, ...]
    rules: tuple[ExplainedRule, ...]
    facts: tuple[ExplainedFact, ...]


def explain(policy: Policy) -> Explanation:
    """Explain `policy`: its rules in their own order, the facts in theirs."""
    return Explanation(
        version=policy.version,
        threshold=policy.threshold,
        accepted_documents=tuple(sorted(kind.value for kind in policy.accepted_documents)),
        expiry_grace_days=policy.expiry_grace_days,
        wait_seconds=policy.wait_seconds,
        missing_demands=_words(policy.missing_demands),
        rules=tuple(_rule(rule) for rule in policy.rules),
        facts=tuple(_fact(fact, policy) for fact in FACTS.values()),
    )


def _rule(rule: Rule) -> ExplainedRule:
    return ExplainedRule(
        code=rule.code,
        strength="hard" if rule.hard else f"{rule.weight:g}",
        expression=rule.expression,
        facts=rule.facts,
        demands=_words(rule.demands),
        when_unknown=rule.when_unknown.value,
        texts=dict(rule.texts),
    )


def _fact(fact: Fact, policy: Policy) -> ExplainedFact:
    return ExplainedFact(
        name=fact.name,
        type=fact.type.value,
        unit=fact.unit,
        meaning=fact.meaning,
        unknown_when=fact.unknown_when,
        values=fact.values,
        read_by=tuple(rule.code for rule in policy.rules if fact.name in rule.facts),
    )


def _words(kinds: tuple[ChallengeKind, ...]) -> tuple[str, ...]:
    return tuple(kind.value for kind in kinds)
