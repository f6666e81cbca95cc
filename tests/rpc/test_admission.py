"""Places for calls in flight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.errors import OverloadedError
from sekisho.rpc.admission import Places


def test_no_more_calls_are_taken_than_there_are_places() -> None:
    places = Places(8)
    for _ in range(8):
        places.take("")
    with pytest.raises(OverloadedError):
        places.take("")
    places.leave("")
    places.take("")
    assert places.taken == 8


def test_no_terminal_holds_more_than_an_eighth_of_the_places() -> None:
    places = Places(32)
    for _ in range(4):
        places.take("ginza/t1")
    with pytest.raises(OverloadedError):
        places.take("ginza/t1")
    places.take("ginza/t2")
    places.leave("ginza/t1")
    places.take("ginza/t1")


def test_where_there_are_fewer_than_eight_places_a_terminal_has_one() -> None:
    places = Places(2)
    places.take("ginza/t1")
    with pytest.raises(OverloadedError):
        places.take("ginza/t1")


@given(st.lists(st.sampled_from(["", "a", "b"]), max_size=40))
def test_what_was_taken_can_all_be_given_back(holders: list[str]) -> None:
    places = Places(16)
    held = []
    for holder in holders:
        try:
            places.take(holder)
        except OverloadedError:
            continue
        held.append(holder)
    assert places.taken == len(held) <= 16
    for holder in held:
        places.leave(holder)
    assert places.taken == 0
    places.take("a")
    places.take("a")
