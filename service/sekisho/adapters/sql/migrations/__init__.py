"""The ledger's schema, step by step: run by sekisho.adapters.sql.migrate, not by hand.

There is no way down: what a step added would be lost. Restore a backup instead.
"""
