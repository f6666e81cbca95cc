"""Resource names, to the proto and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.errors import MalformedIdentifierError
from sekisho.rpc.convert import names

IDS = st.binary(min_size=16, max_size=16)


@given(IDS)
def test_a_decisions_name_comes_back_as_its_id(decision_id: bytes) -> None:
    name = names.decision_name(decision_id)
    assert names.decision_id(name) == decision_id
    assert names.decision_id(name.upper().replace("DECISIONS", "decisions")) == decision_id


@given(IDS)
def test_an_entrys_name_comes_back_as_list_and_fingerprint(fingerprint: bytes) -> None:
    assert names.entry_id(names.entry_name("mules", fingerprint)) == ("mules", fingerprint)


@given(st.integers(1, 2**62))
def test_an_etag_comes_back_as_its_version(version: int) -> None:
    assert names.version(names.etag(version)) == version


@pytest.mark.parametrize(
    "parse", [names.decision_id, names.entry_id, names.watchlist_id, names.shop_id]
)
@given(text=st.text(max_size=80))
def test_a_name_that_is_none_is_refused(parse: object, text: str) -> None:
    assert callable(parse)
    with pytest.raises(MalformedIdentifierError):
        parse(text)
