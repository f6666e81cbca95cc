"""Signing in to the console: by a one-time link, or at an OpenID Connect issuer."""

from sekisho.console.sign_in.door import SignIn
from sekisho.console.sign_in.links import new_link

__all__ = ["SignIn", "new_link"]
