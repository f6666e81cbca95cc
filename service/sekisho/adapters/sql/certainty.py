"""How certain it is that a change under way was not written."""

from sekisho.domain.errors import LedgerUnavailableError, LedgerUncertainError


class Certainty:
    """What is known of one change, through all its attempts."""

    __slots__ = ("uncertain",)

    def __init__(self) -> None:
        self.uncertain = False
        """A COMMIT was sent, and its outcome is not known. Certain failures that follow do not
        change that."""

    def may_commit(self) -> bool:
        """Whether to send COMMIT, or to begin anew. Asked right before it is sent."""
        return True

    def unavailable(self, why: str) -> LedgerUnavailableError:
        """Return the error for a change given up."""
        if self.uncertain:
            return LedgerUncertainError(f"the reply to a commit was lost: {why}")
        return LedgerUnavailableError(f"the ledger did not answer: {why}")
