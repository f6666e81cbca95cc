"""What is kept of a row is what the server takes."""

from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from sekisho.cli.sources.rows import PLAIN, About, Row
from sekisho.domain.sim_change import DocumentType
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.convert.watchlist import entry as convert_entry
from sekisho.v1.watchlist_pb2 import Identifier

TEXTS = st.one_of(
    st.text(max_size=80),
    st.text("0123456789", min_size=8, max_size=33),
    st.from_regex(r"[A-Z]{0,2}[0-9]{3,66}", fullmatch=True),
    st.sampled_from(["", "IR", "JPN", "490154203237518", "8981100022152967705", "09012345678"]),
    st.sampled_from(["someone@example.org", "田中 花子", "1960", "1960-03-12", "a" * 201]),
    st.sampled_from(["123456789018", "1234 5678 9018", "DOE, John", "\x00", "a" * 501]),
)
MOMENTS = st.none() | st.integers(0, 4_000_000_000).map(lambda at: Timestamp(seconds=at))


@given(
    st.builds(About, TEXTS, TEXTS, MOMENTS, MOMENTS),
    st.none() | st.sampled_from(DocumentType),
    st.sampled_from(PLAIN),
    st.tuples(TEXTS, TEXTS),
)
def test_the_server_takes_every_entry_that_is_kept(
    about: About, type_: DocumentType | None, kind: str, values: tuple[str, str]
) -> None:
    row = Row(1)
    row.add_document(type_, *values, about)
    row.add_person(*values, about)
    row.add_plain(kind, values[0], about)
    for entry in row.entries:
        violations = Violations.of(entry)
        convert_entry(violations, "", entry)
        violations.refuse()
    assert len(row.entries) + len(row.skipped) >= 3


def test_what_may_be_an_individual_number_is_skipped_alone() -> None:
    row = Row(1)
    # A passport of twelve digits may be one by chance; its neighbour is none.
    row.add_document(DocumentType.PASSPORT, "IR", "123456789018", About())
    row.add_document(DocumentType.PASSPORT, "IR", "123456789019", About())
    assert [entry.identifier.document.number for entry in row.entries] == ["123456789019"]
    assert row.skipped == [
        "document number: expected a document number; an Individual Number must never be sent"
    ]


def test_an_entry_without_an_identifier_is_skipped() -> None:
    row = Row(1)
    row.add_identifier(Identifier(), About())
    assert row.skipped == ["entry without an identifier"]


def test_an_entry_that_would_end_before_it_begins_is_skipped() -> None:
    row = Row(1)
    about = About(starts=Timestamp(seconds=2_000_000_000), expires=Timestamp(seconds=1_000_000_000))
    row.add_plain("imei", "490154203237518", about)
    assert not row.entries
    assert row.skipped == ["expire_time: expected a time later than the start"]
