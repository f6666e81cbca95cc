"""What many decisions share: rules as they fire, policy and watchlist versions, fact names.

Each is kept once, under the digest of its content, and before the first row that refers to it.
Rows refer to it by the digest: eight bytes instead of a hundred.
"""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from typing import Any

import sqlalchemy as sa

from sekisho.adapters.sql.schema import basis
from sekisho.adapters.sql.scripts import Script
from sekisho.adapters.sql.statements import Dialect, Statement, insert_each

DIGEST_BYTES = 8
_MOST_KNOWN = 10_000

_KEEP = insert_each(basis, unless=("digest",))


def _contents(dialect: Dialect) -> sa.Select[Any]:
    keys = dialect.keys(basis.c.digest)
    return sa.select(basis.c.digest, basis.c.content).where(basis.c.digest == keys["digest"])


_CONTENTS = Statement(_contents)

New = dict[Hashable, tuple[bytes, bytes]]
"""Digest and content of what may not be kept yet, by what it stands for."""


def digest(content: bytes) -> bytes:
    """Return what rows refer to content by."""
    return hashlib.sha256(content).digest()[:DIGEST_BYTES]


class KnownBases:
    """What this process has seen kept."""

    def __init__(self) -> None:
        self._digests: dict[Hashable, bytes] = {}

    def refer(self, what: Hashable, make: Callable[[], bytes], new: New) -> bytes:
        """Return the digest of `what`; `make` makes its content, which joins `new` unless it is
        known to be kept."""
        known = self._digests.get(what)
        if known is not None:
            return known
        content = make()
        name = digest(content)
        new[what] = (name, content)
        return name

    def kept(self, new: New) -> None:
        """A commit kept these."""
        if len(self._digests) > _MOST_KNOWN:
            self._digests.clear()
        self._digests.update((what, name) for what, (name, _) in new.items())


def keep(*news: New) -> Script[None]:
    """Keep what is new."""
    contents = {name: content for new in news for name, content in new.values()}
    if contents:
        # In order: two workers that keep the same ones must not wait for each other.
        yield _KEEP.each([{"digest": d, "content": c} for d, c in sorted(contents.items())])


def contents_of(digests: set[bytes]) -> Script[Mapping[bytes, bytes]]:
    """Return the contents that these digests name."""
    rows = yield _CONTENTS.each([{"digest": each} for each in sorted(digests)])
    return {bytes(name): bytes(content) for name, content in rows}
