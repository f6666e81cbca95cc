"""The policy's rules, to the proto."""

from collections.abc import Iterable, Mapping

from sekisho.domain.decision import ChallengeKind
from sekisho.domain.policy import Policy
from sekisho.domain.quiet_rules import QuietRule
from sekisho.rpc.convert import enums
from sekisho.rpc.convert.case import fact
from sekisho.rpc.language import DEFAULT
from sekisho.v1 import decision_pb2, review_figures_pb2, review_pb2


def policy_rules(policy: Policy, language: str) -> review_figures_pb2.ListRulesResponse:
    """Return the rules of a policy in its own order."""
    return review_figures_pb2.ListRulesResponse(
        policy_version=policy.version,
        threshold=policy.threshold,
        rules=[
            review_figures_pb2.PolicyRule(
                code=rule.code,
                text=_text(rule.texts, language),
                expression=rule.expression,
                weight=rule.weight,
                hard=rule.hard,
                demands=_demands(rule.demands),
            )
            for rule in policy.rules
        ],
    )


def quiet(rules: Iterable[QuietRule], language: str) -> list[review_pb2.QuietRule]:
    """Return rules that did not fire."""
    return [
        review_pb2.QuietRule(
            code=each.rule.code,
            text=_text(each.rule.texts, language),
            weight=each.rule.weight,
            nearness=each.nearness,
            unmet_conditions=each.unmet,
            facts=[fact(name, value) for name, value in each.facts.items()],
        )
        for each in rules
    ]


def _text(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get(DEFAULT, "")


def _demands(kinds: Iterable[ChallengeKind]) -> list[decision_pb2.ChallengeKind.ValueType]:
    return [
        decision_pb2.ChallengeKind.ValueType(enums.CHALLENGE_KIND_NUMBERS[kind]) for kind in kinds
    ]
