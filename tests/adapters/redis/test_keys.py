"""The form of what is stored changes only with its number."""

import hashlib
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.records import KINDS, RETENTION, records
from sekisho.adapters.redis.stored import (
    pack_coverage,
    pack_index_mark,
    pack_line,
    unpack_coverage,
    unpack_index_mark,
    unpack_line,
)
from sekisho.application.ports.cache import Coverage, IndexMark, LineKnowledge, Positions, Try
from sekisho.domain.velocity import COUNTED, WINDOWS, Attribute, Dimension

FORM = "807944bf"
ONE = bytes(range(16))


def test_a_new_form_has_a_new_number() -> None:
    """Where this fails, change FORMAT, and then FORM to what the test says."""
    attempt = Try(
        b"tryident", 1_700_000_000_000, tuple((d, ONE) for d in Dimension),
        {a: bytes([n]) * 16 for n, a in enumerate(Attribute, 1)}, 4,
    )  # fmt: skip
    line = LineKnowledge(7, True, 1, ONE, ONE, "type", ONE, 2, "JP-13", True, "h", None, {"a": 1})
    form = (
        keys.FORMAT,
        *records(attempt),
        *(f(d, ONE) for f, d in product((keys.tries_key, keys.marks_key), Dimension)),
        keys.line_key(ONE), keys.bucket_key(ONE), keys.bucket_field(ONE),
        keys.COVERAGE_KEYS[17], keys.INDEX_KEYS[17],
        pack_coverage(Coverage(b"generate", Positions(1, 2, 3), Positions(4, 5, 6), 7, 8)),
        pack_index_mark(IndexMark(b"generate", {"b": 1, "a": 2})),
        pack_line(line), repr(KINDS).encode(),
    )  # fmt: skip
    assert hashlib.sha256(b"|".join(form)).hexdigest()[:8] == FORM


def test_every_key_begins_with_the_tag_of_its_fingerprint() -> None:
    made = [
        *(f(d, ONE) for f, d in product((keys.tries_key, keys.marks_key), Dimension)),
        keys.line_key(ONE), keys.bucket_key(ONE), keys.COVERAGE_KEYS[0], keys.INDEX_KEYS[0],
    ]  # fmt: skip
    assert all(key.startswith(b"{00}") for key in made)
    assert len(set(made)) == len(made)


def test_a_record_is_kept_longer_than_any_window_counts_it() -> None:
    for dimension, counting in COUNTED.items():
        counted = (counting.tries, *counting.distinct.values(), *counting.marks.values())
        longest = max(WINDOWS[window] for windows in counted for window in windows)
        assert RETENTION[dimension] > longest


numbers = st.integers(0, 2**40)
fingerprints = st.none() | st.binary(min_size=16, max_size=16)


@given(st.builds(Coverage, st.binary(min_size=8, max_size=8),
                 st.builds(Positions, numbers, numbers, numbers),
                 st.builds(Positions, numbers, numbers, numbers), numbers, numbers))  # fmt: skip
def test_a_coverage_mark_comes_back(mark: Coverage) -> None:
    assert unpack_coverage(pack_coverage(mark)) == mark


@given(st.binary(min_size=8, max_size=8), st.dictionaries(st.text(max_size=9), numbers))
def test_a_watchlist_mark_comes_back(generation: bytes, versions: dict[str, int]) -> None:
    mark = IndexMark(generation, versions)
    assert unpack_index_mark(pack_index_mark(mark)) == mark


@given(
    st.builds(
        LineKnowledge,
        numbers,
        st.booleans(),
        st.none() | st.integers(0, 40_000),
        fingerprints,
        fingerprints,
        st.text(max_size=9),
        fingerprints,
        st.none() | st.integers(0, 9),
        st.text(max_size=9),
        st.booleans(),
        st.text(max_size=9),
        st.none() | st.booleans(),
        st.dictionaries(st.text(max_size=9), numbers),
    )
)
def test_a_line_comes_back(line: LineKnowledge) -> None:
    assert unpack_line(pack_line(line)) == line
