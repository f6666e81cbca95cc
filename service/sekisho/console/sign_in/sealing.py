"""Cookies that only the console can read: AES-256-GCM under a key of its own."""

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES: Final = 12
_MOST_CHARACTERS: Final = 4096


class Sealing:
    """Seals what a cookie says, and opens it again. `purpose` keeps kinds of cookies apart."""

    def __init__(self, key: bytes) -> None:
        """Take 32 bytes."""
        self._cipher = AESGCM(key)

    def seal(self, purpose: str, said: Mapping[str, object]) -> str:
        """Return a cookie's value."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = json.dumps(said, separators=(",", ":")).encode()
        sealed = nonce + self._cipher.encrypt(nonce, body, purpose.encode())
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, purpose: str, value: str) -> dict[str, Any] | None:
        """Return what a cookie says; None for any that was not sealed here for this purpose."""
        if not value or len(value) > _MOST_CHARACTERS:
            return None
        try:
            sealed = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
            body = self._cipher.decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode()
            )
        except (ValueError, InvalidTag):
            return None
        said: dict[str, Any] = json.loads(body)
        return said
