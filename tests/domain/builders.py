"""Ordinary requests, for tests to change one thing about."""

from dataclasses import replace
from datetime import date
from typing import Any

from sekisho.domain.sim_change import (
    Applicant,
    Capture,
    Captures,
    Cause,
    ChangeKind,
    Chip,
    ChipOutcome,
    ChipSignature,
    DocumentType,
    FaceComparison,
    IdentityDocument,
    JpkiResult,
    LicenceColour,
    Relationship,
    SimChange,
)

TODAY = date(2026, 11, 24)
LICENCE_NUMBER = "301612345630"
MRZ = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
READ_CHIP = Chip(
    outcome=ChipOutcome.READ,
    signature=ChipSignature.VALID,
    pinless_area_read=True,
    face_image_digest=b"\x11" * 32,
)


def applicant(**changed: Any) -> Applicant:
    """Return a subscriber born in 1990."""
    return replace(
        Applicant(
            name="山田 太郎",
            name_kana="ヤマダ タロウ",
            birth_date=date(1990, 5, 5),
            relationship=Relationship.SUBSCRIBER,
        ),
        **changed,
    )


def licence(**changed: Any) -> IdentityDocument:
    """Return a licence whose chip was read and agrees."""
    return replace(
        IdentityDocument(
            type=DocumentType.DRIVING_LICENCE,
            number=LICENCE_NUMBER,
            issue_date=date(2024, 5, 1),
            expiry_date=date(2029, 6, 5),
            licence_colour=LicenceColour.BLUE,
            captures=Captures(number=Capture.CHIP),
            chip=replace(
                READ_CHIP,
                pinless_issue_date=date(2024, 5, 1),
                pinless_expiry_date=date(2029, 6, 5),
            ),
            face_comparison=FaceComparison.MATCH,
        ),
        **changed,
    )


def my_number_card(**changed: Any) -> IdentityDocument:
    """Return a My Number Card whose chip was read and whose certificate is valid."""
    return replace(
        IdentityDocument(
            type=DocumentType.MY_NUMBER_CARD,
            expiry_date=date(2033, 5, 5),
            chip=replace(
                READ_CHIP, certificate_serial_number="1a2b3c", jpki_result=JpkiResult.VALID
            ),
            face_comparison=FaceComparison.MATCH,
        ),
        **changed,
    )


def my_number_licence(**changed: Any) -> IdentityDocument:
    """Return a licence on a My Number Card, read from the chip."""
    return replace(licence(type=DocumentType.MY_NUMBER_LICENCE, chip=READ_CHIP), **changed)


def residence_card(**changed: Any) -> IdentityDocument:
    """Return a residence card of a permanent resident."""
    return replace(
        IdentityDocument(
            type=DocumentType.RESIDENCE_CARD,
            number="AB12345678CD",
            issue_date=date(2024, 1, 10),
            expiry_date=date(2031, 1, 10),
            chip=READ_CHIP,
            face_comparison=FaceComparison.MATCH,
        ),
        **changed,
    )


def passport(**changed: Any) -> IdentityDocument:
    """Return Utopia's specimen passport, as a foreign one."""
    return replace(
        IdentityDocument(
            type=DocumentType.PASSPORT,
            issuing_country="FRA",
            number="L898902C3",
            expiry_date=date(2012, 4, 15),
            mrz_lines=MRZ,
        ),
        **changed,
    )


def document(document_type: DocumentType, **changed: Any) -> IdentityDocument:
    """Return a document of which nothing but its kind is known."""
    return replace(IdentityDocument(type=document_type), **changed)


def sim_change(**changed: Any) -> SimChange:
    """Return a reissue of a lost SIM on an ordinary licence."""
    return replace(
        SimChange(
            kind=ChangeKind.SIM_REISSUE,
            msisdn="+819012345678",
            iccid="8981100022152967705",
            imei="490154203237518",
            cause=Cause.LOST,
            applicant=applicant(),
            clerk="c-0042",
            documents=(licence(),),
        ),
        **changed,
    )
