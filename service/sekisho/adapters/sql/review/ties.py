"""What cases have, and which others have it too: for links."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql.review.judged import judged
from sekisho.adapters.sql.schema import review_identifier
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Dialect, Row, Statement
from sekisho.application.ports.review import Has
from sekisho.domain.links import MOST_SHARED, Key

_of = review_identifier.c
_start = sa.bindparam("start", type_=sa.BigInteger)
_end = sa.bindparam("end", type_=sa.BigInteger)


def _sharing(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(_of.fingerprint)
    shared = (
        sa.select(_of.fingerprint, _of.decision_id)
        .where(_of.fingerprint == keys["fingerprint"], _of.decided_at.between(_start, _end))
        .order_by(_of.decided_at.desc(), _of.decision_id)
        .limit(MOST_SHARED + 1)
    )
    if dialect is Dialect.SQLITE:
        return shared
    # So many of each, not of all together.
    each = shared.lateral("each")
    return sa.select(each.c.fingerprint, each.c.decision_id).select_from(
        sa.join(keys["fingerprint"].table, each, sa.true())
    )


def _counts(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(_of.fingerprint)
    return (
        sa.select(_of.fingerprint, sa.func.count())
        .where(_of.fingerprint == keys["fingerprint"], _of.decided_at.between(_start, _end))
        .group_by(_of.fingerprint)
    )


_SHARING = Statement(_sharing)
_COUNTS = Statement(_counts)


def had(decision_ids: Sequence[bytes]) -> Script[Mapping[bytes, Has]]:
    """Return what cases have, by case."""
    return {
        each.first.decision_id: Has(each.first.decided_at, tuple(each.identifiers))
        for each in (yield from judged(decision_ids))
    }


def shared(
    keys: Sequence[Key], start: int, end: int, around_ms: int
) -> Script[dict[Key, tuple[Sequence[bytes], int]]]:
    """Return for each key the cases decided from `start` to `end` (Unix ms) that have it, newest
    first, and how many: where those are too many to follow, some of them. A key with a moment is
    looked for `around_ms` around it."""
    found: dict[Key, tuple[Sequence[bytes], int]] = {}
    plain = [key for key in keys if not key.at]
    rows = yield _SHARING.each([_named(key) for key in plain], start=start, end=end)
    by_fingerprint = _grouped(rows)
    many = [key for key in plain if len(by_fingerprint.get(key.fingerprint, ())) > MOST_SHARED]
    counted = yield _COUNTS.each([_named(key) for key in many], start=start, end=end)
    counts = {bytes(fingerprint): int(count) for fingerprint, count in counted}
    for key in plain:
        cases = by_fingerprint.get(key.fingerprint, [])
        found[key] = (cases, counts.get(key.fingerprint, len(cases)))
    for key in keys:
        if key.at:
            near = (max(start, key.at - around_ms), min(end, key.at + around_ms))
            rows = yield _SHARING.each([_named(key)], start=near[0], end=near[1])
            cases = [bytes(row[1]) for row in rows]
            found[key] = (cases, len(cases))
    return found


def _named(key: Key) -> dict[str, bytes]:
    return {"fingerprint": key.fingerprint}


def _grouped(rows: Sequence[Row]) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    for fingerprint, decision_id in rows:
        found.setdefault(bytes(fingerprint), []).append(bytes(decision_id))
    return found
