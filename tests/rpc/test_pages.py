"""Pages and their tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.errors import InvalidArgumentError
from sekisho.rpc.convert.violations import Violations
from sekisho.rpc.pages import Page, page, token
from sekisho.v1 import shop_pb2


def asked(size: int = 0, text: str = "", scope: str = "shops") -> Page:
    violations = Violations()
    made = page(violations, shop_pb2.ListShopsRequest(page_size=size, page_token=text), scope)
    violations.refuse()
    return made


@pytest.mark.parametrize(("size", "effective"), [(0, 50), (1, 1), (1000, 1000), (1001, 1000)])
def test_a_page_has_a_size_within_bounds(size: int, effective: int) -> None:
    assert asked(size).size == effective


@given(st.binary(min_size=1, max_size=100))
def test_a_token_goes_on_where_the_page_before_ended(key: bytes) -> None:
    assert asked(text=token("shops", key)).after == key


@given(st.text(min_size=1, max_size=100))
def test_a_token_that_is_none_is_a_violation(text: str) -> None:
    with pytest.raises(InvalidArgumentError) as refused:
        asked(text=text)
    assert [violation.field for violation in refused.value.violations] == ["page_token"]


@pytest.mark.parametrize("text", [token("watchlists", b"a"), token("shops", b"a")[:-1], "AQ", "AA"])
def test_another_lists_token_or_a_cut_one_is_a_violation(text: str) -> None:
    with pytest.raises(InvalidArgumentError):
        asked(text=text)


def test_there_is_a_next_page_only_where_more_was_found() -> None:
    asked_for = asked(2)
    assert asked_for.most == 3
    assert asked_for.cut("abc") == "ab"
    assert asked_for.next_token("ab", b"b") == ""
    assert asked(text=asked_for.next_token("abc", b"b")).after == b"b"
