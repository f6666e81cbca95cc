"""How long to wait after crashes."""

from sekisho.supervisor.crashes import STEADY_SECONDS, Crashes


def test_the_first_crash_is_mended_at_once_and_those_that_follow_ever_later() -> None:
    crashes = Crashes()
    assert crashes.pause(0) == 0
    pauses = [crashes.pause(0) for _ in range(40)]
    assert 0.125 <= pauses[0] <= 0.25
    for earlier, later in zip(pauses[:6], pauses[2:], strict=False):
        assert later > earlier
    assert all(15 <= pause <= 30 for pause in pauses[10:])


def test_pauses_are_spread() -> None:
    assert len({_third() for _ in range(20)}) > 10


def _third() -> float:
    crashes = Crashes()
    return [crashes.pause(0) for _ in range(3)][-1]


def test_a_worker_that_served_for_a_while_begins_a_new_row() -> None:
    crashes = Crashes()
    for _ in range(10):
        crashes.pause(0)
    assert crashes.pause(STEADY_SECONDS) == 0
    assert crashes.in_a_row == 1
