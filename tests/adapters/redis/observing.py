"""Tries to observe, and what is counted of them."""

import os

from sekisho.application.ports.cache import KeyCounts, Try
from sekisho.domain.velocity import WINDOWS, Attribute, Dimension
from tests.support.valkey import Cached

DOCUMENT = b"\x0d" * 16
LINES = [bytes([n]) * 16 for n in range(1, 9)]
WINDOW_MS = list(WINDOWS.values())


def attempt(
    at: int,
    line: int = 0,
    try_id: bytes | None = None,
    dimensions: tuple[Dimension, ...] = (Dimension.DOCUMENT,),
    reissue: int | None = None,
) -> Try:
    return Try(
        try_id=try_id or os.urandom(8),
        at=at,
        keys=tuple((dimension, DOCUMENT) for dimension in dimensions),
        attributes={Attribute.LINE: LINES[line], Attribute.SHOP: LINES[line]},
        reissue=reissue,
    )


async def counts(redis: Cached, made: Try, **options: object) -> KeyCounts:
    observed = await redis.observe(made, **options)  # type: ignore[arg-type]
    assert len(observed.counts) == 1
    return observed.counts[0]
