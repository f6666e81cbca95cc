"""What can go wrong, in the words of the domain; rpc/ turns each into a status."""

from collections.abc import Sequence

from sekisho.domain.value import value


@value
class Violation:
    """One thing wrong with one field of a request.

    `field` is the path as the caller wrote it (`sim_change.documents[0].number`);
    `description` says what was expected, and never repeats the value.
    """

    field: str
    description: str


class SekishoError(Exception):
    """Base of all errors that a caller is told of. `reason` is stable, UPPER_SNAKE_CASE."""

    reason = "INTERNAL"


class InvalidArgumentError(SekishoError):
    """The request breaks its contract: every violation at once."""

    reason = "INVALID_ARGUMENT"

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(f"{v.field}: {v.description}" for v in violations))
        self.violations = tuple(violations)


class MalformedIdentifierError(ValueError):
    """One value does not fit its grammar. Its text says what was expected, without the value."""


class NotFoundError(SekishoError):
    """The named resource does not exist, or is not the caller's to see."""

    reason = "NOT_FOUND"


class AlreadyExistsError(SekishoError):
    """A resource of this name exists."""

    reason = "ALREADY_EXISTS"


class RequestIdReusedError(AlreadyExistsError):
    """The request_id came before with another body."""

    reason = "REQUEST_ID_REUSED"


class PermissionDeniedError(SekishoError):
    """The caller's identity may not do this."""

    reason = "PERMISSION_DENIED"


class FailedPreconditionError(SekishoError):
    """The resource is not in a state that permits this. `reason` says which."""

    def __init__(self, message: str, reason: str = "FAILED_PRECONDITION") -> None:
        super().__init__(message)
        self.reason = reason


class AbortedError(SekishoError):
    """The resource changed since the caller read it, or another change is under way."""

    reason = "ABORTED"


class CaseChangedError(AbortedError):
    """Something happened to a case, or a group of them, since the analyst looked at it."""

    reason = "CASE_CHANGED"


class QueueEmptyError(NotFoundError):
    """Nothing waits that nobody holds."""

    reason = "QUEUE_EMPTY"


class UnavailableError(SekishoError):
    """A store that the answer needs is away. Trying again later may help."""

    reason = "UNAVAILABLE"

    def __init__(self, message: str, retry_after_seconds: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class OverloadedError(SekishoError):
    """Too much work is in flight."""

    reason = "OVERLOADED"


class LedgerUnavailableError(UnavailableError):
    """The durable record cannot be written or read now. What was to be written is known not to
    have been."""

    reason = "LEDGER_UNAVAILABLE"


class LedgerUncertainError(LedgerUnavailableError):
    """The reply to a commit was lost: what was to be written may have been. A repeat finds out."""

    reason = "LEDGER_UNCERTAIN"


class JournalUnavailableError(UnavailableError):
    """The journal, which stands in for the ledger, cannot be written. `reason` says why:
    JOURNAL_UNAVAILABLE or JOURNAL_FULL."""

    def __init__(self, message: str, reason: str = "JOURNAL_UNAVAILABLE") -> None:
        super().__init__(message)
        self.reason = reason


class CacheUnavailableError(UnavailableError):
    """The cache (Redis) cannot be written or read now. An assessment goes on without it."""

    reason = "CACHE_UNAVAILABLE"
