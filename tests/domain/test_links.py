"""The walk from case to case."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from sekisho.domain.links import CLERK_MINUTE, MOST_SHARED, Key, Tie, Walk

World = Mapping[bytes, Sequence[Key]]
"""What each case has."""


def device(name: bytes) -> Key:
    return Key("device", name)


def walked(world: World, start: bytes, steps: int = 1_000, most: int = 1_000) -> Walk:
    """Walk as the application does, over a world in memory."""
    walk = Walk(start, most)
    for _ in range(steps):
        asked = walk.questions((key, "••••") for case in walk.frontier for key in world[case])
        if asked:
            walk.answer({key: shared(world, key) for key in asked})
        if not asked or not walk.frontier:
            break
    return walk


def shared(world: World, key: Key) -> tuple[list[bytes], int]:
    found = [case for case, keys in world.items() if key in keys]
    return found[: MOST_SHARED + 1], len(found)


def reachable(world: World, start: bytes) -> set[bytes]:
    """What one comes to, found in another way: by merging until nothing changes."""
    found = {start}
    while True:
        keys = {
            key for case in found for key in world[case] if shared(world, key)[1] <= MOST_SHARED
        }
        more = {case for case, has in world.items() if keys.intersection(has)} | found
        if more == found:
            return found
        found = more


@given(
    st.lists(st.sets(st.integers(0, 12), max_size=3), min_size=1, max_size=25), st.integers(0, 24)
)
def test_a_walk_reaches_what_is_connected_and_nothing_else(
    having: list[set[int]], start: int
) -> None:
    world = {
        bytes([number]): [device(bytes([key])) for key in sorted(keys)]
        for number, keys in enumerate(having)
    }
    begin = bytes([start % len(having)])
    walk = walked(world, begin)
    assert set(walk.steps) == reachable(world, begin)
    assert not walk.truncated
    for tie in walk.ties():
        assert all(tie.key in world[case] for case in tie.cases)
        assert len(tie.cases) == tie.count > 1


def test_the_nearest_come_first_and_steps_bound_the_walk() -> None:
    keys = [device(bytes([number])) for number in range(5)]
    world = {bytes([number]): keys[max(0, number - 1) : number + 1] for number in range(5)}
    assert list(walked(world, b"\x00").steps.values()) == [0, 1, 2, 3, 4]
    assert list(walked(world, b"\x02").steps.values()) == [0, 1, 1, 2, 2]
    assert list(walked(world, b"\x00", steps=2).steps) == [b"\x00", b"\x01", b"\x02"]


def test_what_is_too_common_is_shown_and_not_followed() -> None:
    office = Key("contact", b"office")
    world: dict[bytes, list[Key]] = {
        number.to_bytes(2, "big"): [office] for number in range(MOST_SHARED + 1)
    }
    walk = walked(world, b"\x00\x00")
    assert list(walk.steps) == [b"\x00\x00"]
    (tie,) = walk.ties()
    assert tie == Tie(office, "••••", (b"\x00\x00",), MOST_SHARED + 1)


def test_a_walk_that_would_be_too_long_says_so() -> None:
    world = {bytes([number]): [device(b"one")] for number in range(10)}
    walk = walked(world, b"\x00", most=4)
    assert len(walk.steps) == 4
    assert walk.truncated


def test_one_clerks_minute_is_one_tie_whichever_case_it_was_found_by() -> None:
    at = [Key(CLERK_MINUTE, b"clerk", moment) for moment in (1_000, 2_000)]
    walk = Walk(b"\x00", 10)
    assert walk.questions([(at[0], "••")]) == [at[0]]
    walk.answer({at[0]: ([b"\x00", b"\x01"], 2)})
    walk.questions([(at[1], "••")])
    walk.answer({at[1]: ([b"\x00", b"\x01"], 2)})
    (tie,) = walk.ties()
    assert tie.cases == (b"\x00", b"\x01")


def test_a_busy_clerks_shift_is_no_ring() -> None:
    at = [Key(CLERK_MINUTE, b"clerk", moment) for moment in (1_000, 2_000)]
    walk = Walk(b"\x00", 10)
    walk.questions([(at[0], "••")])
    walk.answer({at[0]: ([b"\x00", b"\x01"], 2)})
    walk.questions([(at[1], "••")])
    walk.answer({at[1]: ([b"\x01", b"\x02"], 2)})
    assert list(walk.steps) == [b"\x00", b"\x01"]
