"""What evidence does to the change and to its challenges."""

from dataclasses import replace
from datetime import date

import pytest

from sekisho.domain import step_up
from sekisho.domain.decision import (
    ChallengeKind,
    ChallengeState,
    DecisionState,
    Standing,
    Verdict,
)
from sekisho.domain.errors import InvalidArgumentError
from sekisho.domain.evidence import Evidence, EvidenceResult
from sekisho.domain.sim_change import (
    Applicant,
    Cause,
    ChangeKind,
    Chip,
    ChipField,
    ChipOutcome,
    ChipSignature,
    DocumentType,
    FaceComparison,
    IdentityDocument,
    Relationship,
    SimChange,
)
from sekisho.domain.weigh_evidence import weigh_evidence

NOW = 1_780_000_000_000
LICENCE = IdentityDocument(type=DocumentType.DRIVING_LICENCE, number="301612345630")
TODAY = date(2026, 6, 1)
CARD = IdentityDocument(
    type=DocumentType.MY_NUMBER_CARD,
    expiry_date=date(2030, 5, 5),
    chip=Chip(certificate_serial_number="0a1b2c"),
)
ACCEPTED = frozenset({DocumentType.DRIVING_LICENCE, DocumentType.MY_NUMBER_CARD})
CHANGE = SimChange(
    kind=ChangeKind.SIM_REISSUE,
    msisdn="+819012345678",
    iccid="8981100022152967705",
    cause=Cause.LOST,
    applicant=Applicant(
        name="山田 太郎", birth_date=date(1990, 5, 5), relationship=Relationship.SUBSCRIBER
    ),
    clerk="c1",
    documents=(LICENCE,),
)
READ = Chip(outcome=ChipOutcome.READ, signature=ChipSignature.VALID)


def asked(*kinds: ChallengeKind) -> Standing:
    return Standing(
        decision_id=b"\x01" * 16,
        request_id="",
        shop="ginza",
        case_number="ABCD2345",
        revision=0,
        verdict=Verdict.STEP_UP,
        state=DecisionState.STEP_UP_OPEN,
        decided_at=NOW,
        expires_at=NOW + 1,
        degraded=False,
        step_up=step_up.begin(kinds, NOW, 60_000, ()),
    )


def weigh(*evidence: Evidence, now: int = NOW) -> tuple[SimChange, dict[ChallengeKind, object]]:
    change, results = weigh_evidence(
        CHANGE, asked(*(e.challenge for e in evidence)), evidence, ACCEPTED, now, TODAY
    )
    return change, dict(results)


def chip(**fields: object) -> Evidence:
    document = IdentityDocument(
        type=DocumentType.DRIVING_LICENCE,
        number="301612345630",
        **fields,  # type: ignore[arg-type]
    )
    return Evidence(challenge=ChallengeKind.READ_CHIP, document=document)


def test_a_chip_read_with_a_valid_signature_satisfies_and_takes_the_documents_place() -> None:
    change, results = weigh(chip(chip=READ))
    assert results == {ChallengeKind.READ_CHIP: ChallengeState.SATISFIED}
    assert [d.chip for d in change.documents] == [READ]


def test_a_moved_house_on_the_chip_refutes_nothing() -> None:
    moved = Chip(
        outcome=ChipOutcome.READ,
        signature=ChipSignature.VALID,
        differs_from_print=frozenset({ChipField.ADDRESS}),
    )
    assert weigh(chip(chip=moved))[1] == {ChallengeKind.READ_CHIP: ChallengeState.SATISFIED}


@pytest.mark.parametrize(
    "fields",
    [
        {"chip": Chip(outcome=ChipOutcome.READ, signature=ChipSignature.INVALID)},
        {
            "chip": Chip(
                outcome=ChipOutcome.READ,
                signature=ChipSignature.VALID,
                differs_from_print=frozenset({ChipField.NAME}),
            )
        },
        {"chip": READ, "face_comparison": FaceComparison.NO_MATCH},
    ],
)
def test_a_chip_that_speaks_against_the_card_refutes(fields: dict[str, object]) -> None:
    assert weigh(chip(**fields))[1] == {ChallengeKind.READ_CHIP: ChallengeState.REFUTED}


@pytest.mark.parametrize(
    "unread",
    [
        Chip(outcome=ChipOutcome.FAILED),
        Chip(outcome=ChipOutcome.READ),
        Chip(outcome=ChipOutcome.PIN_LOCKED),
    ],
)
def test_a_chip_not_read_or_not_checked_leaves_the_challenge_open(unread: Chip) -> None:
    assert weigh(chip(chip=unread))[1] == {ChallengeKind.READ_CHIP: ChallengeState.OPEN}


@pytest.mark.parametrize("kind", [ChallengeKind.READ_CHIP, ChallengeKind.SECOND_DOCUMENT])
def test_nobodys_word_stands_in_for_a_document(kind: ChallengeKind) -> None:
    for result, state in (
        (EvidenceResult.CONFIRMED, ChallengeState.OPEN),
        (EvidenceResult.UNAVAILABLE, ChallengeState.OPEN),
        (None, ChallengeState.OPEN),
        (EvidenceResult.REFUTED, ChallengeState.REFUTED),
    ):
        assert weigh(Evidence(challenge=kind, result=result))[1] == {kind: state}


def test_a_second_document_is_added() -> None:
    second = Evidence(challenge=ChallengeKind.SECOND_DOCUMENT, document=CARD)
    change, results = weigh(second)
    assert change.documents == (LICENCE, CARD)
    assert results == {ChallengeKind.SECOND_DOCUMENT: ChallengeState.SATISFIED}


def test_a_second_document_that_has_expired_satisfies_nothing() -> None:
    expired = replace(CARD, expiry_date=date(2026, 5, 5))
    second = Evidence(challenge=ChallengeKind.SECOND_DOCUMENT, document=expired)
    assert weigh(second)[1] == {ChallengeKind.SECOND_DOCUMENT: ChallengeState.OPEN}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (LICENCE, "a type not shown before"),
        (IdentityDocument(type=DocumentType.OTHER), "this carrier accepts"),
    ],
)
def test_a_second_document_must_be_another_one_that_is_accepted(
    document: IdentityDocument, expected: str
) -> None:
    with pytest.raises(InvalidArgumentError, match=expected) as caught:
        weigh(Evidence(challenge=ChallengeKind.SECOND_DOCUMENT, document=document))
    assert [v.field for v in caught.value.violations] == ["evidence[0].document"]


def test_a_document_captured_again_must_have_been_shown() -> None:
    with pytest.raises(InvalidArgumentError, match="captured again"):
        weigh(Evidence(challenge=ChallengeKind.REENTER_NUMBER, document=CARD))


def test_numbers_entered_again_replace_the_old_ones() -> None:
    again = ChallengeKind.REENTER_NUMBER
    change, results = weigh(Evidence(challenge=again, eid="89001012012341234012345678901224"))
    assert (change.iccid, change.eid) == ("", "89001012012341234012345678901224")
    assert results == {again: ChallengeState.SATISFIED}
    assert weigh(Evidence(challenge=again, imei="490154203237518"))[0].imei == "490154203237518"


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (EvidenceResult.CONFIRMED, ChallengeState.SATISFIED),
        (EvidenceResult.REFUTED, ChallengeState.REFUTED),
        (EvidenceResult.UNAVAILABLE, ChallengeState.OPEN),
        (None, ChallengeState.OPEN),
    ],
)
def test_a_persons_answer_counts_as_given(
    result: EvidenceResult | None, state: ChallengeState
) -> None:
    call = ChallengeKind.CALL_REGISTERED_CONTACT
    assert weigh(Evidence(challenge=call, result=result))[1] == {call: state}


def test_a_wait_is_over_when_its_time_has_come_and_not_before() -> None:
    wait = Evidence(challenge=ChallengeKind.WAIT, result=EvidenceResult.CONFIRMED)
    assert weigh(wait, now=NOW + 59_999)[1] == {ChallengeKind.WAIT: ChallengeState.OPEN}
    assert weigh(wait, now=NOW + 60_000)[1] == {ChallengeKind.WAIT: ChallengeState.SATISFIED}


def test_evidence_that_nobody_asked_for_is_refused_all_of_it_at_once() -> None:
    evidence = (
        Evidence(challenge=ChallengeKind.WAIT),
        Evidence(challenge=ChallengeKind.SUPERVISOR),
    )
    with pytest.raises(InvalidArgumentError) as caught:
        weigh_evidence(CHANGE, asked(ChallengeKind.READ_CHIP), evidence, ACCEPTED, NOW, TODAY)
    assert [v.field for v in caught.value.violations] == [
        "evidence[0].challenge",
        "evidence[1].challenge",
    ]
    assert "read_chip" in caught.value.violations[0].description
