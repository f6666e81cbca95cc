"""Places for work in flight: what finds none is refused before any work is done."""

from sekisho.domain.errors import OverloadedError


class Places:
    """A bounded number of calls at a time, of which no holder has more than an eighth.

    A call that nobody holds (a gateway's: it speaks for many shops) takes a place all the same.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._most_held = max(1, most // 8)
        self._taken = 0
        self._held: dict[str, int] = {}

    @property
    def taken(self) -> int:
        """Calls in flight."""
        return self._taken

    def take(self, holder: str) -> None:
        """Take a place for `holder`, empty for nobody. Raises OverloadedError."""
        if self._taken >= self._most:
            raise OverloadedError("too many calls are in flight")
        if holder:
            held = self._held.get(holder, 0)
            if held >= self._most_held:
                raise OverloadedError("this terminal has too many calls in flight")
            self._held[holder] = held + 1
        self._taken += 1

    def leave(self, holder: str) -> None:
        """Give a place back that `take` gave to the same holder."""
        self._taken -= 1
        if holder:
            held = self._held[holder] - 1
            if held:
                self._held[holder] = held
            else:
                del self._held[holder]
