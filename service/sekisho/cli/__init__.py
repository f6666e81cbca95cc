"""The sekisho command."""
