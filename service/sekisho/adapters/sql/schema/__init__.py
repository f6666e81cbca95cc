"""The ledger's tables: one schema for SQLite and PostgreSQL.

Times are Unix milliseconds, fingerprints 16 bytes, request ids the 16 bytes of their UUID.
"""

from sekisho.adapters.sql.schema.base import metadata
from sekisho.adapters.sql.schema.decisions import (
    basis,
    decision,
    decision_event,
    open_step_up,
    policy,
)
from sekisho.adapters.sql.schema.lines import line_change, line_event, line_record
from sekisho.adapters.sql.schema.review import (
    review_case,
    review_change,
    review_follower,
    review_group,
    review_identifier,
    review_place,
    review_reason,
    review_trail,
)
from sekisho.adapters.sql.schema.shared import counter, request_once
from sekisho.adapters.sql.schema.shops import counted_day, shop, shop_day
from sekisho.adapters.sql.schema.watchlists import (
    watchlist,
    watchlist_entry,
    watchlist_import,
    watchlist_set,
    watchlist_staged,
    watchlist_text,
)

__all__ = [
    "basis",
    "counted_day",
    "counter",
    "decision",
    "decision_event",
    "line_change",
    "line_event",
    "line_record",
    "metadata",
    "open_step_up",
    "policy",
    "request_once",
    "review_case",
    "review_change",
    "review_follower",
    "review_group",
    "review_identifier",
    "review_place",
    "review_reason",
    "review_trail",
    "shop",
    "shop_day",
    "watchlist",
    "watchlist_entry",
    "watchlist_import",
    "watchlist_set",
    "watchlist_staged",
    "watchlist_text",
]
