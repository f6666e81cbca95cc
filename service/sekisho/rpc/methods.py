"""Who may call what, and for how long: one row a method."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sekisho.domain.errors import PermissionDeniedError
from sekisho.domain.identity import Identity, Role


@dataclass(frozen=True, slots=True)
class Method:
    """The roles that may call a method, and whether it may move a whole list or file."""

    roles: frozenset[Role]
    long: bool = False


LONG_SECONDS: Final = 600.0
"""The most that a long method takes."""

_COUNTER = frozenset({Role.TERMINAL, Role.GATEWAY})
_CARRIER = frozenset({Role.GATEWAY})
_ANALYST = frozenset({Role.ANALYST})
_CARRIER_OR_ANALYST = _CARRIER | _ANALYST

METHODS: Final[Mapping[str, Method]] = {
    # An analyst assesses with validate_only, and only so.
    "sekisho.v1.RiskCheckService.AssessSimChange": Method(frozenset(Role)),
    "sekisho.v1.RiskCheckService.SubmitEvidence": Method(_COUNTER),
    "sekisho.v1.RiskCheckService.ReportOutcome": Method(_COUNTER),
    "sekisho.v1.RiskCheckService.GetDecision": Method(_COUNTER),
    "sekisho.v1.RiskCheckService.WatchDecision": Method(_COUNTER),
    "sekisho.v1.LineEventService.UpsertLineRecord": Method(_CARRIER),
    "sekisho.v1.LineEventService.RecordLineEvents": Method(_CARRIER, long=True),
    "sekisho.v1.ReviewService.GetAnalyst": Method(_ANALYST),
    "sekisho.v1.ReviewService.GetCase": Method(_ANALYST),
    "sekisho.v1.ReviewService.ListCases": Method(_ANALYST),
    "sekisho.v1.ReviewService.CountCases": Method(_ANALYST),
    "sekisho.v1.ReviewService.WatchCases": Method(_ANALYST),
    "sekisho.v1.ReviewService.ExportCases": Method(_ANALYST, long=True),
    "sekisho.v1.ReviewService.TakeNextCase": Method(_ANALYST),
    "sekisho.v1.ReviewService.ClaimCase": Method(_ANALYST),
    "sekisho.v1.ReviewService.ReleaseCase": Method(_ANALYST),
    "sekisho.v1.ReviewService.ReassignCase": Method(_ANALYST),
    "sekisho.v1.ReviewService.ApproveCase": Method(_ANALYST),
    "sekisho.v1.ReviewService.DeclineCase": Method(_ANALYST),
    "sekisho.v1.ReviewService.DemandChallenge": Method(_ANALYST),
    "sekisho.v1.ReviewService.EscalateCase": Method(_ANALYST),
    "sekisho.v1.ReviewService.AddNote": Method(_ANALYST),
    "sekisho.v1.ReviewService.SetDisposition": Method(_ANALYST),
    "sekisho.v1.ReviewService.ListTrail": Method(_ANALYST),
    "sekisho.v1.ReviewService.ListLinks": Method(_ANALYST),
    "sekisho.v1.ReviewService.CreateGroup": Method(_ANALYST),
    "sekisho.v1.ReviewService.GetGroup": Method(_ANALYST),
    "sekisho.v1.ReviewService.ListGroups": Method(_ANALYST),
    "sekisho.v1.ReviewService.UpdateGroup": Method(_ANALYST),
    "sekisho.v1.ReviewService.BlockIdentifiers": Method(_ANALYST),
    "sekisho.v1.ReviewService.ReportFraud": Method(_ANALYST),
    "sekisho.v1.ReviewService.GetFigures": Method(_ANALYST),
    "sekisho.v1.ReviewService.ListRules": Method(_ANALYST),
    "sekisho.v1.ShopService.ImportShops": Method(_CARRIER_OR_ANALYST, long=True),
    "sekisho.v1.ShopService.GetShop": Method(_CARRIER_OR_ANALYST),
    "sekisho.v1.ShopService.ListShops": Method(_CARRIER_OR_ANALYST),
    "sekisho.v1.WatchlistService.CreateWatchlist": Method(_ANALYST),
    "sekisho.v1.WatchlistService.GetWatchlist": Method(_ANALYST),
    "sekisho.v1.WatchlistService.ListWatchlists": Method(_ANALYST),
    "sekisho.v1.WatchlistService.DeleteWatchlist": Method(_ANALYST, long=True),
    "sekisho.v1.WatchlistService.CreateWatchlistEntry": Method(_ANALYST),
    "sekisho.v1.WatchlistService.DeleteWatchlistEntry": Method(_ANALYST),
    "sekisho.v1.WatchlistService.ListWatchlistEntries": Method(_ANALYST),
    "sekisho.v1.WatchlistService.ImportWatchlistEntries": Method(_ANALYST, long=True),
    "sekisho.v1.WatchlistService.LookUpIdentifier": Method(_ANALYST),
}
"""Every method by its full name. One without a row is not served."""


def require(identity: Identity, roles: frozenset[Role]) -> None:
    """Raise PermissionDeniedError unless the identity has one of the roles."""
    if identity.roles.isdisjoint(roles):
        names = " or ".join(sorted(role.value for role in roles))
        raise PermissionDeniedError(f"this method is for: {names}")


def require_for_assessment(identity: Identity, *, validate_only: bool) -> None:
    """Refuse validate_only to terminals, and everything else of an assessment to analysts.

    At a counter validate_only would be a traceless way to find a card that passes.
    """
    if identity.roles.isdisjoint(_CARRIER_OR_ANALYST if validate_only else _COUNTER):
        raise PermissionDeniedError(
            "a terminal cannot assess with validate_only"
            if validate_only
            else "an analyst assesses with validate_only only"
        )
