"""The ordinary requests of the API, to be varied by tests."""

from sekisho.rpc.convert.times import from_ms
from sekisho.v1 import (
    decision_pb2,
    line_event_pb2,
    risk_check_pb2,
    shop_pb2,
    sim_change_pb2,
    watchlist_pb2,
)
from tests.support.clock import NOW

REQUEST_ID = "0199b0f0-1111-7222-8333-444455556666"
DECISION = "decisions/0199b0f0-aaaa-7bbb-8ccc-ddddeeeeffff"


def sim_change() -> sim_change_pb2.SimChange:
    """A lost phone, the subscriber in person, a genuine licence whose chip was read."""
    return sim_change_pb2.SimChange(
        kind=sim_change_pb2.SimChange.KIND_SIM_REISSUE,
        msisdn="+819012345678",
        iccid="8981100022152967705",
        imei="490154203237518",
        cause=sim_change_pb2.SimChange.CAUSE_LOST,
        applicant=sim_change_pb2.Applicant(
            name="山田 太郎",
            name_kana="ヤマダ タロウ",
            birth_date="1990-05-05",
            relationship=sim_change_pb2.Applicant.RELATIONSHIP_SUBSCRIBER,
        ),
        contact="taro@example.jp",
        clerk="clerk-7",
        documents=[licence()],
    )


def licence() -> sim_change_pb2.IdentityDocument:
    """A genuine licence, its chip read and verified."""
    chip = sim_change_pb2.CAPTURE_METHOD_CHIP
    return sim_change_pb2.IdentityDocument(
        type=sim_change_pb2.IdentityDocument.TYPE_DRIVING_LICENCE,
        number="301612345630",
        issue_date="2024-05-20",
        expiry_date="2029-06-05",
        licence_colour=sim_change_pb2.IdentityDocument.LICENCE_COLOUR_BLUE,
        captures=sim_change_pb2.Captures(number=chip, names=chip, birth_date=chip),
        chip=sim_change_pb2.Chip(
            outcome=sim_change_pb2.Chip.OUTCOME_READ,
            signature=sim_change_pb2.Chip.SIGNATURE_VALID,
            pinless_area_read=True,
            pinless_issue_date="2024-05-20",
            pinless_expiry_date="2029-06-05",
            face_image_digest=b"\x11" * 32,
        ),
        face_comparison=sim_change_pb2.FACE_COMPARISON_MATCH,
    )


def line_record() -> sim_change_pb2.LineRecord:
    """The line of the ordinary change, as its carrier knows it."""
    return sim_change_pb2.LineRecord(
        activation_date="2019-04-01",
        birth_date="1990-05-05",
        name_kana="ヤマダ タロウ",
        document_type=sim_change_pb2.IdentityDocument.TYPE_DRIVING_LICENCE,
        document_number="301612345630",
        home_prefecture="JP-13",
        holder=sim_change_pb2.LineRecord.HOLDER_CONSUMER,
        current_sim_on_network=False,
        pin_change_time=from_ms(NOW - 86_400_000),
    )


def assess() -> risk_check_pb2.AssessSimChangeRequest:
    """A request to assess the ordinary change, as a caller without a certificate sends it."""
    return risk_check_pb2.AssessSimChangeRequest(
        request_id=REQUEST_ID, shop="ginza", terminal="t1", sim_change=sim_change()
    )


def submit() -> risk_check_pb2.SubmitEvidenceRequest:
    """The licence again, its chip read now."""
    return risk_check_pb2.SubmitEvidenceRequest(
        name=DECISION,
        request_id=REQUEST_ID,
        shop="ginza",
        terminal="t1",
        evidence=[
            decision_pb2.Evidence(
                challenge=decision_pb2.CHALLENGE_KIND_READ_CHIP, document=licence()
            )
        ],
    )


def outcome() -> risk_check_pb2.ReportOutcomeRequest:
    """The change was completed."""
    return risk_check_pb2.ReportOutcomeRequest(
        name=DECISION,
        request_id=REQUEST_ID,
        shop="ginza",
        terminal="t1",
        outcome=risk_check_pb2.ReportOutcomeRequest.OUTCOME_COMPLETED,
    )


def upsert() -> line_event_pb2.UpsertLineRecordRequest:
    """A gateway's record of the ordinary line."""
    return line_event_pb2.UpsertLineRecordRequest(
        request_id=REQUEST_ID,
        msisdn="+819012345678",
        record=line_record(),
        record_time=from_ms(NOW),
    )


def line_event(number: int = 0) -> line_event_pb2.LineEvent:
    """The `number`th of any amount of events."""
    return line_event_pb2.LineEvent(
        event_id=f"0199b0f0-2222-7222-8333-{number:012x}",
        msisdn=f"+8190{10_000_000 + number:08}",
        kind=line_event_pb2.LineEvent.KIND_LOCK_SET,
        event_time=from_ms(NOW - 1000),
    )


def watchlist_entry(number: int = 0) -> watchlist_pb2.WatchlistEntry:
    """The `number`th of any amount of entries."""
    return watchlist_pb2.WatchlistEntry(
        identifier=watchlist_pb2.Identifier(msisdn=f"+8180{10_000_000 + number:08}"),
        reason="reported by a bank",
        source="bank",
        expire_time=from_ms(NOW + 86_400_000),
    )


def shop(shop_id: str = "ginza") -> shop_pb2.Shop:
    """A shop in Tokyo, open on Mondays."""
    hours = shop_pb2.WeeklyHours(weekday=1, open="10:00", close="19:30")
    return shop_pb2.Shop(
        name=f"shops/{shop_id}",
        display_name="銀座店",
        prefecture="JP-13",
        opening_hours=[hours],
        terminals=["t1", "t2"],
        clerk_shifts=[shop_pb2.ClerkShifts(clerk="clerk-7", shifts=[hours])],
    )
