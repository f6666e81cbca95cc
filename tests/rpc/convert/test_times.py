"""Moments, to the proto and back."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.rpc.convert.times import FIRST_MS, LAST_MS, from_ms, to_ms, today_in_japan

MOMENTS = st.integers(FIRST_MS, LAST_MS)


@given(MOMENTS)
def test_a_moment_comes_back_as_it_went(milliseconds: int) -> None:
    assert to_ms(from_ms(milliseconds)) == milliseconds


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1))
def test_any_timestamp_is_a_moment_in_range_or_refused(seconds: int, nanos: int) -> None:
    moment = Timestamp()
    # What the wire may carry goes beyond what the constructor takes.
    moment.MergeFromString(_varint(1, seconds) + _varint(2, nanos))
    try:
        milliseconds = to_ms(moment)
    except MalformedIdentifierError:
        return
    assert FIRST_MS <= milliseconds <= LAST_MS
    assert 0 <= nanos < 10**9


def _varint(field: int, value: int) -> bytes:
    raw, value = [field << 3], value % 2**64
    while value > 127:
        raw.append(value & 127 | 128)
        value >>= 7
    return bytes([*raw, value])


@pytest.mark.parametrize(
    ("milliseconds", "day"),
    [(0, "1970-01-01"), (15 * 3_600_000 - 1, "1970-01-01"), (15 * 3_600_000, "1970-01-02")],
)
def test_japans_day_begins_at_fifteen_hours_utc(milliseconds: int, day: str) -> None:
    assert today_in_japan(milliseconds).isoformat() == day
