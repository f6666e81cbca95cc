"""How long a call may take."""

from typing import Protocol

from sekisho.rpc.errors import DeadlineExceededError


class Timed(Protocol):
    """The part of a call's context that knows the caller's deadline."""

    def time_remaining(self) -> float | None:
        """Return the seconds left; None where the caller set no deadline."""


def seconds_left(call: Timed, most: float) -> float:
    """Return what is left of the caller's time in seconds, capped by `most`.

    Raises DeadlineExceededError where nothing is left.
    """
    left = call.time_remaining()
    if left is None or left > most:
        return most
    if left <= 0:
        raise DeadlineExceededError("the time for this call is over")
    return left


def is_bounded(call: Timed, most: float) -> bool:
    """Whether the caller set a deadline of at most `most` seconds."""
    left = call.time_remaining()
    return left is not None and left <= most
