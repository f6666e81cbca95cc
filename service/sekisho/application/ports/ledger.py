"""The ledger: the durable record.

All its methods raise LedgerUnavailableError when it is away, and those that write
LedgerUncertainError where the reply to a commit was lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Protocol

from sekisho.application.ports import Fingerprint
from sekisho.application.ports.cache import Positions, Projection, Try
from sekisho.domain.decision import (
    Judgement,
    MissingSignal,
    Standing,
    WatchlistHit,
)
from sekisho.domain.facts import FactValue
from sekisho.domain.sim_change import Cause, ChangeKind
from sekisho.domain.value import value
from sekisho.domain.velocity import Mark


@value
class Once:
    """What makes a changing call idempotent: the caller's scope (the shop for terminals, the
    identity's name for others), its request_id, and the keyed digest of the body."""

    caller: str
    request_id: str
    body_digest: bytes


@value
class KeptIdentifier:
    """An identifier as the ledger keeps it: its role, masked form and fingerprint.

    Roles: line, document, card (the document as watchlists name it), sim, device, contact,
    applicant, clerk.
    """

    role: str
    masked: str
    fingerprint: Fingerprint


@value
class Account:
    """Why: all that led to a judgement. `facts` leaves the unknown ones out."""

    facts: Mapping[str, FactValue]
    judgement: Judgement
    missing: tuple[MissingSignal, ...]
    hits: tuple[WatchlistHit, ...]
    watchlist_versions: Mapping[str, int]
    trace_id: bytes = b""
    timings_us: Mapping[str, int] = field(default_factory=dict)


@value(kw_only=True)
class NewDecision:
    """A decision to record. `sealed_change` is the encrypted request, kept while a step-up is
    open, since evidence is assessed together with it; None for an ALLOW."""

    once: Once
    standing: Standing
    terminal: str
    kind: ChangeKind
    cause: Cause
    identifiers: tuple[KeptIdentifier, ...]
    attempt: Try
    account: Account
    sealed_change: bytes | None


@value(kw_only=True)
class NewEvent:
    """A revision of a decision: evidence, outcome or expiry, and where it stands after it.

    `attempt`: the try with the keys that evidence added (a second document), or None.
    `marks` are counted along all keys of the decision. `account` is that of the new
    assessment, None for an outcome. `sealed_change` replaces the sealed request; it is
    dropped when the standing is no longer an open step-up.
    """

    once: Once | None
    kind: str
    at: int
    terminal: str
    summary: str
    standing: Standing
    marks: tuple[Mark, ...] = ()
    attempt: Try | None = None
    identifiers: tuple[KeptIdentifier, ...] = ()
    account: Account | None = None
    sealed_change: bytes | None = None


@value
class OpenDecision:
    """A decision as it stands, with what a revision of it needs."""

    standing: Standing
    attempt: Try
    """With all keys, those that evidence added included."""
    identifiers: tuple[KeptIdentifier, ...]
    sealed_change: bytes | None


@value
class CaseEvent:
    """One event of a decision's life."""

    at: int
    kind: str
    actor: str
    summary: str
    standing: Standing


@value
class Case:
    """A decision with all that led to it, and what followed. `account` is the latest one."""

    standing: Standing
    terminal: str
    kind: ChangeKind
    cause: Cause
    identifiers: tuple[KeptIdentifier, ...]
    account: Account
    events: tuple[CaseEvent, ...]


class DecisionLedger(Protocol):
    """Decisions and their revisions. Append-only."""

    async def record(self, decision: NewDecision, timeout: float) -> Standing:
        """Make the decision durable within `timeout` seconds; concurrent calls share a commit.

        A repeat of the request gets the standing stored (as it is now); with another body
        RequestIdReusedError.
        """

    async def deliver(self, decisions: Sequence[NewDecision]) -> None:
        """Make decisions durable that were answered from the journal: idempotent.

        Where the ledger holds another verdict, or another body, for the same request, a revision
        of kind `delivered` follows it: the stricter verdict stands, and the fraud team sees both.
        """

    async def append(self, event: NewEvent) -> Standing:
        """Make a revision durable. A repeat (`once`) gets the standing that its first made.

        Raises AbortedError when another revision came first, RequestIdReusedError.
        """

    async def repeated(self, once: Once) -> Standing | None:
        """Return what an earlier `append` of this request made, if any; RequestIdReusedError."""

    async def open(self, decision_id: bytes) -> OpenDecision:
        """Return a decision with what a revision needs. NotFoundError."""

    async def standing(self, decision_id: bytes) -> Standing:
        """Return where a decision stands. NotFoundError."""

    async def moved(self, revisions: Mapping[bytes, int]) -> Mapping[bytes, Standing]:
        """Return the standings of those whose revision is above the one given."""

    async def expired(self, now: int, most: int) -> Sequence[OpenDecision]:
        """Return open step-ups whose expiry is before `now`, oldest first."""

    async def case(self, decision_id: bytes) -> Case:
        """Return a decision with all that led to it. NotFoundError."""

    async def decision_ids_of_case(self, case_number: str) -> Sequence[bytes]:
        """Return the decisions of a case number, newest first; rarely more than one."""


class LedgerFeed(Protocol):
    """The ledger read in order, for the projector.

    A row is readable once every transaction older than it has ended, so that order never
    changes behind the reader.
    """

    async def head(self) -> Positions:
        """Return the last readable row number of each feed."""

    async def after(self, positions: Positions, most: int) -> tuple[Projection, Positions, bool]:
        """Return up to `most` rows a feed after the positions, where they end, and whether
        the readable end was reached."""

    async def before(
        self, positions: Positions, most: int, since: int
    ) -> tuple[Projection, Positions, int]:
        """Return up to `most` rows a feed at or below the positions, newest first, where they
        begin (rows at or below the returned ones are still to come), and the Unix ms from
        which all rows are now covered (0: the beginning was reached). What counts in time only
        and is older than `since` (Unix ms) may be left out, as if it were not there."""


class PolicyShelf(Protocol):
    """The texts of the policies that decisions were made by, so that old ones explain
    themselves. Raises LedgerUnavailableError."""

    async def keep(self, policy_version: str, texts: Mapping[str, Mapping[str, str]]) -> None:
        """Keep each rule's text by code and language: idempotent."""

    async def rule_texts(self, policy_version: str) -> Mapping[str, Mapping[str, str]]:
        """Return the texts kept; empty for a version that is not known."""
