"""Decisions that share a flush: all that came while the one before was under way."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sekisho.adapters.journal.bodies import decision_body
from sekisho.adapters.journal.records import Kind, framed
from sekisho.application.ports.ledger import NewDecision, Once
from sekisho.domain.decision import Standing
from sekisho.domain.errors import JournalUnavailableError, RequestIdReusedError, SekishoError

Outcome = Standing | SekishoError


def reused() -> RequestIdReusedError:
    """Return what a request_id with another body gets."""
    return RequestIdReusedError("this request_id came before with another body")


@dataclass(slots=True, eq=False)
class Batch:
    """Decisions on their way into the file, and what becomes of each, by place."""

    future: "asyncio.Future[Sequence[Outcome]] | None" = None
    _items: list[tuple[NewDecision, bytes]] = field(default_factory=list)
    _settled: dict[int, Outcome] = field(default_factory=dict)
    _first: dict[tuple[str, str], int] = field(default_factory=dict)
    """The place of the decision that each request gets."""
    _same_as: dict[int, int] = field(default_factory=dict)

    def add(self, decision: NewDecision) -> int:
        """Add a decision, and return its place."""
        self._items.append((decision, framed(Kind.DECISION, decision_body(decision))))
        return len(self._items) - 1

    def records(self, find: Callable[[Once], Standing | None], room: int) -> bytes:
        """Settle all that need not be appended, and return the records of the others.

        `find` returns what the file has for a request; `room` is how many bytes still fit.
        """
        fresh: list[bytes] = []
        for place, (decision, record) in enumerate(self._items):
            if self._repeats(place, decision.once, find):
                continue
            if len(record) > room:
                self._settled[place] = JournalUnavailableError(
                    "the journal is full", "JOURNAL_FULL"
                )
                continue
            room -= len(record)
            fresh.append(record)
            self._first[decision.once.caller, decision.once.request_id] = place
        return b"".join(fresh)

    def written(self) -> Sequence[Outcome]:
        """Return what each gets, once the records are durable."""
        for place in self._first.values():
            self._settled[place] = self._items[place][0].standing
        for place, first in self._same_as.items():
            self._settled[place] = self._settled[first]
        return [self._settled[place] for place in range(len(self._items))]

    def failed(self, error: JournalUnavailableError) -> Sequence[Outcome]:
        """Return what each gets, where the records could not be written."""
        return [
            self._settled.get(place) or JournalUnavailableError(str(error), error.reason)
            for place in range(len(self._items))
        ]

    def _repeats(self, place: int, once: Once, find: Callable[[Once], Standing | None]) -> bool:
        first = self._first.get((once.caller, once.request_id))
        if first is not None:
            if self._items[first][0].once.body_digest == once.body_digest:
                self._same_as[place] = first
            else:
                self._settled[place] = reused()
            return True
        try:
            found = find(once)
        except RequestIdReusedError as error:
            self._settled[place] = error
            return True
        if found is not None:
            self._settled[place] = found
        return found is not None
