import re
from dataclasses import replace

import pytest

from sekisho.adapters.policy.toml import load_default_policy
from sekisho.domain.clerk_texts import LANGUAGES, challenge_instruction, instruction
from sekisho.domain.decision import (
    Challenge,
    ChallengeKind,
    ChallengeState,
    DecisionState,
    Standing,
    StepUp,
    Verdict,
)

STANDING = Standing(
    decision_id=b"\x01" * 16,
    request_id="6c84fb90-12c4-11e1-840d-7b25c5ee775a",
    shop="osaka-01",
    case_number="ABCD2345",
    revision=0,
    verdict=Verdict.STEP_UP,
    state=DecisionState.STEP_UP_OPEN,
    decided_at=0,
    expires_at=1_800_000,
    degraded=False,
    step_up=StepUp(),
)
JAPANESE = re.compile("[ぁ-んァ-ン一-龠]")


def step_up(*challenges: tuple[ChallengeKind, ChallengeState]) -> Standing:
    asked = tuple(Challenge(kind, state) for kind, state in challenges)
    return replace(STANDING, step_up=StepUp(asked))


def every_text(language: str) -> list[str]:
    return [
        *(challenge_instruction(kind, language) for kind in ChallengeKind),
        *(instruction(replace(STANDING, state=state), language) for state in DecisionState),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_challenge_and_every_state_has_a_text_of_its_own(language: str) -> None:
    texts = every_text(language)

    assert all(texts)
    assert len(set(texts)) == len(ChallengeKind) + len(DecisionState)


def test_japanese_texts_are_japanese_and_english_ones_are_not() -> None:
    assert all(JAPANESE.search(text) for text in every_text("ja"))
    assert not any(JAPANESE.search(text) for text in every_text("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_clerks_text_repeats_what_a_rule_says_or_speaks_of_fraud(language: str) -> None:
    spoken = " ".join(every_text(language)).lower()
    reasons = [rule.texts[language].lower() for rule in load_default_policy().rules]

    assert not any(reason.rstrip("。.") in spoken for reason in reasons)
    for hint in (
        "fraud",
        "suspic",
        "forged",
        "stolen",
        "watchlist",
        "risk",
        "不正",
        "偽",
        "疑",
        "盗",
    ):
        assert hint not in spoken


def test_a_step_up_with_one_open_challenge_says_what_to_do_for_it() -> None:
    standing = step_up(
        (ChallengeKind.READ_CHIP, ChallengeState.SATISFIED),
        (ChallengeKind.SUPERVISOR, ChallengeState.OPEN),
    )

    assert instruction(standing, "en") == challenge_instruction(ChallengeKind.SUPERVISOR, "en")


def test_a_step_up_with_several_open_challenges_points_to_them() -> None:
    standing = step_up(
        (ChallengeKind.READ_CHIP, ChallengeState.OPEN),
        (ChallengeKind.SUPERVISOR, ChallengeState.OPEN),
    )

    assert instruction(standing, "en").startswith("Before you go on")


def test_an_override_is_told_as_any_other_completion() -> None:
    completed = replace(STANDING, state=DecisionState.COMPLETED)

    assert instruction(completed, "ja") == instruction(replace(completed, override=True), "ja")


def test_a_language_without_texts_reads_as_japanese() -> None:
    assert instruction(STANDING, "fr") == instruction(STANDING, "ja")
    assert challenge_instruction(ChallengeKind.WAIT, "") == challenge_instruction(
        ChallengeKind.WAIT, "ja"
    )
