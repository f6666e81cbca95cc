"""An ordinary SIM change, to be varied by tests."""

from dataclasses import replace
from datetime import date
from typing import Any

from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.sim_change import (
    Applicant,
    Capture,
    Captures,
    Cause,
    ChangeKind,
    Chip,
    ChipOutcome,
    ChipSignature,
    Counter,
    DocumentType,
    FaceComparison,
    IdentityDocument,
    LineRecord,
    Relationship,
    SimChange,
)

FINGERPRINTER = Fingerprinter([("test", bytes(range(32)))])
COUNTER = Counter("ginza", "t1")
CLERK = "clerk-7"

LICENCE = IdentityDocument(
    type=DocumentType.DRIVING_LICENCE,
    number="301612345630",
    issue_date=date(2024, 5, 20),
    expiry_date=date(2029, 6, 5),
    captures=Captures(number=Capture.CHIP, names=Capture.CHIP, birth_date=Capture.CHIP),
    chip=Chip(
        outcome=ChipOutcome.READ,
        signature=ChipSignature.VALID,
        pinless_area_read=True,
        pinless_issue_date=date(2024, 5, 20),
        pinless_expiry_date=date(2029, 6, 5),
        face_image_digest=b"\x11" * 32,
    ),
    face_comparison=FaceComparison.MATCH,
)
"""A genuine licence, its chip read and verified."""

RECORD = LineRecord(
    activation_date=date(2019, 4, 1),
    birth_date=date(1990, 5, 5),
    name_kana="ヤマダ タロウ",
    document_type=DocumentType.DRIVING_LICENCE,
    document_number="301612345630",
    home_prefecture="JP-13",
    current_sim_on_network=False,
)

ORDINARY = SimChange(
    kind=ChangeKind.SIM_REISSUE,
    msisdn="+819012345678",
    iccid="8981100022152967705",
    imei="490154203237518",
    cause=Cause.LOST,
    applicant=Applicant(
        name="山田 太郎",
        name_kana="ヤマダ タロウ",
        birth_date=date(1990, 5, 5),
        relationship=Relationship.SUBSCRIBER,
    ),
    contact="taro@example.jp",
    clerk=CLERK,
    documents=(LICENCE,),
    line_record=RECORD,
)
"""A lost phone, the subscriber in person, everything in order."""


def varied(**fields: Any) -> SimChange:
    """Return the ordinary change with some fields replaced."""
    return replace(ORDINARY, **fields)
