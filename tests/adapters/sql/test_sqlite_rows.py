"""Rows that SQLite inserts together are those that it inserts one by one."""

import sqlite3
from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from sekisho.adapters.sql import sqlite_connection
from sekisho.adapters.sql.schema import metadata, request_once
from sekisho.adapters.sql.statements import Dialect, Row, Statement, Value, insert_each

COLUMNS = ("caller", "request_id", "body_digest", "result", "at")
KEYS = ("caller", "request_id")
STATEMENTS = {
    "counts": insert_each(request_once, unless=KEYS),
    "tells which": insert_each(request_once, unless=KEYS, returning=("request_id",)),
    "replaces": insert_each(request_once, unless=KEYS, replacing=("result",)),
    "on a condition": insert_each(
        request_once,
        unless=KEYS,
        returning=("request_id",),
        condition=lambda keys: keys["at"] != sa.literal_column("3"),
    ),
}

numbers = st.lists(st.integers(0, 400), unique=True, max_size=200)


def row(number: int, result: bytes = b"new") -> dict[str, Value]:
    return {
        "caller": "shop",
        "request_id": number.to_bytes(16, "big"),
        "body_digest": b"d",
        "result": result,
        "at": number % 5,
    }


def ledger(kept: Sequence[int]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    engine = sa.create_engine("sqlite://", creator=lambda: connection)
    metadata.create_all(engine, tables=[request_once])
    for number in kept:
        run(connection, STATEMENTS["counts"], [row(number, b"old")])
    connection.execute("BEGIN")
    return connection


def run(
    connection: sqlite3.Connection, statement: Statement, rows: Sequence[dict[str, Value]]
) -> list[Row]:
    return sqlite_connection.execute(connection, statement.each(rows))


def content(connection: sqlite3.Connection) -> list[Row]:
    order = "SELECT * FROM request_once ORDER BY request_id"
    return connection.execute(order).fetchall()


@pytest.mark.parametrize("what", STATEMENTS)
@given(numbers, numbers)
def test_many_rows_at_once_do_what_they_do_one_by_one(
    what: str, kept: list[int], new: list[int]
) -> None:
    rows = [row(number) for number in new]
    together, singly = ledger(kept), ledger(kept)
    told = run(together, STATEMENTS[what], rows)
    alone = [run(singly, STATEMENTS[what], [each]) for each in rows]
    assert content(together) == content(singly)
    if "request_id" in STATEMENTS[what].compiled(Dialect.SQLITE).returning:
        assert sorted(told) == sorted(one for some in alone for one in some)
    elif rows:
        assert told[0][0] == sum(one[0][0] for one in alone)
    together.close()
    singly.close()
