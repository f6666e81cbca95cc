"""What lies in the journal, asked where the ledger is asked otherwise."""

from contextlib import suppress

from sekisho.application.ports.journal import Journal
from sekisho.application.ports.ledger import Once
from sekisho.domain.decision import Standing
from sekisho.domain.errors import JournalUnavailableError


def standing(journal: Journal, decision_id: bytes) -> Standing | None:
    """Return where a decision that lies there stands; None too where that cannot be read."""
    with suppress(JournalUnavailableError):
        return journal.standing(decision_id)
    return None


def answered(journal: Journal, once: Once) -> tuple[Standing | None, bool]:
    """Return what a request got from the journal, if anything, and whether the ledger is behind:
    something lies there, or cannot be read. Raises RequestIdReusedError."""
    try:
        return journal.find(once), journal.state().pending > 0
    except JournalUnavailableError:
        return None, True
