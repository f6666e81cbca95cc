"""A world: sekisho with its stores, client processes that ask it, and the verdict on it all."""

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.projection import RedisProjectionStore
from sekisho.domain.errors import CacheUnavailableError
from sekisho.v1 import decision_pb2, shop_pb2
from tests.adapters.sql.databases import opened
from tests.faults import calls, traffic, truth
from tests.faults.checker import check
from tests.faults.evidence import Evidence, Violation
from tests.faults.processes import Child
from tests.faults.proxy import Proxy, proxy
from tests.faults.servers import Postgres, Sekisho, Server, Valkey, short_folder
from tests.faults.subjects import subjects
from tests.support import requests
from tests.support.server import Client

_ROOT = Path(__file__).parents[2]
_PATIENCE = 60.0
_TAGS = 256
_IN_THE_END = frozenset({"acknowledged and missing", "a count wrong"})
"""What the journal and the projector still bring, if they are given time."""


@dataclass(frozen=True)
class Break:
    """A moment at which something was killed, or else broken."""

    at: float
    what: str
    killed: bool


@dataclass
class Tally:
    """What a world saw: for the table of the long run."""

    kills: int = 0
    """With calls under way."""
    idle_kills: int = 0
    """With none: not counted among `kills`."""
    faults: int = 0
    """Other faults, with calls under way."""
    requests: int = 0
    calls: int = 0
    answers: int = 0
    allows: int = 0
    degraded: int = 0
    took: list[float] = field(default_factory=list)
    """Milliseconds of every answer."""
    violations: list[Violation] = field(default_factory=list)
    figures: dict[str, list[float]] = field(default_factory=dict)
    """Times and counts that a scenario measured, by what they are."""

    def add(self, other: "Tally") -> None:
        """Add another world's."""
        for name, value in vars(other).items():
            if name != "figures":
                setattr(self, name, getattr(self, name) + value)
        for name, values in other.figures.items():
            self.figures.setdefault(name, []).extend(values)


class World:
    """One world, from its first start to the verdict."""

    def __init__(self, folder: Path, seed: str) -> None:
        self.folder = folder
        self.seed = seed
        self.chance = traffic.seeded("world", seed)
        self.service: Sekisho
        self.valkey: Valkey | None = None
        self.postgres: Postgres | None = None
        self.to_cache: Proxy
        self.to_ledger: Proxy
        self.ledger_url = ""
        self.ledger_inside: Path | None = None
        """The SQLite file where only the service sees it; it is read by a copy."""
        self.cache_url = ""
        self.clock_ahead_ms = 0
        self.workers = 1
        self.breaks: list[Break] = []
        self.read = calls.Reader([])
        self.clients: list[Child] = []
        self.evidence: Evidence

    async def import_shops(self) -> None:
        """Tell the service its shops."""
        shops = []
        for name in traffic.SHOPS:
            shop = requests.shop(name)
            for absent in ("opening_hours", "terminals", "clerk_shifts"):
                shop.ClearField(absent)
            shops.append(shop)
        async with grpc.aio.insecure_channel(self.service.address) as channel:
            await Client(channel).shop.ImportShops(
                shop_pb2.ImportShopsRequest(
                    request_id=traffic.request_id(f"shops/{self.seed}"), shops=shops
                ),
                timeout=10,
                wait_for_ready=True,
            )
        # A directory learns of shops within a second.
        await asyncio.sleep(1.2)

    async def begin(self, count: int = 2, **options: object) -> None:
        """Start client processes; `options` are those of client.py."""
        epoch = time.time() + 1.5
        for number in range(len(self.clients), len(self.clients) + count):
            log = self.folder / f"calls-{number}"
            given = {
                "target": self.service.address,
                "log": log,
                "seed": self.seed,
                "number": number,
                "of": count,
                "epoch": epoch,
                **options,
            }
            words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
            client = Child(
                [sys.executable, "-m", "tests.faults.client", *words],
                self.folder / f"client-{number}.log",
                environment={"PYTHONPATH": f"{_ROOT / 'service'}:{_ROOT}"},
            )
            client.start()
            self.clients.append(client)
            self.read.paths.append(log)
        for client in self.clients:
            await client.until(lambda client=client: "client began" in client.said())  # type: ignore[misc]

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds, reading on what clients write."""
        deadline = time.monotonic() + _PATIENCE
        self.read.read()
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not within {_PATIENCE:g} s"
            await asyncio.sleep(0.003)
            self.read.read()

    async def answers(self, more: int) -> None:
        """Wait for more answers."""
        self.read.read()
        least = self.read.answers + more
        await self.until(lambda: self.read.answers >= least, f"{more} more answers")

    async def degraded(self, more: int) -> None:
        """Wait for more answers that are degraded."""
        self.read.read()
        least = self.read.degraded + more
        await self.until(lambda: self.read.degraded >= least, f"{more} more degraded answers")

    async def kill(self, *servers: Server) -> None:
        """Kill servers while calls are under way."""
        await self.until(lambda: bool(self.read.open), "a call under way")
        at = calls.now_ms()
        for server in servers:
            server.kill()
        what = "+".join(type(server).__name__ for server in servers)
        self.breaks.append(Break(at, what, killed=True))

    def broke(self, what: str) -> None:
        """Note a moment at which something else was broken."""
        self.breaks.append(Break(calls.now_ms(), what, killed=False))

    async def finish(self) -> None:
        """Let the clients ask for what they did not get, and end."""
        for client in self.clients:
            client.end_input()
        for client in self.clients:
            assert await client.ended(_PATIENCE) == 0, client.said()
        self.read.read()

    async def caught_up(self, connection: Connection) -> None:
        """Wait until the cache holds all of the ledger as it is now."""
        store = RedisProjectionStore(connection, lambda: round(calls.now_ms()))
        begun, deadline = calls.now_ms(), time.monotonic() + _PATIENCE
        while True:
            try:
                marks = await store.coverage()
            except CacheUnavailableError:
                marks = {}
            if len(marks) == _TAGS and all(
                mark.covered_from == 0 and mark.applied_to > begun for mark in marks.values()
            ):
                return
            assert time.monotonic() < deadline, "the cache does not catch up"
            await asyncio.sleep(0.05)

    async def verdict(self) -> Tally:
        """End the traffic, let journal and cache be brought up to date, and check."""
        await self.finish()
        every = list(self.read.calls.values())
        made = subjects(every)
        connection = Connection(self.cache_url)
        deadline = time.monotonic() + _PATIENCE
        try:
            await self.caught_up(connection)
            while True:
                async with opened(self._readable_ledger()) as database:
                    there = await truth.read(database, connection, list(made.values()))
                self.evidence = Evidence(every, made, there, self.clock_ahead_ms, self.workers)
                violations = check(self.evidence) + self._unexpected_errors()
                late = all(each.promise in _IN_THE_END for each in violations)
                if not violations or not late or time.monotonic() > deadline:
                    return self._tally(every, violations)
                await asyncio.sleep(1)
        finally:
            await connection.close()

    def _unexpected_errors(self) -> list[Violation]:
        """What the service did not foresee: it logs type and frames, and tells an opaque id."""
        lines = self.service.child.said().splitlines()
        return [Violation("foreseen", "log", line) for line in lines if "unexpected_error" in line]

    def _readable_ledger(self) -> str:
        if self.ledger_inside is None:
            return self.ledger_url
        # SQLite follows the links of a path, and so out of the service's namespace.
        there = self.service.child.inside(self.ledger_inside)
        copy = self.folder / "copy.db"
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{there}{suffix}", f"{copy}{suffix}")
        Path(f"{copy}-shm").unlink(missing_ok=True)
        return f"sqlite:///{copy}"

    def _tally(self, every: Sequence[calls.Call], violations: list[Violation]) -> Tally:
        answers = [call for call in every if call.answered is not None]
        busy = [each for each in self.breaks if any(call.under_way(each.at) for call in every)]
        ended = [call.ended for call in answers if call.ended is not None]
        return Tally(
            kills=sum(each.killed for each in busy),
            idle_kills=sum(each.killed for each in self.breaks if each not in busy),
            faults=sum(not each.killed for each in busy),
            requests=len({(call.sent.shop, call.sent.request_id) for call in every}),
            calls=len(every),
            answers=len(answers),
            allows=sum(answer.verdict == decision_pb2.VERDICT_ALLOW for answer in ended),
            degraded=sum(answer.degraded for answer in ended),
            took=[call.ended.at - call.sent.at for call in answers if call.ended is not None],
            violations=violations,
        )

    def discard(self) -> None:
        """End every process."""
        children = [*self.clients, self.service.child]
        children += [server.child for server in (self.valkey, self.postgres) if server is not None]
        for child in children:
            child.discard()


@asynccontextmanager
async def world(
    seed: str,
    *,
    valkey: bool = True,
    durable: bool = True,
    postgres: bool = False,
    between: bool = False,
    planted: str = "",
    begin: bool = True,
    prepare: Callable[[World], None] | None = None,
    **settings: str,
) -> AsyncIterator[World]:
    """Start a world: with a Valkey of its own or the embedded one, SQLite or PostgreSQL.

    `durable` False: the Valkey keeps nothing over a kill. `between`: the service reaches both
    servers through a proxy. `settings` are the service's by name. `prepare` is called before
    anything starts.
    """
    with short_folder() as name:
        folder = Path(name)
        folder.chmod(0o755)
        here = World(folder, seed)
        here.workers = int(settings.get("workers", "1"))
        async with AsyncExitStack() as stack:
            given = {"redis_budget_ms": "250", **settings}
            if postgres:
                here.postgres = Postgres(folder / "postgres")
                here.ledger_url = here.postgres.url()
                here.to_ledger = await stack.enter_async_context(proxy(here.postgres.address))
                through = here.to_ledger.address if between else ""
                given.setdefault("database_url", here.postgres.url(through))
            if valkey:
                here.valkey = Valkey(folder / "valkey", durable=durable)
                here.cache_url = f"redis://{here.valkey.address}"
                here.to_cache = await stack.enter_async_context(proxy(here.valkey.address))
                through = here.to_cache.address if between else here.valkey.address
                given.setdefault("redis_url", f"redis://{through}")
            here.service = Sekisho(folder / "service", given, planted)
            here.ledger_url = here.ledger_url or f"sqlite:///{here.service.data / 'ledger.db'}"
            here.cache_url = here.cache_url or f"unix://{here.service.data / 'valkey/socket'}"
            stack.callback(here.discard)
            if prepare is not None:
                prepare(here)
            for server in (here.postgres, here.valkey, here.service):
                if server is not None:
                    await server.start()
            await here.import_shops()
            if begin:
                await here.begin()
            yield here
