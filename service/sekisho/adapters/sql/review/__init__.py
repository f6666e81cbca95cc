"""The fraud team's desk in the ledger."""
