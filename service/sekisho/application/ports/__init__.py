"""What the use cases need from outside, in the domain's words."""

Fingerprint = bytes
"""A keyed pseudonym: 16 bytes. Its first byte is the tag of its keys in the cache."""
