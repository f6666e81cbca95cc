"""Places for calls in flight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.errors import OverloadedError
from sekisho.domain.identity import Identity, Role
from sekisho.rpc.admission import Holder, Places, at_counter, named, of
from sekisho.rpc.identity import LOOPBACK
from tests.support import requests

TERMINAL = Identity("shop/ginza", frozenset({Role.TERMINAL}), "ginza", "t1")
GATEWAY = Identity("gateway/bss-1", frozenset({Role.GATEWAY}))


def taken(places: Places, *holders: Holder) -> int:
    """Take places until there is none, and return how many there were."""
    count = 0
    while True:
        try:
            places.take(holders)
        except OverloadedError:
            return count
        count += 1


def test_no_more_calls_are_taken_than_there_are_places() -> None:
    places = Places(8)
    assert taken(places) == 8
    places.leave(())
    places.check(())
    places.take(())
    with pytest.raises(OverloadedError):
        places.check(())
    assert places.taken == 8


def test_no_terminal_holds_more_than_an_eighth_of_the_places() -> None:
    places = Places(32)
    first, second = at_counter("ginza", "t1"), at_counter("ginza", "t2")
    assert taken(places, *first) == 4
    places.take(second)
    places.leave(first)
    places.take(first)
    with pytest.raises(OverloadedError):
        places.take(first)


def test_no_shop_holds_more_than_a_quarter_however_many_terminals_it_has() -> None:
    places = Places(32)
    assert sum(taken(places, *at_counter("ginza", f"t{n}")) for n in range(16)) == 8
    assert taken(places, *at_counter("ueno", "t1")) == 4


def test_a_terminals_name_is_its_own_within_its_shop_only() -> None:
    places = Places(32)
    assert taken(places, *at_counter("ginza", "t1")) == 4
    assert taken(places, *at_counter("ueno", "t1")) == 4


def test_no_gateway_and_no_analyst_holds_more_than_half() -> None:
    places = Places(32)
    assert taken(places, *of(GATEWAY)) == 16
    assert taken(places, *of(Identity("analyst/suzuki", frozenset({Role.ANALYST})))) == 16


def test_a_terminal_behind_a_gateway_has_the_same_eighth() -> None:
    places = Places(32)
    behind = named(of(GATEWAY), GATEWAY, requests.assess())
    assert taken(places, *behind) == 4
    with pytest.raises(OverloadedError):
        places.take(of(TERMINAL))
    other = requests.assess()
    other.shop = "ueno"
    places.take(named(of(GATEWAY), GATEWAY, other))


def test_what_a_terminal_says_of_itself_moves_nothing() -> None:
    other = requests.assess()
    other.shop = "ueno"
    assert named(of(TERMINAL), TERMINAL, other) == at_counter("ginza", "t1")


def test_without_certificates_nobody_is_told_apart() -> None:
    places = Places(32)
    assert taken(places, *named(of(LOOPBACK), LOOPBACK, requests.assess())) == 32


def test_where_there_are_fewer_than_eight_places_a_terminal_has_one() -> None:
    assert taken(Places(2), *at_counter("ginza", "t1")) == 1


def test_while_calls_wait_too_long_only_those_without_a_call_in_flight_get_a_place() -> None:
    places = Places(32)
    busy, idle = at_counter("ginza", "t1"), at_counter("ginza", "t2")
    places.take(busy)
    places.check(busy)
    places.check(idle, busy=True)
    for holders in (busy, ()):
        with pytest.raises(OverloadedError):
            places.check(holders, busy=True)
    places.leave(busy)
    places.check(busy, busy=True)


@given(st.lists(st.sampled_from([(), at_counter("a", "t"), at_counter("a", "u")]), max_size=40))
def test_what_was_taken_can_all_be_given_back(calls: list[tuple[Holder, ...]]) -> None:
    places = Places(16)
    held = []
    for holders in calls:
        try:
            places.take(holders)
        except OverloadedError:
            continue
        held.append(holders)
    assert places.taken == len(held) <= 16
    for holders in held:
        places.leave(holders)
    assert places.taken == 0
    assert taken(places, *at_counter("a", "t")) == 2
