"""Seals the request of an open step-up with AES-256-GCM."""

import os

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sekisho.application.ports.change_sealer import OpenRequest
from sekisho.domain.errors import UnavailableError

_NONCE = 12
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(OpenRequest)


class AesGcmChangeSealer:
    """Implements ChangeSealer. `keys` are 32 bytes each by id, the newest first.

    The decision's id is authenticated with the text, so that a sealed request opens for its own
    decision only. Older keys still open what they sealed: step-ups live for minutes.
    """

    def __init__(self, keys: tuple[bytes, ...]) -> None:
        self._ciphers = tuple(AESGCM(key) for key in keys)

    def seal(self, decision_id: bytes, request: OpenRequest) -> bytes:
        """Encrypt a request: nonce, then ciphertext with its tag."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, _ENCODER.encode(request), decision_id)

    def open(self, decision_id: bytes, sealed: bytes) -> OpenRequest:
        """Decrypt a request. UnavailableError when no key at hand opens it."""
        for cipher in self._ciphers:
            try:
                text = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], decision_id)
            except InvalidTag:
                continue
            return _DECODER.decode(text)
        raise UnavailableError("the request of this step-up was sealed with a key not at hand")
