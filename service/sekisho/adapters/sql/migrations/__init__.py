"""The ledger's schema, step by step: run by sekisho.adapters.sql.migrate, not by hand."""
