"""Signed words between the processes of one installation: they read the same keys.

A token is `sekisho.{payload}.{HMAC-SHA-256}`, both base64url. Its purpose is under the signature
and not in it, so that a link can never pass as what the link is exchanged for.
"""

import base64
import binascii
import hmac
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Purpose = Literal["analyst", "link"]
"""A bearer token that names an analyst to the API; a one-time link to the console."""

KEY_PURPOSE: Final = "console"
"""What the key of tokens is derived for, from each key of the fingerprints."""
COOKIE_PURPOSE: Final = "console-cookie"
"""What the key of the console's cookies is derived for."""

PREFIX: Final = "sekisho."
LEEWAY_SECONDS: Final = 60.0
"""How far the clocks of two machines may be apart."""
MOST_TOKEN_CHARACTERS: Final = 1024

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_TOKEN: Final = re.compile(r"sekisho\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})")


class TokenError(Exception):
    """The token does not count; the text says why, and repeats nothing of it."""


class IssuerUnavailableError(Exception):
    """The issuer does not answer, or not as one should: nobody can be told from a token now."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says. Times are Unix seconds; `id` is random and never given twice."""

    name: str
    issued: float
    until: float
    id: str


def analyst_name(text: str) -> str:
    """Return the name of an analyst: 1 to 100 letters, digits and `. _ @ + -`.

    Any other raises ValueError. It is refused rather than mended, lest two people become one.
    """
    if not _NAME.fullmatch(text):
        raise ValueError(
            "an analyst's name has 1 to 100 letters, digits and . _ @ + -, and begins with a "
            "letter or digit"
        )
    return text


class Tokens:
    """Issues and reads tokens."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take the keys: the first issues, and what any of them issued counts."""
        self._keys = tuple(keys)

    def issue(self, purpose: Purpose, name: str, now: float, seconds: float) -> str:
        """Return a token that holds for so many seconds. `now` is Unix seconds."""
        payload = _encode(
            json.dumps(
                {"n": name, "i": now, "u": now + seconds, "j": secrets.token_urlsafe(12)},
                separators=(",", ":"),
            ).encode()
        )
        return f"{PREFIX}{payload}.{_encode(_digest(self._keys[0], purpose, payload))}"

    def read(self, purpose: Purpose, token: str, now: float) -> Token:
        """Return what a token of this purpose says. Raises TokenError where it does not count."""
        found = _TOKEN.fullmatch(token) if len(token) <= MOST_TOKEN_CHARACTERS else None
        if not found:
            raise TokenError("it is no token of this service")
        payload, given = found.groups()
        # Every key is tried, and compared as text that is unique for its bytes.
        right = [
            hmac.compare_digest(given, _encode(_digest(key, purpose, payload)))
            for key in self._keys
        ]
        if not any(right):
            raise TokenError("its signature is wrong")
        said = _decode(payload)
        if said.issued > now + LEEWAY_SECONDS:
            raise TokenError("it is of the future: the clocks are apart")
        if said.until <= now:
            raise TokenError("it has expired")
        return said


def _decode(payload: str) -> Token:
    try:
        said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return Token(
            analyst_name(str(said["n"])), float(said["i"]), float(said["u"]), str(said["j"])
        )
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise TokenError("it says nothing that can be read") from None


def _digest(key: bytes, purpose: Purpose, payload: str) -> bytes:
    return hmac.digest(key, f"{purpose}\0{payload}".encode(), "sha256")


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
