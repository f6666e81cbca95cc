"""Pages of a list, and the opaque tokens that lead from one to the next."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from sekisho.rpc.convert.violations import Violations

DEFAULT_SIZE: Final = 50
MOST_SIZE: Final = 1_000

_VERSION = b"\x01"
_CHECK_BYTES = 4

T = TypeVar("T")


class Paged(Protocol):
    """A request for a page."""

    @property
    def page_size(self) -> int:
        """The most to return; 0 for the default."""

    @property
    def page_token(self) -> str:
        """From the answer before; empty for the first page."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked for: up to `size` after the key `after`, which is empty at the beginning.

    `scope` names the list, so that another list's token is refused.
    """

    scope: str
    size: int
    after: bytes

    @property
    def most(self) -> int:
        """One more than fits: it tells whether there is a next page."""
        return self.size + 1

    def cut(self, found: Sequence[T]) -> Sequence[T]:
        """Return what fits on this page."""
        return found[: self.size]

    def next_token(self, found: Sequence[object], last_key: bytes) -> str:
        """Return the token of the page after `last_key`, empty where this one is the last."""
        return token(self.scope, last_key) if len(found) > self.size else ""


def page(violations: Violations, request: Paged, scope: str) -> Page:
    """Return the page that a request asks for; a token that is none is a violation."""
    size = min(request.page_size, MOST_SIZE) or DEFAULT_SIZE
    after = b""
    if request.page_token and "page_token" not in violations:
        key = _key(scope, request.page_token)
        if key is None:
            violations.add("page_token", "expected the token of the answer before, for this list")
        else:
            after = key
    return Page(scope, size, after)


def token(scope: str, key: bytes) -> str:
    """Return the token that goes on after `key`."""
    raw = _VERSION + _check(scope, key) + key
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _key(scope: str, text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    check, key = raw[1 : 1 + _CHECK_BYTES], raw[1 + _CHECK_BYTES :]
    return key if raw[:1] == _VERSION and key and check == _check(scope, key) else None


def _check(scope: str, key: bytes) -> bytes:
    # Against mix-ups, not forgers: a key opens nothing that its caller may not list anyway.
    return zlib.crc32(scope.encode() + b"\0" + key).to_bytes(_CHECK_BYTES, "big")
