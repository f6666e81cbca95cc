"""Groups of cases: their names and followers; the members are in the index."""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from sekisho.adapters.sql import once
from sekisho.adapters.sql.review.acts import Encode, do, tell
from sekisho.adapters.sql.review.index import DueTimes
from sekisho.adapters.sql.schema import review_case, review_follower, review_group
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Row, Statement, insert_each, one_off
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.review import (
    Act,
    CaseSummary,
    Group,
    GroupChange,
    GroupFilter,
    TrailEntry,
)
from sekisho.domain.decision import Standing
from sekisho.domain.errors import CaseChangedError, NotFoundError

_of = review_group.c
_COLUMNS = (
    *(_of.id, _of.display_name, _of.description, _of.assignee),
    *(_of.created_at, _of.updated_at, _of.revision),
)
_id = sa.bindparam("id", type_=sa.Text)
_MAKE = insert_each(review_group, unless=("id",))
_FOLLOW = insert_each(review_follower, unless=("group_id", "actor"))
_UNFOLLOW = Statement(
    lambda _: sa.delete(review_follower).where(
        review_follower.c.group_id == _id,
        review_follower.c.actor == sa.bindparam("actor", type_=sa.Text),
    )
)
_CHANGE = Statement(
    lambda _: (
        sa.update(review_group)
        .where(_of.id == _id)
        .values(
            display_name=sa.bindparam("display_name", type_=sa.Text),
            description=sa.bindparam("description", type_=sa.Text),
            assignee=sa.bindparam("assignee", type_=sa.Text),
            updated_at=sa.bindparam("updated_at", type_=sa.BigInteger),
            revision=_of.revision + 1,
        )
    )
)
_LEFT = Statement(
    lambda _: (
        sa.update(review_group)
        .where(_of.id == _id)
        .values(
            updated_at=sa.bindparam("updated_at", type_=sa.BigInteger),
            revision=_of.revision + 1,
        )
    )
)
_ONE = Statement(lambda _: sa.select(*_COLUMNS).where(_of.id == _id))
_LOCKED = Statement(lambda _: sa.select(*_COLUMNS).where(_of.id == _id).with_for_update())
_MEMBERS = Statement(
    lambda _: (
        sa.select(review_case.c.decision_id)
        .where(review_case.c.group_id == _id, review_case.c.group_id != sa.literal_column("''"))
        .order_by(review_case.c.decided_at, review_case.c.decision_id)
    )
)
_FOLLOWERS = Statement(
    lambda _: (
        sa.select(review_follower.c.actor)
        .where(review_follower.c.group_id == _id)
        .order_by(review_follower.c.actor)
    )
)


def group(group_id: str, *, lock: bool = False) -> Script[Group]:
    """Return a group with its cases and followers. NotFoundError.

    `lock`: nobody else changes it until this transaction ends.
    """
    rows = yield (_LOCKED if lock else _ONE)(id=group_id)
    if not rows:
        raise NotFoundError("no such group")
    members = yield _MEMBERS(id=group_id)
    followers = yield _FOLLOWERS(id=group_id)
    return replace(
        _group(rows[0]),
        cases=tuple(bytes(row[0]) for row in members),
        followers=tuple(row[0] for row in followers),
    )


def _group(row: Row) -> Group:
    id_, display_name, description, assignee, created_at, updated_at, revision = row
    return Group(id_, display_name, description, assignee, created_at, updated_at, revision)


def groups(wanted: GroupFilter, after: tuple[int, str] | None, most: int) -> Script[list[Group]]:
    """Return groups, those changed last first, after the time and id of one; without members."""
    where: list[sa.ColumnElement[bool]] = []
    if wanted.assignee:
        where.append(_of.assignee == wanted.assignee)
    if wanted.follower:
        where.append(
            sa.exists(
                sa.select(review_follower.c.actor).where(
                    review_follower.c.group_id == _of.id,
                    review_follower.c.actor == wanted.follower,
                )
            )
        )
    if after is not None:
        at, id_ = after
        where.append(sa.or_(_of.updated_at < at, sa.and_(_of.updated_at == at, _of.id < id_)))
    asked = (
        sa.select(*_COLUMNS).where(*where).order_by(_of.updated_at.desc(), _of.id.desc())
    ).limit(most)
    rows = yield one_off(asked)
    found = []
    for row in rows:
        followers = yield _FOLLOWERS(id=row[0])
        found.append(replace(_group(row), followers=tuple(each[0] for each in followers)))
    return found


def make(
    request: Once, new: Group, actor: str, encode: Encode, due: DueTimes, now: int
) -> Script[Group]:
    """Make a group of cases, which its maker follows. NotFoundError for a case."""
    done = yield from once.done_before(request)
    if done is not None:
        return (yield from group(done.decode()))
    yield _MAKE.each(
        [
            {
                "id": new.id,
                "created_at": now,
                "updated_at": now,
                "revision": 1,
                "display_name": new.display_name,
                "description": new.description,
                "assignee": new.assignee,
            }
        ]
    )
    yield _FOLLOW.each([{"group_id": new.id, "actor": actor}])
    moved = yield from _move(new.cases, new.id, actor, encode, due, now)
    made = TrailEntry(now, actor, "grouped", summary=f"{new.display_name}: {len(new.cases)}")
    yield from tell(moved, [made], now)
    yield from once.keep(request, new.id.encode(), now)
    return (yield from group(new.id))


def change(
    request: Once,
    group_id: str,
    revision: int | None,
    wanted: GroupChange,
    actor: str,
    encode: Encode,
    due: DueTimes,
    now: int,
) -> Script[Group]:
    """Change a group that is still in `revision`. CaseChangedError, NotFoundError."""
    done = yield from once.done_before(request)
    if done is not None:
        return (yield from group(done.decode()))
    before = yield from group(group_id, lock=True)
    if revision is not None and before.revision != revision:
        raise CaseChangedError("somebody changed this group since you looked at it")
    if wanted.followed is True:
        yield _FOLLOW.each([{"group_id": group_id, "actor": actor}])
    elif wanted.followed is False:
        yield _UNFOLLOW(id=group_id, actor=actor)
    moved = yield from _move(wanted.added, group_id, actor, encode, due, now)
    leaving = [each for each in wanted.removed if each in before.cases]
    moved += yield from _move(leaving, "", actor, encode, due, now)
    yield _CHANGE(
        id=group_id,
        display_name=_or(wanted.display_name, before.display_name),
        description=_or(wanted.description, before.description),
        assignee=_or(wanted.assignee, before.assignee),
        updated_at=now,
    )
    given: list[TrailEntry] = []
    if wanted.assignee is not None and wanted.assignee != before.assignee:
        summary = f"{before.display_name}: {wanted.assignee}"
        given.append(TrailEntry(now, actor, "reassigned", summary=summary))
    yield from tell(moved, given, now)
    yield from once.keep(request, group_id.encode(), now)
    return (yield from group(group_id))


def _or(given: str | None, before: str) -> str:
    return before if given is None else given


def _move(
    decision_ids: Sequence[bytes],
    group_id: str,
    actor: str,
    encode: Encode,
    due: DueTimes,
    now: int,
) -> Script[list[Act]]:
    """Put cases into a group, or out of theirs, which changes those too."""
    left: set[str] = set()

    def decide(case: CaseSummary, _: Standing) -> Act:
        of = (case.decision_id, case.case_number)
        entries = []
        if case.group and case.group != group_id:
            left.add(case.group)
            entries.append(TrailEntry(now, actor, "ungrouped", *of, case.group))
        if group_id:
            entries.append(TrailEntry(now, actor, "grouped", *of, group_id))
        return Act(replace(case, group=group_id), tuple(entries))

    # In order: two who move the same cases must not wait for each other.
    moved = []
    for decision_id in sorted(set(decision_ids)):
        moved.append((yield from do(decision_id, None, decide, encode, due, now)))
    for other in sorted(left):
        yield _LEFT(id=other, updated_at=now)
    return moved
