"""Revise a decision: what every later event of its life has in common."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from sekisho.application import journaled
from sekisho.application.ports.journal import Journal
from sekisho.application.ports.ledger import (
    DecisionLedger,
    NewEvent,
    Once,
    OpenDecision,
)
from sekisho.domain.decision import Standing
from sekisho.domain.errors import AbortedError, LedgerUnavailableError, NotFoundError
from sekisho.domain.step_up import Transition

_TRIES = 5


async def open_decision(
    ledger: DecisionLedger, journal: Journal, decision_id: bytes, shop: str | None
) -> OpenDecision:
    """Return a decision for its own shop; `shop` None sees all.

    To other shops a decision does not exist: NotFoundError. One that lies in the journal is
    revised once the ledger has it: LedgerUnavailableError.
    """
    lying = journaled.standing(journal, decision_id)
    if lying is not None and shop in (None, lying.shop):
        raise LedgerUnavailableError("the ledger has not got this decision yet; try again")
    decision = await ledger.open(decision_id)
    if shop is not None and decision.standing.shop != shop:
        raise NotFoundError("no such decision")
    return decision


def event(
    once: Once | None,
    kind: str,
    at: int,
    terminal: str,
    summary: str,
    transition: Transition,
) -> NewEvent:
    """Return the event that takes a decision to its next revision."""
    standing = transition.standing
    return NewEvent(
        once=once,
        kind=kind,
        at=at,
        terminal=terminal,
        summary=summary,
        standing=replace(standing, revision=standing.revision + 1),
        marks=transition.marks,
    )


async def append(
    ledger: DecisionLedger,
    make: Callable[[], Awaitable[NewEvent]],
) -> Standing:
    """Append an event, made anew from the latest revision when another came first."""
    for _ in range(_TRIES):
        try:
            return await ledger.append(await make())
        except AbortedError:
            continue
    raise AbortedError("the decision is being changed elsewhere; try again")
