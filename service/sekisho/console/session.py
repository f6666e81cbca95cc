"""Who is at the desk."""

from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.types import Scope

CSRF_FIELD: Final = "csrf"
"""The form field that carries a session's `csrf`; of a multipart form it must come first."""

CSRF_HEADER: Final = "X-CSRF-Token"
"""The header that carries it where there is no form."""

_KEY: Final = "session"


@dataclass(frozen=True)
class Session:
    """One sign-in.

    `analyst` is the name that the trail keeps, `analyst/sato`. `token` goes to the API as
    `authorization: Bearer …`; no page shows it. `csrf` is a random value bound to the session,
    which every POST must bring along.
    """

    analyst: str
    token: str = field(repr=False)
    csrf: str = field(repr=False)


def session_of(request: Request) -> Session:
    """Return the request's session. Raises LookupError on a page that needs none."""
    session = request.scope.get("state", {}).get(_KEY)
    if not isinstance(session, Session):
        raise LookupError("nobody is signed in here")
    return session


def attach(scope: Scope, session: Session) -> None:
    """Let `session_of` find the session in the request of this scope."""
    scope.setdefault("state", {})[_KEY] = session
