"""After a few failures nobody waits; then one at a time tries."""

from dataclasses import dataclass

from sekisho.adapters.breaker import Breaker


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_at_the_third_failure_in_a_row() -> None:
    breaker = Breaker(Clock())
    for _ in range(3):
        assert not breaker.failed()
        assert not breaker.failed()
        assert breaker.admit()
        assert not breaker.succeeded()
    assert [breaker.failed() for _ in range(4)] == [False, False, True, False]
    assert not breaker.admit()


def test_after_a_pause_one_tries_and_its_answer_closes_it() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(3):
        breaker.failed()
    clock.now = 0.1
    assert breaker.admit()
    assert not breaker.admit()
    assert breaker.succeeded()
    assert breaker.admit()
    assert not breaker.succeeded()


def test_whoever_tried_and_never_told_keeps_the_others_off_for_a_pause_only() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(3):
        breaker.failed()
    clock.now = 0.1
    assert breaker.admit()
    clock.now = 0.2
    assert breaker.admit()


def test_pauses_grow_to_a_second_and_are_never_the_same() -> None:
    ends = set()
    for _ in range(20):
        clock = Clock()
        breaker = Breaker(clock)
        for _ in range(20):
            breaker.failed()
        while not breaker.admit():
            clock.now += 0.01
        assert 0.5 <= round(clock.now, 2) <= 1.01
        ends.add(round(clock.now, 2))
    assert len(ends) > 1
