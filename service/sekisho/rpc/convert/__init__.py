"""Proto to domain and back: one module a family of messages."""
