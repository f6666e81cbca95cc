"""`sekisho` as a process that tells on SIGUSR1 how many tasks its event loop has.

`python -m tests.support.observed FILE KIB serve …` is `sekisho serve …` but for that: the answer
is written into FILE. The product has no such window, and needs none. Where KIB is not 0, SQLite's
connections keep so many KiB of pages each: caches that are soon full hide no leak.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import uvloop

from sekisho.adapters.sql import sqlite_connection
from sekisho.cli.main import run

_run = uvloop.run


def _told(file: Path, loop: asyncio.AbstractEventLoop) -> None:
    written = file.with_suffix(".written")
    written.write_text(json.dumps({"tasks": len(asyncio.all_tasks(loop))}))
    written.replace(file)


def main() -> None:
    """Run the command with the window open."""
    file, kib = Path(sys.argv[1]), int(sys.argv[2])
    if kib:
        sqlite_connection.WRITER_CACHE_KIB = sqlite_connection.READER_CACHE_KIB = kib

    async def observed(work: Coroutine[Any, Any, Any]) -> Any:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, _told, file, loop)
        return await work

    def run_observed(work: Coroutine[Any, Any, Any]) -> Any:
        return _run(observed(work))

    uvloop.run = run_observed  # type: ignore[assignment]
    sys.exit(run(sys.argv[3:]))


if __name__ == "__main__":
    main()
