"""Fills a service's stores with what years of business leave in them, faster than business does."""

import os
import socket
import sqlite3
import struct
import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Final

import hiredis

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.records import RETENTION, WIDTH, stored_time
from sekisho.adapters.sql.basis import KnownBases
from sekisho.adapters.sql.encode_account import AccountEncoder
from sekisho.adapters.sql.fact_set import FactSet
from sekisho.adapters.sql.migrate import upgrade
from sekisho.adapters.sql.record import Recording
from sekisho.domain.facts import FACTS
from sekisho.domain.velocity import DAY_MS, Dimension
from tests.adapters.sql import samples

_BUCKETS: Final = 65_536
_TOGETHER: Final = 2_000
_KINDS: Final = 1_000
"""Different decisions, of which the others are copies under ids of their own."""
_NEW_EACH_TIME: Final = tuple(
    d for d in Dimension if d not in (Dimension.SHOP, Dimension.TERMINAL, Dimension.CLERK)
)


def _send(port: int, commands: Iterable[tuple[bytes | str | int, ...]]) -> None:
    """Send commands, many at a time. Raises the first error that comes back."""
    source = iter(commands)
    with socket.create_connection(("127.0.0.1", port)) as there:
        reader = hiredis.Reader()
        while some := list(islice(source, _TOGETHER)):
            there.sendall(_packed(some))
            left = len(some)
            while left:
                reader.feed(there.recv(1 << 20))
                while (reply := reader.gets()) is not False:
                    if isinstance(reply, hiredis.ReplyError):
                        raise reply
                    left -= 1


def _packed(commands: Iterable[tuple[bytes | str | int, ...]]) -> bytes:
    # The stub says that a command is one word.
    return b"".join(hiredis.pack_command(each) for each in commands)  # type: ignore[arg-type]


def watch(port: int, entries: int) -> None:
    """Put watched fingerprints into the cache that belong to a list of long ago."""
    each = max(1, entries // _BUCKETS)

    def commands() -> Iterator[tuple[bytes, ...]]:
        for bucket in range(_BUCKETS):
            key = keys.bucket_key(bucket.to_bytes(2, "big") + bytes(14))
            fields = os.urandom(8 * each)
            pairs = ((fields[n : n + 8], b"\x00\x01") for n in range(0, len(fields), 8))
            yield (b"HSET", key, *chain.from_iterable(pairs))

    _send(port, commands())


def retain(port: int, assessments: int) -> None:
    """Count assessments of the last ninety days in the cache, each of somebody new."""
    now = time.time_ns() // 1_000_000

    def commands() -> Iterator[tuple[bytes | int, ...]]:
        for number in range(assessments):
            age = 90 * DAY_MS * number // assessments
            head = stored_time(now - age) + os.urandom(8) + b"\x01\x0a"
            for dimension in _NEW_EACH_TIME:
                record = head + os.urandom(WIDTH[dimension] - len(head))
                key = keys.tries_key(dimension, os.urandom(16))
                yield (b"SET", key, record, b"PX", RETENTION[dimension] - age)

    _send(port, commands())


def record(path: Path, decisions: int) -> None:
    """Make a ledger with decisions of a year ago, which are indexed already."""
    upgrade(f"sqlite:///{path}")
    connection = sqlite3.connect(path, isolation_level=None)
    run = connection.execute
    # Spread evenly, as the keyed ids are, and in order, which is faster to write.
    spread = (1 << 64) // decisions
    connection.create_function("id_of", 1, lambda n: struct.pack(">QQ", n * spread, n))
    for pragma in ("synchronous=OFF", "cache_size=-1000000", "locking_mode=EXCLUSIVE"):
        run(f"PRAGMA {pragma}")
    encode = AccountEncoder(FactSet.of(tuple(FACTS)), KnownBases())
    kinds = [Recording.of(samples.decision(("long ago", n)), encode).row for n in range(_KINDS)]
    names = list(kinds[0])
    run(f"CREATE TEMP TABLE kind (n INTEGER PRIMARY KEY, {', '.join(names)})")
    run("BEGIN")
    connection.executemany(
        f"INSERT INTO kind VALUES (?{', ?' * len(names)})",
        [(n, *row.values()) for n, row in enumerate(kinds)],
    )
    long_ago = time.time_ns() // 1_000_000 - 365 * DAY_MS
    made = {"id": "id_of(s.n)", "request_id": "id_of(s.n)", "decided_at": f"{long_ago} + s.n"}
    picked = ", ".join(made.get(name, f"k.{name}") for name in names)
    run(
        "WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n + 1 < ?)"
        f" INSERT INTO decision ({', '.join(names)}) SELECT {picked}"
        f" FROM s CROSS JOIN kind k WHERE k.n = s.n % {_KINDS}",
        (decisions,),
    )
    run("INSERT INTO review_place (name, decisions, events) VALUES ('index', ?, 0)", (decisions,))
    run("COMMIT")
    run("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
