"""Watchlists as others publish them, read row by row into entries that sekisho takes."""
