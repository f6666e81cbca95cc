"""Shops and their usual rates."""

import sqlalchemy as sa

from sekisho.adapters.sql.schema.base import Bytes, Text, metadata, required

shop = sa.Table(
    "shop",
    metadata,
    sa.Column("id", Text, primary_key=True),
    required("content", Bytes),
    sqlite_with_rowid=False,
)

shop_day = sa.Table(
    "shop_day",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("shop", Text, primary_key=True),
    required("tries", sa.Integer),
    required("clerks", sa.Integer),
    sqlite_with_rowid=False,
)
"""A shop's tries on one day in Japan, and how many clerks made them. A day is days since
1970-01-01."""

counted_day = sa.Table(
    "counted_day",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
)
"""The days that are counted, also those without a try."""
