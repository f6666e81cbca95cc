"""A cluster: the same answers as one server, and what one node has unknown while it is away."""

import asyncio
import os
import signal
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sekisho.adapters.redis import keys
from sekisho.adapters.redis.cluster_map import slots
from sekisho.adapters.redis.scripts import Script
from sekisho.application.ports.cache import (
    LineKnowledge,
    Marking,
    Observed,
    Projection,
    Try,
    Watched,
)
from sekisho.domain.decision import MissingCause
from sekisho.domain.velocity import Attribute, Dimension, Mark
from tests.adapters.redis.proxy import proxy
from tests.support.certificates import Authority
from tests.support.valkey import Adapters, Cached, connected, now_ms
from tests.support.valkey_servers import BUS, Clustered, Server, clustered, replicated, until

LINE = b"\x00" * 16
ROLES = ("document", "line", "device", "sim", "applicant", "contact")


@asynccontextmanager
async def ready(folder: Path, *, replicas: bool) -> AsyncIterator[tuple[Clustered, Adapters]]:
    async with clustered(folder, replicas=replicas) as servers, connected(servers.url) as ports:
        await ports.cover()
        await ports.load(stolen=1)
        yield servers, ports


def fingerprint(tag: int) -> bytes:
    return bytes((tag,)) + os.urandom(15)


def spread(tags: Iterable[int], at: int | None = None) -> Try:
    """A try with a key of each dimension, in these tags one after the other."""
    return Try(
        os.urandom(8),
        at or now_ms(),
        tuple(zip(Dimension, map(fingerprint, tags), strict=False)),
        {Attribute.LINE: os.urandom(16), Attribute.SHOP: os.urandom(16)},
    )


def watching(tags: Iterable[int]) -> list[Watched]:
    return [Watched(role, fingerprint(tag), False) for role, tag in zip(ROLES, tags, strict=False)]


def tags_at(ports: Adapters, server: Server) -> list[int]:
    (node,) = [n for n in ports.connection.nodes if n.name.endswith(f":{server.port}")]
    return list(ports.connection.tags(node))


async def see(ports: Adapters, made: Try, line: bytes, **options: Any) -> Observed:
    """Observe a try at this moment, whenever it was made."""
    return await ports.observe(made, now=now_ms(), line=line, **options)


def plain(observed: Observed) -> Observed:
    """What was observed, in an order of its own."""
    by_dimension = sorted(observed.counts, key=lambda counts: counts.dimension)
    candidates = sorted(observed.watch_candidates, key=lambda watched: watched.role)
    return replace(observed, counts=tuple(by_dimension), watch_candidates=tuple(candidates))


@pytest.mark.slow
async def test_a_cluster_answers_as_one_server_does(redis: Cached, tmp_path: Path) -> None:
    async with ready(tmp_path / "cluster", replicas=False) as (_, ports):
        await redis.load(stolen=1)
        now = now_ms()
        tries = [spread(os.urandom(10), now - n * 1000) for n in range(20)]
        tries += [replace(made, try_id=os.urandom(8)) for made in tries]
        marks = [Marking(made.try_id, made.at, Mark.FAILURE, made.keys) for made in tries[::3]]
        known = LineKnowledge(revision=1, has_record=True, changed_at={"loss_report": 5})
        lines = [(made.keys[0][1], known) for made in tries[::2]]
        listed = [key for made in tries for _, key in made.keys[:3]]
        for each in (redis, ports):
            await each.store.apply(Projection(tuple(tries), tuple(marks), tuple(lines)), {})
            await each.index.add(3, listed)
            await each.index.remove(3, listed[::2])
        for made in tries:
            line = made.keys[0][1]
            await redis.cache.note_journaled(line, made.try_id, 5)
            await ports.cache.note_journaled(line, made.try_id, 5)
            for each in (redis, ports):
                await each.cover()
            now = now_ms()
            watched = [
                Watched(role, key, False) for role, (_, key) in zip(ROLES, made.keys, strict=False)
            ]
            seen = [
                plain(await each.observe(made, now=now, line=line, watched=watched))
                for each in (redis, ports)
            ]
            assert seen[0] == seen[1]
            assert len(seen[0].counts) == len(Dimension)
            assert seen[0].missing == ()
            assert seen[0].journaled


@pytest.mark.slow
@pytest.mark.destructive
async def test_with_a_node_away_only_what_it_has_is_unknown(tmp_path: Path) -> None:
    async with ready(tmp_path, replicas=False) as (servers, ports):
        gone = tags_at(ports, servers.nodes[1])
        rest = [tag for tag in range(256) if tag not in gone]
        made = spread([rest[0], gone[0], rest[1], gone[1], *rest[2:8]])
        watched = watching([rest[0], gone[0], rest[1]])
        before = await see(ports, made, fingerprint(rest[5]), watched=watched)
        assert before.missing == ()

        servers.nodes[1].kill()
        await see(ports, spread(rest[:10]), fingerprint(rest[5]))
        observed = await see(ports, made, fingerprint(rest[5]), watched=watched)
        away = MissingCause.CACHE_UNAVAILABLE
        lost = {f"velocity.{made.keys[1][0]}", f"velocity.{made.keys[3][0]}", "watchlist.line"}
        assert {m.signal: m.cause for m in observed.missing} == dict.fromkeys(lost, away)
        assert {c.dimension for c in observed.counts} == {
            d for n, (d, _) in enumerate(made.keys) if n not in (1, 3)
        }
        assert observed.watchlists_loaded == {"stolen": 1}

        two = replace(made, keys=((Dimension.DOCUMENT, fingerprint(rest[0])), made.keys[1]))
        two = replace(two, keys=(*two.keys, (Dimension.DOCUMENT, fingerprint(gone[0]))))
        both = await see(ports, two, fingerprint(gone[5]), watched=watching(gone[:2]))
        assert both.counts == ()
        assert {m.signal for m in both.missing} >= {"velocity.document", "line", "watchlist"}
        assert both.watchlists_loaded is None

        # Whoever follows the ledger goes on with the rest.
        marks = await ports.store.coverage()
        assert set(marks) == set(rest)
        assert ports.store.away == set(gone)
        await ports.cover()
        assert (await see(ports, spread(rest), fingerprint(rest[0]))).missing == ()

        await servers.nodes[1].start()
        await until(lambda: back(ports))
        await ports.load(stolen=1)

        async def whole() -> bool:
            await ports.cover()
            return not (await see(ports, made, fingerprint(rest[5]), watched=watched)).missing

        await until(whole)


async def back(ports: Adapters) -> bool:
    await ports.observe(spread(range(0, 256, 5)))
    await ports.cover()
    return not ports.store.away and ports.connection.settled(ports.followed())


@pytest.mark.slow
async def test_a_node_that_stalls_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with ready(tmp_path, replicas=False) as (servers, ports):
        stalled = tags_at(ports, servers.nodes[0])
        made = spread([stalled[0], *(t for t in range(256) if t not in stalled)])
        servers.nodes[0].send(signal.SIGSTOP)
        try:
            for _ in range(20):
                async with asyncio.timeout(5):
                    observed = await see(ports, made, made.keys[1][1], timeout=0.5)
                assert len(observed.counts) == len(made.keys) - 1
            async with asyncio.timeout(5):
                assert len(await ports.store.coverage()) == 256 - len(stalled)
        finally:
            servers.nodes[0].send(signal.SIGCONT)
        await until(lambda: back(ports))
        assert (await see(ports, made, made.keys[1][1])).missing == ()


@pytest.mark.slow
@pytest.mark.destructive
async def test_after_a_failover_the_replica_is_asked_and_behind_until_it_is_followed(
    tmp_path: Path,
) -> None:
    async with ready(tmp_path, replicas=True) as (servers, ports):
        primary = servers.nodes[0]
        made = spread(tags_at(ports, primary))
        await see(ports, made, made.keys[0][1])
        await until(lambda: replicated(primary))

        await servers.replica_of(primary).tell("CLUSTER", "FAILOVER")
        await until(lambda: servers.replica_of(primary).says("replication", "role:master"))
        seen = await see(ports, replace(made, try_id=os.urandom(8)), made.keys[0][1])
        assert all(counts.covered_from is None for counts in seen.counts)
        await until(lambda: back(ports))
        again = await see(ports, made, made.keys[0][1])
        assert again.missing == ()
        assert {counts.tries[0] for counts in again.counts} == {2}

        servers.replica_of(primary).kill()
        await until(lambda: primary.says("replication", "role:master"))
        await until(lambda: back(ports))
        assert (await see(ports, made, made.keys[0][1])).counts[0].tries[0] == 2


@pytest.mark.slow
async def test_a_slot_that_moves_is_found_again_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    async with ready(tmp_path, replicas=False) as (servers, ports):
        tag = tags_at(ports, servers.nodes[0])[0]
        made = spread([tag] * 10)
        assert (await see(ports, made, made.keys[0][1])).missing == ()

        await servers.move(slots()[tag], servers.nodes[1], finish=False)
        # A call all of whose keys have gone is answered where they are.
        coverage = Script(b"return redis.call('GET', KEYS[1])", b"0" * 40)
        name = [keys.COVERAGE_KEYS[tag]]
        ((node, answer),) = await ports.connection.ask([(tag, lambda _: (coverage, name, []))], 5)
        assert isinstance(answer, bytes)
        assert node is not None
        assert node.name.endswith(str(servers.nodes[1].port))
        # One that also makes new keys waits for the end of the move.
        assert (await see(ports, spread([tag] * 10), made.keys[0][1])).counts == ()

        await servers.finish(slots()[tag], servers.nodes[1])
        await see(ports, replace(made, try_id=os.urandom(8)), made.keys[0][1])
        assert tag in tags_at(ports, servers.nodes[1])
        await until(lambda: back(ports))
        again = await see(ports, made, made.keys[0][1])
        assert again.missing == ()
        assert {counts.tries[0] for counts in again.counts} == {2}


@pytest.mark.slow
async def test_tls_is_spoken_with_every_node_by_the_name_that_it_announces(tmp_path: Path) -> None:
    ours = Authority()
    pair = ours.server()
    for name, pem in (("ca", ours.certificate), ("cert", pair.certificate), ("key", pair.key)):
        (tmp_path / name).write_bytes(pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    options = ["--cluster-preferred-endpoint-type", "hostname", "--unixsocket", "socket"]
    options += ["--cluster-announce-hostname", "localhost"]
    async with (
        clustered(tmp_path, *options, replicas=False, password="s3cret") as servers,
        AsyncExitStack() as stack,
    ):
        ports = []
        for node in servers.nodes:
            socket = f"unix://{node.folder / 'socket'}"
            between = await stack.enter_async_context(proxy(socket, tmp_path, context))
            ports.append(int(between.url.rpartition(":")[2]))
            await node.tell("CONFIG", "SET", "cluster-announce-bus-port", node.port + BUS)
            await node.tell("CONFIG", "SET", "cluster-announce-port", ports[-1])

        async def announced() -> bool:
            told = repr(await servers.nodes[0].tell("CLUSTER", "SLOTS"))
            return all(str(port) in told for port in ports)

        await until(announced)
        url = f"rediss+cluster://:s3cret@localhost:{ports[0]}"
        over_tls = await stack.enter_async_context(connected(url, tmp_path / "ca"))
        await over_tls.cover()
        await over_tls.load()
        assert (await see(over_tls, spread(range(0, 256, 26)), LINE)).missing == ()
        asked = {node.name for node in over_tls.connection.nodes}
        assert asked == {f"localhost:{port}" for port in ports}


@pytest.mark.slow
async def test_each_node_answers_for_its_memory_policy(tmp_path: Path) -> None:
    async with ready(tmp_path, replicas=False) as (servers, ports):
        await servers.nodes[2].tell("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        await ports.eviction.refresh()
        evicting = tags_at(ports, servers.nodes[2])
        sound = [tag for tag in range(256) if tag not in evicting]
        made = spread([sound[0], evicting[0], sound[1]])
        observed = await see(ports, made, fingerprint(sound[0]))
        assert {m.signal: m.cause for m in observed.missing} == {
            f"velocity.{made.keys[1][0]}": MissingCause.CACHE_MAY_EVICT
        }


@pytest.mark.slow
async def test_the_slot_of_each_tag_is_the_clusters(tmp_path: Path) -> None:
    server = Server(tmp_path / "node", ("--cluster-enabled", "yes"))
    await server.start()
    try:
        for tag in (0, 9, 100, 255):
            assert await server.tell("CLUSTER", "KEYSLOT", f"{{{tag:02x}}}1m") == slots()[tag]
    finally:
        server.kill()
