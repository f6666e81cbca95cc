"""Shops, and how often each is usually asked."""

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec
import sqlalchemy as sa

from sekisho.adapters.sql import counters, once, usual_rates
from sekisho.adapters.sql.schema import shop
from sekisho.adapters.sql.scripts import Database, Script
from sekisho.adapters.sql.statements import Dialect, Statement, insert_each
from sekisho.adapters.sql.wire import decoder, encode
from sekisho.application.ports.ledger import Once
from sekisho.application.ports.shops import Shop, UsualRate, WeeklyHours
from sekisho.domain.errors import NotFoundError

REVISION = "shops"

Hours = tuple[tuple[int, int, int], ...]


class ShopWire(msgspec.Struct, array_like=True, frozen=True):
    """A shop as it is kept. Fields are only ever added at the end, with a default."""

    display_name: str
    prefecture: str
    opening_hours: Hours
    terminals: tuple[str, ...]
    clerk_shifts: dict[str, Hours] | None


_READ = decoder(ShopWire)
_READ_COUNTS = decoder(tuple[int, int, int])

_REPLACE = insert_each(shop, unless=("id",), replacing=("content",))
_IDS = Statement(lambda _: sa.select(shop.c.id))
_ALL = Statement(lambda _: sa.select(shop.c.id, shop.c.content).order_by(shop.c.id))
_GET = Statement(
    lambda _: sa.select(shop.c.id, shop.c.content).where(
        shop.c.id == sa.bindparam("id", type_=sa.Text)
    )
)
_LIST = Statement(
    lambda _: (
        sa.select(shop.c.id, shop.c.content)
        .where(shop.c.id > sa.bindparam("id", type_=sa.Text))
        .order_by(shop.c.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
)


def _remove(dialect: Dialect) -> sa.Delete:
    keys = dialect.keys(shop.c.id)
    return sa.delete(shop).where(shop.c.id == keys["id"])


_REMOVE = Statement(_remove)


class SqlShops:
    """Implements ShopLedger."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def replace(self, once: Once, shops: Sequence[Shop], now: int) -> tuple[int, int, int]:
        """Replace all shops; return how many were added, removed and kept."""
        rows = {each.id: _content(each) for each in shops}
        return await self._database.write(partial(_replace_all, once, rows, now))

    async def get(self, shop_id: str) -> Shop:
        """Return a shop."""
        return await self._database.read(partial(_get, shop_id))

    async def list(self, after: str, most: int) -> Sequence[Shop]:
        """Return shops by id, after the given one."""
        return await self._database.read(partial(_list, after, most))

    async def revision(self) -> int:
        """Return a number that changes whenever shops or their usual rates change."""
        return await self._database.read(partial(counters.value, REVISION))

    async def all(self) -> tuple[int, Mapping[str, Shop], Mapping[str, UsualRate]]:
        """Return the revision, all shops and their usual rates."""
        return await self._database.read(_all, snapshot=True)

    async def count_days(self, now: int) -> int:
        """Count the tries of every past day that is not counted yet."""
        counted = 0
        for day in await self._database.read(partial(usual_rates.uncounted, now), snapshot=True):
            counts = await usual_rates.tries_of(self._database, day)
            counted += await self._database.write(partial(_keep_day, day, counts), background=True)
        return counted


def _replace_all(
    request: Once, shops: Mapping[str, bytes], now: int
) -> Script[tuple[int, int, int]]:
    done = yield from once.done_before(request)
    if done is not None:
        return _READ_COUNTS.decode(done)
    # First: it makes two imports at once follow each other.
    yield from counters.following(REVISION)
    before = {row[0] for row in (yield _IDS())}
    gone = sorted(before - shops.keys())
    yield _REMOVE.each([{"id": each} for each in gone])
    yield _REPLACE.each([{"id": each, "content": shops[each]} for each in sorted(shops)])
    counts = (len(shops.keys() - before), len(gone), len(shops.keys() & before))
    yield from once.keep(request, encode(counts), now)
    return counts


def _keep_day(day: int, counts: Mapping[str, tuple[int, int]]) -> Script[int]:
    """Keep a day's counts, unless another worker did; return how many days that is."""
    if not (yield from usual_rates.keep(day, counts)):
        return 0
    yield from counters.following(REVISION)
    return 1


def _all() -> Script[tuple[int, Mapping[str, Shop], Mapping[str, UsualRate]]]:
    revision = yield from counters.value(REVISION)
    rows = yield _ALL()
    rates = yield from usual_rates.rates()
    return revision, {id_: _shop(id_, content) for id_, content in rows}, rates


def _get(shop_id: str) -> Script[Shop]:
    rows = yield _GET(id=shop_id)
    if not rows:
        raise NotFoundError("no such shop")
    return _shop(*rows[0])


def _list(after: str, most: int) -> Script[Sequence[Shop]]:
    rows = yield _LIST(id=after, most=most)
    return [_shop(id_, content) for id_, content in rows]


def _content(each: Shop) -> bytes:
    shifts = each.clerk_shifts
    return encode(
        ShopWire(
            each.display_name,
            each.prefecture,
            _hours(each.opening_hours),
            tuple(sorted(each.terminals)),
            None if shifts is None else {clerk: _hours(of) for clerk, of in shifts.items()},
        )
    )


def _shop(id_: str, content: bytes) -> Shop:
    wire = _READ.decode(content)
    shifts = wire.clerk_shifts
    return Shop(
        id_,
        wire.display_name,
        wire.prefecture,
        _read_hours(wire.opening_hours),
        frozenset(wire.terminals),
        None if shifts is None else {clerk: _read_hours(of) for clerk, of in shifts.items()},
    )


def _hours(hours: Sequence[WeeklyHours]) -> Hours:
    return tuple((each.weekday, each.opens, each.closes) for each in hours)


def _read_hours(hours: Hours) -> tuple[WeeklyHours, ...]:
    return tuple(WeeklyHours(*each) for each in hours)
