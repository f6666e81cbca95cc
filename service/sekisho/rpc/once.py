"""What makes a changing call idempotent, from the request."""

from collections.abc import Callable
from hashlib import sha256
from typing import Protocol

from google.protobuf.message import Message

from sekisho.application.ports.ledger import Once
from sekisho.rpc.convert import names
from sekisho.rpc.convert.violations import Violations

Digest = Callable[[bytes], bytes]
"""The keyed digest (HMAC) of a request's deterministic serialisation."""


class Repeatable(Protocol):
    """A request with an id of its own."""

    @property
    def request_id(self) -> str:
        """A UUID."""

    def SerializeToString(self, *, deterministic: bool = ...) -> bytes:
        """Return the message's bytes."""


def once(violations: Violations, request: Repeatable, caller: str, digest: Digest) -> Once:
    """Return what tells a repeat of this request from another one.

    `caller` is the scope of its id: the shop at a counter, the identity's name elsewhere.
    """
    return Once(
        caller,
        violations.read("request_id", names.request_id, request.request_id, ""),
        digest(request.SerializeToString(deterministic=True)),
    )


class StreamDigest:
    """The digest of a stream: of what it carries, however it is cut into messages."""

    def __init__(self, head: str) -> None:
        self._hash = sha256(head.encode())

    def add(self, message: Message) -> None:
        """Take the next element."""
        body = message.SerializeToString(deterministic=True)
        self._hash.update(len(body).to_bytes(8, "big"))
        self._hash.update(body)

    def made(self, digest: Digest) -> bytes:
        """Return the keyed digest of all that was taken."""
        return digest(self._hash.digest())
