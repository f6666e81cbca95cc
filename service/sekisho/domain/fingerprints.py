"""Fingerprints: keyed pseudonyms of identifiers, and the other keyed digests."""

from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FINGERPRINT_BYTES = 16
BODY_DIGEST_BYTES = 16
TRY_ID_BYTES = 8
DECISION_ID_BYTES = 16
CASE_BYTES = 8
LEAST_KEY_BYTES = 32


class Fingerprinter:
    """Makes fingerprints under a chain of keys.

    `keys` are (id, key) from the oldest to the newest: new = HMAC(k2, HMAC(k1, identifier)),
    HMAC-SHA-256, each link cut to 16 bytes. What is stored under the older keys can so be
    re-keyed without the identifier. To rotate, append a key; an older one must stay.

    What must be recognised again after a rotation (a request's body digest, its try id and its
    decision's id) hangs on the oldest key alone.
    """

    def __init__(self, keys: Sequence[tuple[str, bytes]]) -> None:
        """Raise ValueError for no key, a key under 32 bytes, or an id that is empty or comes
        twice."""
        if not keys:
            raise ValueError("a fingerprint needs a key")
        if any(len(key) < LEAST_KEY_BYTES for _, key in keys):
            raise ValueError(f"a fingerprint key has at least {LEAST_KEY_BYTES} bytes")
        self._keys = dict(keys)
        if len(self._keys) < len(keys) or "" in self._keys:
            raise ValueError("each fingerprint key has an id of its own")
        self.key_id = keys[-1][0]
        """Id of the newest key, in force for new fingerprints."""
        oldest = keys[0][0]
        self._first = HMAC(keys[0][1], SHA256())
        self._links = tuple(HMAC(key, SHA256()) for _, key in keys[1:])
        self._by_kind: dict[str, HMAC] = {}
        self._body = HMAC(self.derive("body-digest", oldest), SHA256())
        self._try = HMAC(self.derive("try-id", oldest), SHA256())
        self._decision = HMAC(self.derive("decision-id", oldest), SHA256())

    def fingerprint(self, kind: str, value: str) -> bytes:
        """Return the 16-byte fingerprint of an identifier in its canonical form.

        `kind` keeps apart equal values that mean different things; it has no NUL.
        """
        base = self._by_kind.get(kind)
        if base is None:
            base = self._prepare(kind)
        mac = base.copy()
        mac.update(value.encode())
        digest = mac.finalize()[:FINGERPRINT_BYTES]
        for link in self._links:
            digest = _digest(link, digest, FINGERPRINT_BYTES)
        return digest

    def rekey(self, fingerprint: bytes, key_id: str) -> bytes:
        """Return a fingerprint made when `key_id` was the newest, as it is under today's chain.

        Raises KeyError for an id that is not in the chain.
        """
        if key_id not in self._keys:
            raise KeyError(key_id)
        for link in self._links[list(self._keys).index(key_id) :]:
            fingerprint = _digest(link, fingerprint, FINGERPRINT_BYTES)
        return fingerprint

    def body_digest(self, serialised: bytes) -> bytes:
        """Return the 16-byte digest that tells a repeated request from another body."""
        return _digest(self._body, serialised, BODY_DIGEST_BYTES)

    def try_id(self, shop: str, request_id: str) -> bytes:
        """Return the 8-byte id of a try: the same for the same shop and request_id."""
        return _digest(self._try, f"{shop}\0{request_id}".encode(), TRY_ID_BYTES)

    def decision_id(self, shop: str, request_id: str) -> tuple[bytes, bytes]:
        """Return the 16 bytes of a decision's id, a UUID of version 8, and 8 bytes for its case
        number: the same for the same shop and request_id, whoever decides and when."""
        request = f"{shop}\0{request_id}".encode()
        digest = _digest(self._decision, request, DECISION_ID_BYTES + CASE_BYTES)
        id_ = bytearray(digest[:DECISION_ID_BYTES])
        id_[6] = id_[6] & 0x0F | 0x80
        id_[8] = id_[8] & 0x3F | 0x80
        return bytes(id_), digest[DECISION_ID_BYTES:]

    def derive(self, purpose: str, key_id: str = "") -> bytes:
        """Return a 32-byte key for another purpose (HKDF-SHA-256), such as sealing.

        From the newest key; to read what an older one wrote, keep and name its `key_id`.
        """
        key = self._keys[key_id or self.key_id]
        return HKDF(SHA256(), 32, salt=None, info=f"sekisho/v1/{purpose}".encode()).derive(key)

    def _prepare(self, kind: str) -> HMAC:
        if "\0" in kind:
            raise ValueError("a kind of fingerprint has no NUL")
        base = self._first.copy()
        base.update(f"{kind}\0".encode())
        self._by_kind[kind] = base
        return base


def _digest(base: HMAC, message: bytes, size: int) -> bytes:
    mac = base.copy()
    mac.update(message)
    return mac.finalize()[:size]
