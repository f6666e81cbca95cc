"""The facts `document.*`, over all documents shown."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sekisho.domain.documents import ROOMS, room
from sekisho.domain.documents.facts import document_facts
from sekisho.domain.facts import FACTS, FactType, FactValue
from sekisho.domain.sim_change import (
    Capture,
    Captures,
    Chip,
    ChipField,
    ChipOutcome,
    ChipSignature,
    DocumentType,
    FaceComparison,
    IdentityDocument,
    JpkiResult,
    LicenceColour,
)
from tests.domain.builders import (
    MRZ,
    TODAY,
    applicant,
    document,
    licence,
    my_number_card,
    my_number_licence,
    passport,
    residence_card,
)

ACCEPTED = frozenset({DocumentType.DRIVING_LICENCE, DocumentType.PASSPORT})
NEED_HISTORY = {"document.superseded", "document.reissue_raised"}
WRONG = "301612345640"


def facts(*documents: IdentityDocument, grace_days: int = 0) -> dict[str, FactValue]:
    return document_facts(documents, applicant(), TODAY, ACCEPTED, grace_days)


def chip(**changed: Any) -> IdentityDocument:
    return licence(chip=replace(licence().chip, **changed))


CLEAN: dict[str, FactValue] = {
    "document.types": ("driving_licence",),
    "document.count": 1,
    "document.accepted": True,
    "document.identified": True,
    "document.number_valid": True,
    "document.invalid_number_typed": False,
    "document.invalid_number_machine_read": False,
    "document.first_year_consistent": True,
    "document.expiry_consistent": True,
    "document.term_consistent": True,
    "document.dates_missing": False,
    "document.expired": False,
    "document.days_since_expiry": 0,
    "document.gold_too_early": False,
    "document.chip_expected": True,
    "document.chip_outcome": "read",
    "document.chip_read": True,
    "document.chip_verified": True,
    "document.chip_absent": False,
    "document.chip_unreadable": False,
    "document.chip_signature_invalid": False,
    "document.chip_differs": False,
    "document.chip_address_differs": False,
    "document.pin_problem": False,
    "document.pinless_area_unread": False,
    "document.pinless_dates_differ": False,
    "document.my_number_card_chip_unread": False,
    "document.face_comparison": "match",
    "document.jpki_result": "not_checked",
    "document.mrz_valid": True,
    "document.mrz_agrees": True,
}


def test_an_ordinary_licence_has_every_declared_fact_that_needs_no_history() -> None:
    assert facts(licence()) == CLEAN
    assert set(CLEAN) == {name for name in FACTS if name.startswith("document.")} - NEED_HISTORY


@pytest.mark.parametrize("kind", DocumentType)
def test_every_kind_of_document_has_a_room_and_facts_of_the_declared_types(
    kind: DocumentType,
) -> None:
    assert room(kind) is ROOMS[kind]
    python = {
        FactType.BOOL: bool,
        FactType.INT: int,
        FactType.STRING: str,
        FactType.STRINGS: tuple,
    }
    found = facts(document(kind), licence())
    assert set(found) == set(CLEAN)
    assert all(type(value) is python[FACTS[name].type] for name, value in found.items())


@pytest.mark.parametrize(
    ("shown", "changed"),
    [
        (licence(number=""), {"identified": False}),
        (
            licence(number=WRONG),
            {"number_valid": False, "invalid_number_machine_read": True},
        ),
        (
            licence(number=WRONG, captures=Captures(number=Capture.SCANNED)),
            {"number_valid": False, "invalid_number_machine_read": True},
        ),
        (
            licence(number=WRONG, captures=Captures()),
            {"number_valid": False, "invalid_number_typed": True},
        ),
        (
            licence(number="300512345680"),
            {"first_year_consistent": False},
        ),
        (licence(licence_colour=LicenceColour.GOLD), {}),
        (
            licence(number="302012345610", licence_colour=LicenceColour.GOLD),
            {"gold_too_early": True},
        ),
        (
            licence(
                expiry_date=date(2029, 6, 6), chip=replace(licence().chip, pinless_expiry_date=None)
            ),
            {"expiry_consistent": False},
        ),
        (
            licence(
                issue_date=date(2023, 5, 1), chip=replace(licence().chip, pinless_issue_date=None)
            ),
            {"term_consistent": False},
        ),
        (licence(expiry_date=None), {"dates_missing": True}),
        (licence(face_comparison=FaceComparison.NO_MATCH), {"face_comparison": "no_match"}),
        (
            chip(outcome=ChipOutcome.NOT_ATTEMPTED),
            {"chip_read": False, "chip_verified": False, "chip_outcome": "not_attempted"},
        ),
        (
            chip(outcome=ChipOutcome.ABSENT),
            {
                "chip_read": False,
                "chip_verified": False,
                "chip_outcome": "absent",
                "chip_absent": True,
            },
        ),
        (
            chip(outcome=ChipOutcome.FAILED, pinless_area_read=False),
            {
                "chip_read": False,
                "chip_verified": False,
                "chip_outcome": "failed",
                "chip_unreadable": True,
            },
        ),
        (
            chip(outcome=ChipOutcome.PIN_REFUSED, pinless_area_read=False),
            {
                "chip_read": False,
                "chip_verified": False,
                "chip_outcome": "pin_refused",
                "pin_problem": True,
                "pinless_area_unread": True,
            },
        ),
        (
            chip(signature=ChipSignature.INVALID),
            {"chip_verified": False, "chip_signature_invalid": True},
        ),
        (
            chip(differs_from_print=frozenset({ChipField.NAME})),
            {"chip_verified": False, "chip_differs": True},
        ),
        (
            chip(differs_from_print=frozenset({ChipField.ADDRESS})),
            {"chip_address_differs": True},
        ),
        (
            chip(pinless_issue_date=date(2020, 1, 1)),
            {"chip_verified": False, "pinless_dates_differ": True},
        ),
        (
            my_number_card(chip=Chip()),
            {
                "types": ("my_number_card",),
                "accepted": False,
                "identified": False,
                "chip_read": False,
                "chip_verified": False,
                "chip_outcome": "not_attempted",
                "my_number_card_chip_unread": True,
            },
        ),
        (
            my_number_card(),
            {"types": ("my_number_card",), "accepted": False, "jpki_result": "valid"},
        ),
        (
            my_number_licence(),
            {"types": ("my_number_licence",), "accepted": False},
        ),
    ],
)
def test_each_fact_follows_its_document(
    shown: IdentityDocument, changed: dict[str, FactValue]
) -> None:
    expected = CLEAN | {f"document.{name}": value for name, value in changed.items()}
    assert facts(shown) == expected


def test_one_bad_document_among_several_is_enough_and_one_good_chip_too() -> None:
    found = facts(my_number_card(chip=Chip()), licence(number=WRONG), residence_card())
    assert found["document.types"] == ("my_number_card", "driving_licence", "residence_card")
    assert found["document.count"] == 3
    assert found["document.accepted"]
    assert not found["document.identified"]
    assert not found["document.number_valid"]
    assert found["document.my_number_card_chip_unread"]
    assert found["document.chip_outcome"] == "not_attempted"
    assert found["document.chip_read"]
    assert found["document.chip_verified"]


@pytest.mark.parametrize(("grace_days", "expired"), [(0, True), (2, True), (3, False), (30, False)])
def test_a_document_is_expired_after_the_carriers_days_of_grace(
    grace_days: int, expired: bool
) -> None:
    late = my_number_card(expiry_date=date(2026, 11, 21))
    found = facts(licence(), late, grace_days=grace_days)
    assert found["document.days_since_expiry"] == 3
    assert found["document.expired"] is expired


def test_a_passport_without_an_address_page_is_accepted_beside_another_document_only() -> None:
    new = passport(issuing_country="JPN", issue_date=date(2024, 1, 1))
    old = passport(issuing_country="JPN", issue_date=date(2019, 1, 1))
    assert not facts(new)["document.accepted"]
    assert not facts(new, residence_card())["document.accepted"]
    assert facts(new, licence())["document.accepted"]
    assert facts(old)["document.accepted"]


def test_a_passports_zone_is_judged_with_the_others() -> None:
    assert not facts(licence(), passport(mrz_lines=()))["document.mrz_valid"]
    found = facts(passport(), licence())
    assert found["document.mrz_valid"]
    assert not found["document.mrz_agrees"]
    assert not facts(passport(mrz_lines=MRZ[::-1]))["document.mrz_valid"]


@pytest.mark.parametrize(
    ("others", "worst"),
    [
        ([FaceComparison.MATCH], "match"),
        ([FaceComparison.NOT_DONE], "not_done"),
        ([FaceComparison.NOT_DONE, FaceComparison.INCONCLUSIVE], "inconclusive"),
        ([FaceComparison.INCONCLUSIVE, FaceComparison.NO_MATCH], "no_match"),
    ],
)
def test_the_worst_face_comparison_counts(others: list[FaceComparison], worst: str) -> None:
    shown = [licence(), *(residence_card(face_comparison=face) for face in others)]
    assert facts(*shown)["document.face_comparison"] == worst


@pytest.mark.parametrize(
    ("results", "worst"),
    [
        ([JpkiResult.VALID], "valid"),
        ([JpkiResult.VALID, JpkiResult.NOT_CHECKED], "not_checked"),
        ([JpkiResult.NOT_CHECKED, JpkiResult.EXPIRED], "expired"),
        ([JpkiResult.EXPIRED, JpkiResult.REVOKED], "revoked"),
        ([JpkiResult.REVOKED, JpkiResult.INVALID], "invalid"),
    ],
)
def test_the_worst_certificate_counts_of_the_documents_that_have_one(
    results: list[JpkiResult], worst: str
) -> None:
    cards = [
        my_number_card(chip=replace(my_number_card().chip, jpki_result=result))
        for result in results
    ]
    assert facts(licence(), *cards)["document.jpki_result"] == worst


def test_a_certificate_that_a_document_should_not_have_is_heard() -> None:
    revoked = licence(chip=replace(licence().chip, jpki_result=JpkiResult.REVOKED))
    assert facts(revoked, my_number_card())["document.jpki_result"] == "revoked"
