"""Which decisions of the file are pending, and where they lie; their bodies stay in the file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

import structlog

from sekisho.adapters.journal.bodies import Head, UnreadableError, read_delivered, read_head
from sekisho.adapters.journal.records import Kind, Record, Span

_log = structlog.get_logger(__name__)

Request = tuple[str, str]
"""Caller and request_id."""


class Pending(NamedTuple):
    """A decision that is not delivered: what tells it from others, and its record's place."""

    decision_id: bytes
    body_digest: bytes
    decided_at: int
    start: int
    end: int


@dataclass(slots=True)
class Index:
    """In the order of appending."""

    by_request: dict[Request, Pending] = field(default_factory=dict)
    requests: dict[bytes, Request] = field(default_factory=dict)
    """By decision id."""
    damaged: list[Span] = field(default_factory=list)
    """Parts that cannot be read, and are not kept aside yet."""

    def take(self, records: Iterable[Record], damaged: Iterable[Span]) -> None:
        """Take in what another part of the file holds."""
        for span in damaged:
            self._cannot_read(span)
        for record in records:
            try:
                if record.kind == Kind.DECISION:
                    self._add(record, read_head(record.body))
                elif record.kind == Kind.DELIVERED:
                    self.drop(read_delivered(record.body))
            except UnreadableError:
                self._cannot_read(Span(record.start, record.end))

    def of_decision(self, decision_id: bytes) -> Pending | None:
        """Return the pending decision of this id."""
        request = self.requests.get(decision_id)
        return None if request is None else self.by_request[request]

    def first(self, most: int) -> Sequence[Pending]:
        """Return those appended first."""
        return list(islice(self.by_request.values(), most))

    def drop(self, decision_ids: Iterable[bytes]) -> None:
        """Forget decisions that are delivered."""
        for decision_id in decision_ids:
            request = self.requests.pop(decision_id, None)
            if request is not None:
                del self.by_request[request]

    def give_up(self, pending: Pending) -> None:
        """Forget a decision that cannot be read after all, so that it holds up no other."""
        self.drop([pending.decision_id])
        self._cannot_read(Span(pending.start, pending.end))

    def _add(self, record: Record, head: Head) -> None:
        request = (head.once.caller, head.once.request_id)
        if request in self.by_request:
            return
        stands = head.standing
        self.by_request[request] = Pending(
            stands.decision_id, head.once.body_digest, stands.decided_at, record.start, record.end
        )
        self.requests[stands.decision_id] = request

    def _cannot_read(self, span: Span) -> None:
        _log.error("journal.damaged", start=span.start, bytes=span.end - span.start)
        self.damaged.append(span)
