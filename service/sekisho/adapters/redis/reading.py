"""What has been read of an observation, put together from the answers to its parts."""

from collections.abc import Sequence
from typing import Final

from sekisho.adapters.redis.answer import (
    fields,
    key_counts,
    lowest,
    lowest_versions,
    unpack_numbers,
)
from sekisho.adapters.redis.parts import Part
from sekisho.adapters.redis.stored import unpack_line
from sekisho.adapters.redis.wire import Reply
from sekisho.application.ports.cache import (
    KeyCounts,
    LineKnowledge,
    Observation,
    Observed,
    Watched,
)
from sekisho.domain.decision import MissingCause, MissingSignal
from sekisho.domain.velocity import Dimension

_HELD: Final = ord("1")


class Reading:
    """Begins with nothing known; every part is either added or unknown."""

    __slots__ = (
        "_candidates",
        "_counts",
        "_journaled",
        "_line",
        "_line_unknown",
        "_not_loaded",
        "_present",
        "_uncounted",
        "_unread",
        "_versions",
        "_watched",
    )

    def __init__(self, observation: Observation) -> None:
        self._watched = observation.watched
        self._present = frozenset(observation.attempt.attributes)
        self._counts: list[KeyCounts] = []
        self._uncounted: dict[Dimension, MissingCause] = {}
        self._line: LineKnowledge | None = None
        self._line_unknown: MissingCause | None = None
        self._journaled = False
        self._candidates: list[Watched] = []
        self._versions: list[dict[str, int]] = []
        self._unread: dict[str, MissingCause] = {}
        self._not_loaded: MissingCause | None = None

    def unknown(self, part: Part, cause: MissingCause) -> None:
        """Nothing is known of what a part asked."""
        self._no_counts(part, cause)
        self._no_lists(part, cause)
        if part.line:
            self._line_unknown = cause

    def add(self, part: Part, answer: Sequence[Reply], *, may_evict: bool) -> None:
        """Take an answer. `may_evict`: who gave it may have lost what is not there.

        Raises IndexError, TypeError, ValueError, msgspec.MsgspecError where it is none, and then
        has taken nothing.
        """
        packed, stored_line, held, marks = fields(answer)
        numbers = unpack_numbers(packed)
        counts = key_counts(part.keys, self._present, numbers)
        line = unpack_line(stored_line) if stored_line is not None else None
        found = [w for w, one in zip(part.watched, held, strict=True) if one == _HELD]
        versions = [lowest_versions(marks)] if marks else []

        if may_evict:
            self._no_counts(part, MissingCause.CACHE_MAY_EVICT)
        else:
            self._counts += counts
        if part.line:
            self._journaled = numbers[2] == 1
            self._take_line(line, numbers[1], may_evict=may_evict)
        self._candidates += found
        if may_evict:
            self._no_lists(part, MissingCause.CACHE_MAY_EVICT)
        elif numbers[0]:
            self._no_lists(part, MissingCause.WATCHLIST_NOT_LOADED)
        else:
            self._versions += versions

    def observed(self, uncounted: tuple[int, ...]) -> Observed:
        """Return all that is known, and what is missing."""
        missing = [MissingSignal(f"velocity.{d}", cause) for d, cause in self._uncounted.items()]
        if self._line_unknown is not None:
            missing.append(MissingSignal("line", self._line_unknown))
        loaded = None
        if self._not_loaded is None or not self._unread.keys() >= {w.role for w in self._watched}:
            missing += [MissingSignal(f"watchlist.{r}", c) for r, c in self._unread.items()]
            loaded = lowest(self._versions)
        else:
            missing.append(MissingSignal("watchlist", self._not_loaded))
        counts = self._counts
        if self._uncounted:
            # Of two documents one that was read does not make the other known.
            counts = [one for one in counts if one.dimension not in self._uncounted]
        return Observed(
            counts=tuple(counts),
            line=self._line,
            watch_candidates=tuple(self._candidates),
            watchlists_loaded=loaded,
            missing=tuple(missing),
            journaled=self._journaled,
            uncounted=uncounted,
        )

    def _no_counts(self, part: Part, cause: MissingCause) -> None:
        for dimension, _ in part.keys:
            self._uncounted.setdefault(dimension, cause)

    def _no_lists(self, part: Part, cause: MissingCause) -> None:
        if part.line or part.watched:
            self._not_loaded = cause
        for one in part.watched:
            self._unread.setdefault(one.role, cause)

    def _take_line(self, line: LineKnowledge | None, covered_from: int, *, may_evict: bool) -> None:
        """A line is written whole, so one that is there is complete while its tag is fresh; one
        that is not there is known not to be only where everything is covered."""
        if covered_from < 0:
            self._line_unknown = MissingCause.BEHIND_LEDGER
        elif line is not None:
            self._line = line
        elif may_evict:
            self._line_unknown = MissingCause.CACHE_MAY_EVICT
        elif covered_from != 0:
            self._line_unknown = MissingCause.NOT_COVERED
