"""What all tables share: the metadata and the types of columns."""

from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

T = TypeVar("T")

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

Bytes = sa.LargeBinary
Int = sa.BigInteger
Small = sa.SmallInteger
Text = sa.Text

Sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A feed's row number: in SQLite the rowid; in PostgreSQL made by `feed_seq` (feed_order.py)."""


def flag(name: str) -> sa.Column[bool]:
    """Declare a column that is true or false: 0 or 1 in SQLite."""
    return sa.Column(name, sa.Boolean(create_constraint=False), nullable=False)


def required(name: str, type_: TypeEngine[T] | type[TypeEngine[T]]) -> sa.Column[T]:
    """Declare a column that always has a value."""
    return sa.Column(name, type_, nullable=False)
