"""Errors, and who causes them."""

from sekisho.domain.errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    LedgerUnavailableError,
    UnavailableError,
    Violation,
)
from sekisho.domain.identity import Identity, Role


def test_a_store_that_is_away_says_when_to_ask_again() -> None:
    error = LedgerUnavailableError("the ledger is away")
    assert isinstance(error, UnavailableError)
    assert (error.reason, error.retry_after_seconds) == ("LEDGER_UNAVAILABLE", 1.0)


def test_bad_input_names_every_field_at_once() -> None:
    error = InvalidArgumentError([Violation("a", "expected one"), Violation("b", "expected two")])
    assert str(error) == "a: expected one; b: expected two"


def test_a_state_that_does_not_permit_something_says_which() -> None:
    assert FailedPreconditionError("no", "OUTCOME_KNOWN").reason == "OUTCOME_KNOWN"


def test_an_identity_has_no_shop_unless_it_is_a_terminal() -> None:
    gateway = Identity("gateway/bss", frozenset({Role.GATEWAY}))
    assert (gateway.shop, gateway.terminal) == ("", "")
