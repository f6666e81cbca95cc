"""Promise 5: a failure is not forgotten."""

from sekisho.v1 import decision_pb2, risk_check_pb2, sim_change_pb2
from tests.support.service import STEP_UP, Whole, chip_read, forged, ordinary, until

INVALID = sim_change_pb2.Chip.SIGNATURE_INVALID
OVERRIDDEN = risk_check_pb2.ReportOutcomeRequest.OUTCOME_COMPLETED


async def test_a_failed_step_up_stays_on_the_line_across_shops_and_after_a_pass(
    service: Whole,
) -> None:
    decision = await service.assess(forged(shop="shop-1"))
    kinds = [challenge.kind for challenge in decision.challenges]
    assert decision_pb2.CHALLENGE_KIND_READ_CHIP in kinds
    failed = await service.evidence(decision, chip_read(INVALID), shop="shop-1")
    assert failed.state == decision_pb2.Decision.STATE_STEP_UP_FAILED

    genuine = ordinary("shop-2")
    genuine.sim_change.msisdn = forged().sim_change.msisdn

    async def seen() -> bool:
        genuine.request_id = ordinary().request_id
        facts = await service.facts(await service.assess(genuine))
        return facts["velocity.line.failures_90d"] == 1

    await until(seen)
    after = await service.assess(genuine)
    assert after.verdict == STEP_UP
    completed = await service.outcome(after, OVERRIDDEN, shop="shop-2")
    assert completed.state == decision_pb2.Decision.STATE_COMPLETED
    genuine.request_id = ordinary().request_id
    facts = await service.facts(await service.assess(genuine))
    assert facts["velocity.line.failures_90d"] == 1
