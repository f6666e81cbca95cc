"""Promise 6: every decision explains itself (to the fraud team, and to nobody at the counter).

That RiskCheckService has no field for reasons is proved in tests/rpc, over its descriptors.
"""

from sekisho.v1 import decision_pb2
from tests.support.service import Whole, forged


async def test_a_step_up_names_its_rules_with_the_values_that_they_saw(service: Whole) -> None:
    decision = await service.assess(forged())
    case = await service.case(decision)
    assert case.reasons
    for reason in case.reasons:
        assert reason.text
        assert reason.facts
        assert reason.demands
    assert "@" in case.policy_version
    assert case.threshold > 0
    assert {i.role for i in case.identifiers} >= {"line", "document", "sim", "applicant", "clerk"}
    assert case.timings_us["observe"] > 0


async def test_the_clerk_reads_what_to_do_in_japanese_or_english(service: Whole) -> None:
    japanese = await service.assess(forged())
    english = await service.client.risk_check.AssessSimChange(
        forged(), metadata=(("accept-language", "en-GB,en;q=0.9"),), timeout=10
    )
    assert (japanese.language_code, english.language_code) == ("ja", "en")
    assert english.instruction.isascii()
    assert not japanese.instruction.isascii()
    for challenge in english.challenges:
        assert challenge.instruction
    assert decision_pb2.CHALLENGE_KIND_READ_CHIP in [c.kind for c in english.challenges]
