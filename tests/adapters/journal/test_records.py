import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.adapters.journal import records
from sekisho.adapters.journal.records import Kind, Record, Span, framed, only_record, walk

BODIES = [bytes([number]) * (number * 7) for number in range(1, 6)]
FILE = b"".join(framed(Kind.DECISION, body) for body in BODIES)


def found(data: bytes) -> tuple[list[Record], list[Span]]:
    chunks = list(walk(lambda size, start: data[start : start + size], 0, len(data)))
    assert [chunk.start for chunk in chunks[1:]] == [chunk.end for chunk in chunks[:-1]]
    assert not chunks or chunks[-1].end == len(data)
    return (
        [record for chunk in chunks for record in chunk.records],
        [span for chunk in chunks for span in chunk.damaged],
    )


def bodies(data: bytes) -> list[bytes]:
    return [record.body for record in found(data)[0]]


def test_what_was_framed_is_found() -> None:
    every, damaged = found(FILE)
    assert [record.body for record in every] == BODIES
    assert not damaged
    assert {record.kind for record in every} == {Kind.DECISION}


def test_a_file_cut_at_any_place_holds_the_records_before_it() -> None:
    ends = [record.end for record in found(FILE)[0]]
    for cut in range(len(FILE)):
        every, damaged = found(FILE[:cut])
        assert [record.end for record in every] == [end for end in ends if end <= cut]
        begun = max((end for end in ends if end <= cut), default=0)
        assert damaged == ([Span(begun, cut)] if cut > begun else [])


def test_a_byte_changed_at_any_place_hides_its_own_record_only() -> None:
    rng = random.Random(4)
    places = found(FILE)[0]
    for at in range(len(FILE)):
        changed = bytearray(FILE)
        changed[at] ^= rng.randrange(1, 256)
        every, damaged = found(bytes(changed))
        own = next(record for record in places if record.start <= at < record.end)
        assert every == [record for record in places if record != own]
        assert damaged == [Span(own.start, own.end)]


def test_every_bit_of_a_frame_counts() -> None:
    record = framed(Kind.DELIVERED, b"body")
    assert only_record(record) is not None
    for bit in range(len(record) * 8):
        changed = bytearray(record)
        changed[bit // 8] ^= 1 << bit % 8
        assert only_record(bytes(changed)) is None


@given(st.lists(st.binary(max_size=40), max_size=12), st.data())
def test_nothing_is_read_that_was_not_written(content: list[bytes], data: st.DataObject) -> None:
    file = bytearray(b"".join(framed(Kind.DECISION, body) for body in content))
    for _ in range(data.draw(st.integers(0, 4))):
        if file:
            file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(file)))
    left = iter(content)
    # In their order, and each at most once.
    assert all(body in left for body in bodies(bytes(file[:cut])))


@pytest.mark.parametrize("size", [1, 17, 50, 1000])
def test_a_record_longer_than_a_look_is_found_whole(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_CHUNK", size)
    assert bodies(FILE) == BODIES
    places = found(FILE)[0]
    changed = bytearray(FILE)
    # A length that claims the rest of the file and more.
    changed[places[1].start + 10] ^= 0xFF
    assert bodies(bytes(changed)) == BODIES[:1] + BODIES[2:]
