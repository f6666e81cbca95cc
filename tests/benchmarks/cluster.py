"""What one observation costs on a cluster of three, beside one server, in one run.

`python -m tests.benchmarks.cluster`: figures of a shared machine move; trust their ratios.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path

import uvloop

from sekisho.application.ports.cache import Watched
from tests.benchmarks.observe import a_try
from tests.support.valkey import Adapters, connected, now_ms
from tests.support.valkey_servers import Server, clustered, started

_ROUNDS = 6
_CALLS = 960


def _spent(servers: list[Server]) -> float:
    """Return the seconds of CPU that processes have used."""
    ticks = 0
    for server in servers:
        fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def _measure(ports: Adapters, servers: list[Server], together: int) -> tuple[float, float]:
    """Return microseconds of CPU an observation, here and in all servers."""

    async def some() -> None:
        for _ in range(_CALLS // together):
            watched = [Watched("line", os.urandom(16), False) for _ in range(8)]
            await ports.observe(a_try(now_ms()), line=os.urandom(16), watched=watched)

    there, here = _spent(servers), time.process_time()
    await asyncio.gather(*(some() for _ in range(together)))
    here, there = time.process_time() - here, _spent(servers) - there
    return here / _CALLS * 1e6, there / _CALLS * 1e6


async def main() -> None:
    """Measure both in turns, and print the least of each."""
    with tempfile.TemporaryDirectory() as folder:
        one = Server(Path(folder) / "one", ("--save", ""))
        async with (
            started(one),
            clustered(Path(folder) / "cluster", replicas=False) as cluster,
            connected(f"redis://127.0.0.1:{one.port}") as single,
            connected(cluster.url) as several,
        ):
            for name, ports, servers in (
                ("one server", single, [one]),
                ("cluster of three", several, list(cluster.nodes)),
            ):
                for together in (1, 32):
                    rounds = []
                    for _ in range(_ROUNDS):
                        await ports.cover()
                        rounds.append(await _measure(ports, servers, together))
                    here, there = (min(each) for each in zip(*rounds, strict=True))
                    cost = f"{here:4.0f} µs here, {there:4.0f} µs in the servers"
                    print(f"{name:17} {together:2} at once: {cost}")


if __name__ == "__main__":
    uvloop.run(main())
