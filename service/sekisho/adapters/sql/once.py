"""What makes a changing call idempotent: what a request did is kept together with its change."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql.encode_standing import request_id_bytes
from sekisho.adapters.sql.schema import decision, request_once
from sekisho.adapters.sql.scripts import Again, Script
from sekisho.adapters.sql.statements import Dialect, Keys, Statement, Value, insert_each
from sekisho.application.ports.ledger import Once
from sekisho.domain.errors import RequestIdReusedError

Key = tuple[str, bytes]
"""Caller and request."""

Found = tuple[bytes, bytes | None]
"""The digest of the body that came with a request_id, and its result; that of an assessment,
which is kept with the decision, is None."""


def _find(dialect: Dialect) -> sa.CompoundSelect[Any]:
    keys = dialect.keys(request_once.c.caller, request_once.c.request_id)
    of = request_once.c
    return sa.union_all(
        sa.select(of.caller, of.request_id, of.body_digest, of.result).where(
            of.caller == keys["caller"], of.request_id == keys["request_id"]
        ),
        sa.select(decision.c.shop, decision.c.request_id, decision.c.body_digest, sa.null()).where(
            decision.c.shop == keys["caller"], decision.c.request_id == keys["request_id"]
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


def key(once: Once) -> Key:
    """Return what a request is known by."""
    return once.caller, request_id_bytes(once.request_id)


def done_before(once: Once) -> Script[bytes | None]:
    """Return the result of the same request, if it was here before; RequestIdReusedError."""
    before = yield from found(once)
    if before is None:
        return None
    digest, result = before
    if digest != once.body_digest or result is None:
        raise reused()
    return result


def found(once: Once) -> Script[Found | None]:
    """Return what a request_id came with before."""
    return (yield from found_all([once])).get(key(once))


def found_all(requests: Sequence[Once]) -> Script[Mapping[Key, Found]]:
    """Return what these request_ids came with before."""
    keys = sorted(set(map(key, requests)))
    rows = yield _FIND.each([{"caller": caller, "request_id": id_} for caller, id_ in keys])
    found: dict[Key, Found] = {}
    for caller, id_, digest, result in rows:
        name = caller, bytes(id_)
        # An assessment that was delivered from a journal may share it with another method's.
        if result is not None or name not in found:
            found[name] = bytes(digest), None if result is None else bytes(result)
    return found


def keep(once: Once, result: bytes, at: int) -> Script[None]:
    """Keep what the request did. The same one under way elsewhere came first: Again."""
    yield from keep_all([(once, result, at)])


def keep_all(done: Sequence[tuple[Once, bytes, int]]) -> Script[None]:
    """Keep what these requests did, all different ones."""
    # In order: two workers that bring the same requests must not wait for each other.
    rows: list[dict[str, Value]] = [
        {
            "caller": caller,
            "request_id": request_id,
            "body_digest": once.body_digest,
            "result": result,
            "at": at,
        }
        for (caller, request_id), once, result, at in sorted(
            (key(once), once, result, at) for once, result, at in done
        )
    ]
    if rows and len((yield _KEEP.each(rows))) < len(rows):
        raise Again


def reused() -> RequestIdReusedError:
    """Return the error for a request_id that came before with another body."""
    return RequestIdReusedError("this request_id came before with another body")
