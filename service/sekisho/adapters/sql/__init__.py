"""The ledger in SQLite or PostgreSQL: the record."""
