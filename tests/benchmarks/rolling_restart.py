"""What a relief of two workers costs callers: `python -m tests.benchmarks.rolling_restart`.

Prints, for a bare client, for one with the published service config and for sekisho.client, how
many calls were answered and how the others ended. Long-lived connections, and one for each three
calls: those find the sockets that are about to close.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from sekisho.adapters.sql.migrate import upgrade
from tests.support import crew, postgres
from tests.support.crew import Crewed
from tests.support.load import Through, load


async def measure(served: Crewed, times: int, through: Through, calls_each: int | None) -> None:
    """Relieve the workers so many times under load, and print what became of the calls."""
    async with load(
        served.address, through=through, channels=16, pause=0.02, calls_each=calls_each
    ) as calls:
        await calls.answered(50)
        for _ in range(times):
            await asyncio.to_thread(served.relieve)
        await calls.answered(50)
    kind = f"{calls_each} calls a connection" if calls_each else "long-lived connections"
    print(
        f"{through.value:15} {kind:26} {len(calls.answers):6} answered"
        f" on {calls.connections} connections,"
        f" {sum(calls.failed.values())} failed {dict(calls.failed) or ''}",
        flush=True,
    )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3, help="reliefs of both workers")
    parser.add_argument("--drain", default="0", help="SEKISHO_DRAIN_WAIT_SECONDS")
    given = parser.parse_args()
    with postgres.running() as server, tempfile.TemporaryDirectory() as folder:
        url = server.url(server.new_database())
        upgrade(url)
        drain = {"drain_wait_seconds": given.drain}
        with crew.serving(Path(folder), url, given=drain) as served:
            for calls_each in (None, 3):
                for through in Through:
                    asyncio.run(measure(served, given.times, through, calls_each))


if __name__ == "__main__":
    main()
