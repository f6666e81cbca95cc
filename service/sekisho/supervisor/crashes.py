"""How long to wait before a worker that ended by itself is started again."""

import random
from typing import Final

STEADY_SECONDS: Final = 10.0
"""A worker that served for so long did not fail for the reason that the last one did."""
LOOP: Final = 4
"""So many in a row are no accident."""
_FIRST_PAUSE: Final = 0.25
_LONGEST_PAUSE: Final = 30.0


class Crashes:
    """Those of one post: the first is mended at once, each further one in a row later."""

    def __init__(self) -> None:
        self.in_a_row = 0

    def pause(self, served_seconds: float) -> float:
        """Count one more, of a worker that served for so long; return the seconds to wait.

        They are spread, lest all posts load the machine at the same moments.
        """
        if served_seconds >= STEADY_SECONDS:
            self.in_a_row = 0
        self.in_a_row += 1
        if self.in_a_row == 1:
            return 0.0
        longest = min(_FIRST_PAUSE * 2.0 ** min(self.in_a_row - 2, 32), _LONGEST_PAUSE)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - no secret
