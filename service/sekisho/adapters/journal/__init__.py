"""The journal in a file: where decisions are durable while the ledger is away."""
