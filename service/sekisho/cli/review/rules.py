"""`sekisho review rules`."""

from rich.text import Text

from sekisho.cli import output
from sekisho.cli.client import LOCAL, Connection
from sekisho.cli.decision_view import challenge_kind
from sekisho.cli.review.calls import desk
from sekisho.v1.review_figures_pb2 import ListRulesRequest, PolicyRule


def rules(*, expressions: bool = False, json: bool = False, connection: Connection = LOCAL) -> None:
    """Show the rules of the policy in force: what they mean, weigh and demand.

    Parameters
    ----------
    expressions
        Show each rule's expression too.
    json
        Print the rules as JSON.
    connection
        How to reach the server.

    """
    with desk(connection) as opened:
        answer = opened.stub.ListRules(
            ListRulesRequest(), timeout=opened.timeout, metadata=opened.metadata
        )
    if json:
        output.json(answer)
        return
    policy = f"policy {answer.policy_version}, step-up from {answer.threshold:g}"
    output.out().print(policy, markup=False)
    output.out().print()
    output.out().print(
        output.table(
            ("rule", "weight", "demands", "meaning"),
            (
                (
                    rule.code,
                    "hard" if rule.hard else f"{rule.weight:g}",
                    ", ".join(map(challenge_kind, rule.demands)),
                    _meaning(rule, expressions=expressions),
                )
                for rule in answer.rules
            ),
        )
    )


def _meaning(rule: PolicyRule, *, expressions: bool) -> Text:
    text = Text(rule.text)
    if expressions:
        text.append(f"\n{' '.join(rule.expression.split())}", "dim")
    return text
