"""Rules that did not fire, and how near each was."""

from collections.abc import Callable, Mapping, Sequence

from sekisho.domain.decision import Judgement
from sekisho.domain.facts import FactValue
from sekisho.domain.policy import Policy, Rule
from sekisho.domain.value import value


@value
class Condition:
    """One of the conditions that must all hold for a rule to fire.

    `text` is as the policy writes it; `facts` are the names that it reads. One whose result
    depends on an unknown fact does not hold.
    """

    text: str
    facts: tuple[str, ...]
    holds: bool


Conditions = Callable[[Rule, Mapping[str, FactValue]], Sequence[Condition]]
"""Tells a rule's conditions, at least one, by the known facts."""


@value
class QuietRule:
    """A rule that did not fire. `nearness` is the share of its conditions that held, 0 to 1;
    `facts` are those that the unmet ones read, None where unknown."""

    rule: Rule
    nearness: float
    unmet: tuple[str, ...]
    facts: Mapping[str, FactValue | None]


def quiet_rules(
    policy: Policy, judgement: Judgement, facts: Mapping[str, FactValue], conditions: Conditions
) -> Sequence[QuietRule]:
    """Return the policy's rules that did not fire in a judgement of `facts`, the nearest first.

    None where another version of the policy judged: its rules are not known any more.
    """
    if judgement.policy_version != policy.version:
        return ()
    fired = {reason.code for reason in judgement.reasons}
    quiet = [
        _quiet(rule, conditions(rule, facts), facts)
        for rule in policy.rules
        if rule.code not in fired
    ]
    return sorted(quiet, key=lambda each: -each.nearness)


def _quiet(
    rule: Rule, conditions: Sequence[Condition], facts: Mapping[str, FactValue]
) -> QuietRule:
    unmet = [condition for condition in conditions if not condition.holds]
    names = dict.fromkeys(name for condition in unmet for name in condition.facts)
    return QuietRule(
        rule=rule,
        nearness=1 - len(unmet) / len(conditions),
        unmet=tuple(condition.text for condition in unmet),
        facts={name: facts.get(name) for name in names},
    )
