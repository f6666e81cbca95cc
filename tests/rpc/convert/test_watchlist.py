"""Watchlist entries from the proto."""

from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.errors import InvalidArgumentError, Violation
from sekisho.rpc.convert import watchlist
from sekisho.rpc.convert.violations import Violations
from sekisho.v1 import watchlist_pb2

_texts = st.one_of(
    st.text(max_size=40), st.integers(0, 600).map("x".__mul__), st.just("+817012345678")
)
_identifiers = st.one_of(
    st.just(watchlist_pb2.Identifier()),
    *(
        st.builds(watchlist_pb2.Identifier, **{kind: _texts})
        for kind in ("msisdn", "imei", "iccid", "eid", "contact")
    ),
    st.builds(
        watchlist_pb2.Identifier,
        document=st.builds(
            watchlist_pb2.DocumentIdentifier, type=st.integers(0, 99), number=_texts, country=_texts
        ),
    ),
    st.builds(
        watchlist_pb2.Identifier,
        person=st.builds(watchlist_pb2.PersonIdentifier, name=_texts, birth_date=_texts),
    ),
)
_entries = st.builds(
    watchlist_pb2.WatchlistEntry,
    identifier=st.none() | _identifiers,
    reason=_texts,
    source=_texts,
)


def _found(violations: Violations) -> list[Violation]:
    try:
        violations.refuse()
    except InvalidArgumentError as error:
        return list(error.violations)
    return []


@given(st.lists(_entries, max_size=3))
def test_entries_too_short_for_the_rules_break_none(
    entries: list[watchlist_pb2.WatchlistEntry],
) -> None:
    if watchlist.are_plain(entries):
        assert not Violations.of(watchlist_pb2.ImportWatchlistEntriesRequest(entries=entries))


def test_a_telephone_number_with_a_short_reason_needs_no_rules() -> None:
    plain = watchlist_pb2.WatchlistEntry(
        identifier=watchlist_pb2.Identifier(msisdn="+817012345678"), reason="reported by a bank"
    )
    assert watchlist.are_plain([plain])
    assert not watchlist.are_plain([plain] * 5_001)


@given(_entries)
def test_an_entry_is_read_alike_whether_its_violations_are_named_or_not(
    message: watchlist_pb2.WatchlistEntry,
) -> None:
    together, apart = Violations(), Violations()
    made = watchlist.entries(together, [message], 7)
    assert made == [watchlist.entry(apart, "entries[7].", message)]
    assert _found(together) == _found(apart)
