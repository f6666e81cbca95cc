"""Reads a published list and streams it to the server, counting what became of every row."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import grpc

from sekisho.cli import requests
from sekisho.cli.client import Connection, failure
from sekisho.cli.failures import CommandError
from sekisho.cli.sources import formats
from sekisho.cli.sources.rows import Row, SourceError
from sekisho.v1.watchlist_pb2 import (
    ImportWatchlistEntriesRequest,
    ImportWatchlistEntriesResponse,
    WatchlistEntry,
)
from sekisho.v1.watchlist_pb2_grpc import WatchlistServiceStub

BATCH_ENTRIES = 2_000
BATCH_BYTES = 1024 * 1024
EXAMPLES = 5


@dataclass(slots=True)
class Tally:
    """What became of the rows. Examples are row numbers: no identifier is kept."""

    rows: int = 0
    used_rows: int = 0
    entries: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    weakened: Counter[str] = field(default_factory=Counter)
    examples: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    started: float = field(default_factory=time.monotonic)

    def count(self, row: Row) -> None:
        """Count one row."""
        self.rows += 1
        self.used_rows += bool(row.entries)
        self.entries += len(row.entries)
        for entry in row.entries:
            self.kinds[entry.identifier.WhichOneof("kind") or ""] += 1
        if row.skipped:
            self.skipped.update(row.skipped)
        if row.weakened:
            self.weakened.update(row.weakened)
        for why in (*row.skipped, *row.weakened):
            examples = self.examples[why]
            if len(examples) < EXAMPLES and row.number not in examples:
                examples.append(row.number)

    @property
    def seconds(self) -> float:
        """Time since the first row."""
        return time.monotonic() - self.started


Watcher = Callable[[Tally, int], None]
"""Called once a batch, with the counts so far and the bytes read so far."""


def batches(
    file: BinaryIO, options: formats.Options, tally: Tally, watcher: Watcher
) -> Iterator[list[WatchlistEntry]]:
    """Read a file in batches of entries that fit into one message. Raises SourceError."""
    batch: list[WatchlistEntry] = []
    size = 0
    for row in formats.read(file, options):
        tally.count(row)
        for entry in row.entries:
            batch.append(entry)
            size += entry.ByteSize()
        if len(batch) >= BATCH_ENTRIES or size >= BATCH_BYTES:
            watcher(tally, file.tell())
            yield batch
            batch, size = [], 0
    watcher(tally, file.tell())
    if batch:
        yield batch


def dry_run(path: Path, options: formats.Options, watcher: Watcher) -> Tally:
    """Read a file without sending anything. Raises CommandError."""
    tally = Tally()
    with _opened(path) as file:
        try:
            for _ in batches(file, options, tally, watcher):
                pass
        except SourceError as error:
            raise CommandError(f"{path}: {error}") from None
    return tally


_LOOK_SECONDS = 0.5


def send(
    opened: grpc.Channel,
    connection: Connection,
    parent: str,
    path: Path,
    options: formats.Options,
    watcher: Watcher,
) -> tuple[Tally, ImportWatchlistEntriesResponse]:
    """Replace a list's entries by those of a file: all or nothing. Raises CommandError."""
    tally = Tally()
    failed: list[CommandError] = []

    def stream(file: BinaryIO) -> Iterator[ImportWatchlistEntriesRequest]:
        # What goes wrong here cancels the call, and the list stays as it is; why is kept aside.
        first = ImportWatchlistEntriesRequest(request_id=requests.new_request_id(), parent=parent)
        try:
            for batch in batches(file, options, tally, watcher):
                first.entries.extend(batch)
                yield first
                first = ImportWatchlistEntriesRequest()
            if not tally.entries:
                raise SourceError("holds no entry that can be used; the list stays as it is")
        except SourceError as error:
            failed.append(CommandError(f"{path}: {error}"))
            raise

    with _opened(path) as file:
        # Without a deadline: a list takes the time that it takes. Looked at now and then, because
        # gRPC can wait for ever on a stream whose reader failed before its call had begun.
        call = WatchlistServiceStub(opened).ImportWatchlistEntries.future(
            stream(file), metadata=connection.metadata
        )
        while True:
            try:
                return tally, call.result(timeout=_LOOK_SECONDS)
            except grpc.FutureTimeoutError:
                if failed:
                    call.cancel()
                    raise failed[0] from None
            except grpc.FutureCancelledError:
                raise (failed[0] if failed else CommandError("the import was cancelled")) from None
            except grpc.RpcError as error:
                raise (failed[0] if failed else failure(error, connection)) from None


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror}") from None
