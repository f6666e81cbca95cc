"""The ports' implementations over Redis, SQL and CEL."""
