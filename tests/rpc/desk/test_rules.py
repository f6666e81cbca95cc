"""The rules that the fraud team sees, and how near a case came to them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sekisho.adapters.policy.toml import load_default_policy
from sekisho.v1 import decision_pb2, review_figures_pb2, review_pb2
from tests.support import review
from tests.support.review import Desk
from tests.support.service import whole

ENGLISH = [("accept-language", "en")]
LIST = review_figures_pb2.ListRulesRequest()
POLICY = load_default_policy()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    given = {
        "database_url": f"sqlite:///{tmp_path / 'ledger.db'}",
        "keys_file": str(review.keys_file(tmp_path)),
    }
    async with whole(tmp_path, **given) as service:
        yield Desk(service, service.client, review.token(tmp_path, "sato"))


async def test_the_rules_of_the_policy_in_force_are_listed_in_its_order(desk: Desk) -> None:
    answer = await desk.client.review.ListRules(LIST, metadata=ENGLISH)
    assert answer.policy_version == POLICY.version
    assert answer.threshold == POLICY.threshold
    assert [rule.code for rule in answer.rules] == [rule.code for rule in POLICY.rules]
    rules = {rule.code: rule for rule in answer.rules}
    locked = rules["line_locked"]
    assert locked.text == "SIM changes are locked on this line."
    assert (locked.expression, locked.hard) == ("line.locked", True)
    assert list(locked.demands) == [decision_pb2.CHALLENGE_KIND_FRAUD_TEAM]
    assert any(rule.weight > 0 and not rule.hard for rule in answer.rules)


@pytest.mark.parametrize(("language", "part"), [("en", "SIM changes are"), ("ja", "回線")])
async def test_a_rule_s_text_is_in_the_language_asked_for(
    desk: Desk, language: str, part: str
) -> None:
    answer = await desk.client.review.ListRules(LIST, metadata=[("accept-language", language)])
    (text,) = [rule.text for rule in answer.rules if rule.code == "line_locked"]
    assert part in text


async def test_a_case_shows_the_rules_that_came_near(desk: Desk) -> None:
    decision = await desk.step_up()
    request = review_pb2.GetCaseRequest(name=decision.name)
    case = await desk.client.review.GetCase(request, metadata=ENGLISH)
    quiet = {rule.code: rule for rule in case.quiet_rules}
    fired = {reason.code for reason in case.reasons}
    assert quiet.keys() | fired == {rule.code for rule in POLICY.rules}
    assert not quiet.keys() & fired
    near = [rule.nearness for rule in case.quiet_rules]
    assert near == sorted(near, reverse=True)
    assert 0 < near[0] < 1
    assert all(rule.unmet_conditions and rule.text for rule in case.quiet_rules)
    locked = quiet["line_locked"]
    assert (locked.nearness, list(locked.unmet_conditions)) == (0, ["line.locked"])
    assert [(fact.name, fact.bool_value) for fact in locked.facts] == [("line.locked", False)]
