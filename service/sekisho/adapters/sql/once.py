"""What makes a changing call idempotent: what a request did is kept together with its change."""

import sqlalchemy as sa

from sekisho.adapters.sql.encode_standing import request_id_bytes
from sekisho.adapters.sql.schema import decision, request_once
from sekisho.adapters.sql.scripts import Again, Script
from sekisho.adapters.sql.statements import Dialect, Keys, Statement, insert_each
from sekisho.application.ports.ledger import Once
from sekisho.domain.errors import RequestIdReusedError


def _find(_dialect: Dialect) -> sa.CompoundSelect[tuple[bytes, bytes | None]]:
    caller = sa.bindparam("caller", type_=request_once.c.caller.type)
    request_id = sa.bindparam("request_id", type_=request_once.c.request_id.type)
    return sa.union_all(
        sa.select(request_once.c.body_digest, request_once.c.result).where(
            request_once.c.caller == caller, request_once.c.request_id == request_id
        ),
        # An assessment keeps its request_id with the decision.
        sa.select(decision.c.body_digest, sa.null()).where(
            decision.c.shop == caller, decision.c.request_id == request_id
        ),
    )


_FIND = Statement(_find)
_KEEP = insert_each(request_once, unless=("caller", "request_id"), returning=("request_id",))


def not_used(keys: Keys) -> sa.ColumnElement[bool]:
    """Return the condition that no other method of this shop had an assessment's request_id."""
    return ~sa.exists(
        sa.select(request_once.c.caller).where(
            request_once.c.caller == keys["shop"],
            request_once.c.request_id == keys["request_id"],
        )
    )


def done_before(once: Once) -> Script[bytes | None]:
    """Return the result of the same request, if it was here before; RequestIdReusedError."""
    before = yield from found(once)
    if before is None:
        return None
    digest, result = before
    if digest != once.body_digest or result is None:
        raise reused()
    return result


def found(once: Once) -> Script[tuple[bytes, bytes | None] | None]:
    """Return the digest of the body that came with this request_id, and its result; that of an
    assessment is None."""
    rows = yield _FIND(caller=once.caller, request_id=request_id_bytes(once.request_id))
    if not rows:
        return None
    digest, result = rows[0]
    return bytes(digest), None if result is None else bytes(result)


def keep(once: Once, result: bytes, at: int) -> Script[None]:
    """Keep what the request did. The same one under way elsewhere came first: Again."""
    kept = yield _KEEP.each(
        [
            {
                "caller": once.caller,
                "request_id": request_id_bytes(once.request_id),
                "body_digest": once.body_digest,
                "result": result,
                "at": at,
            }
        ]
    )
    if not kept:
        raise Again


def reused() -> RequestIdReusedError:
    """Return the error for a request_id that came before with another body."""
    return RequestIdReusedError("this request_id came before with another body")
