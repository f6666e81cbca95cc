"""Every method has its row, and the rows are what the carrier's roles may do."""

from itertools import chain

import pytest

from sekisho.domain.errors import PermissionDeniedError
from sekisho.domain.identity import Identity, Role
from sekisho.rpc.methods import METHODS, require, require_for_assessment
from sekisho.v1 import (
    line_event_pb2,
    review_pb2,
    risk_check_pb2,
    shop_pb2,
    watchlist_pb2,
)

FILES = (line_event_pb2, review_pb2, risk_check_pb2, shop_pb2, watchlist_pb2)
TERMINAL = Identity("shop/ginza", frozenset({Role.TERMINAL}), "ginza", "t1")
GATEWAY = Identity("gateway/g1", frozenset({Role.GATEWAY}))
ANALYST = Identity("analyst/a1", frozenset({Role.ANALYST}))


def test_every_method_of_every_service_has_a_row_and_no_other_has() -> None:
    services = chain.from_iterable(file.DESCRIPTOR.services_by_name.values() for file in FILES)
    assert {method.full_name for service in services for method in service.methods} == set(METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_a_terminal_calls_the_risk_check_service_and_nothing_else(name: str) -> None:
    assert (Role.TERMINAL in METHODS[name].roles) == name.startswith("sekisho.v1.RiskCheckService.")


@pytest.mark.parametrize("name", [name for name in METHODS if "LineEvent" in name])
def test_the_carriers_systems_alone_tell_of_lines(name: str) -> None:
    assert METHODS[name].roles == {Role.GATEWAY}


@pytest.mark.parametrize("name", [n for n in METHODS if "Watchlist" in n or "Review" in n])
def test_the_fraud_team_alone_sees_watchlists_and_cases(name: str) -> None:
    assert METHODS[name].roles == {Role.ANALYST}


def test_who_has_none_of_the_roles_is_refused_by_their_names() -> None:
    with pytest.raises(PermissionDeniedError, match="analyst or gateway"):
        require(TERMINAL, frozenset({Role.GATEWAY, Role.ANALYST}))
    require(GATEWAY, frozenset({Role.GATEWAY, Role.ANALYST}))


@pytest.mark.parametrize(
    ("identity", "validate_only", "allowed"),
    [
        (TERMINAL, False, True),
        (TERMINAL, True, False),
        (GATEWAY, False, True),
        (GATEWAY, True, True),
        (ANALYST, False, False),
        (ANALYST, True, True),
    ],
)
def test_a_terminal_never_assesses_without_a_trace_and_an_analyst_only_so(
    identity: Identity, validate_only: bool, allowed: bool
) -> None:
    if allowed:
        require_for_assessment(identity, validate_only=validate_only)
    else:
        with pytest.raises(PermissionDeniedError):
            require_for_assessment(identity, validate_only=validate_only)
