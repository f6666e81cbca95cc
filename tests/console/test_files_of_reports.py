"""Files of late reports."""

from zoneinfo import ZoneInfo

import pytest

from sekisho.console.report_files import MOST_ROWS, read
from sekisho.v1.review_act_pb2 import FraudSource

JAPAN = ZoneInfo("Asia/Tokyo")


def test_a_row_is_a_report() -> None:
    rows = read(
        b"decision,msisdn,source,fraud_time,note\n"
        b"ABCD2345,,bank,2026-11-20 10:00,told by telephone\n"
        b",09012345678,Police,2026-11-20T10:00:00Z,\n",
        JAPAN,
    )
    one, two = (row.request for row in rows)
    assert one
    assert two
    assert (one.decision, one.source) == ("ABCD2345", FraudSource.FRAUD_SOURCE_BANK)
    assert one.fraud_time.ToJsonString() == "2026-11-20T01:00:00Z", "in the analyst's zone"
    assert one.note == "told by telephone"
    assert two.WhichOneof("subject") == "msisdn"
    assert two.fraud_time.ToJsonString() == "2026-11-20T10:00:00Z"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "headings"),
        (b"decision,colour\n", "headings"),
        (b"decision,source\n", "empty"),
        (b"\x81\x01", "encoding"),
        (b"decision,msisdn,source\nA,0901,bank\n", "one_subject"),
        (b"decision,msisdn,source\n,,bank\n", "one_subject"),
        (b"decision,source\nA,rumour\n", "source"),
        (b"decision,source\nA,\n", "source"),
        (b"decision,source,fraud_time\nA,bank,once\n", "time"),
        (b"decision,source\n" + b"A,bank\n" * (MOST_ROWS + 1), "too_many"),
    ],
)
def test_what_is_wrong_is_told(content: bytes, problem: str) -> None:
    assert [row.problem for row in read(content, JAPAN) if row.problem] == [problem]
