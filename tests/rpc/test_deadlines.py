"""How long a call may take."""

import pytest

from sekisho.rpc.deadlines import is_bounded, seconds_left
from sekisho.rpc.errors import DeadlineExceededError


class Call:
    def __init__(self, left: float | None) -> None:
        self._left = left

    def time_remaining(self) -> float | None:
        return self._left


@pytest.mark.parametrize(("left", "seconds"), [(None, 5), (0.2, 0.2), (5.0, 5), (3600.0, 5)])
def test_the_callers_time_counts_up_to_the_most(left: float | None, seconds: float) -> None:
    assert seconds_left(Call(left), 5) == seconds


@pytest.mark.parametrize("left", [0.0, -1.0])
def test_a_call_without_any_time_left_is_refused(left: float) -> None:
    with pytest.raises(DeadlineExceededError):
        seconds_left(Call(left), 5)


@pytest.mark.parametrize(
    ("left", "bounded"), [(None, False), (5.1, False), (5.0, True), (0.1, True)]
)
def test_a_call_is_bounded_where_its_caller_set_a_short_deadline(
    left: float | None, bounded: bool
) -> None:
    assert is_bounded(Call(left), 5) is bounded
