"""`sekisho serve --workers N`: real workers on a real PostgreSQL, with calls in flight."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest

from sekisho import settings
from sekisho.adapters.policy.toml import default_policy_text
from sekisho.adapters.sql.migrate import upgrade
from sekisho.cli.failures import Exit
from sekisho.v1 import review_pb2
from tests.support import crew, postgres
from tests.support.crew import Crewed, alive, children_of, until
from tests.support.load import Through, load
from tests.support.server import Client
from tests.support.service import ordinary

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
POLICY = default_policy_text()


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Postgres]:
    with postgres.running() as running:
        yield running


@pytest.fixture
def database(server: postgres.Postgres) -> str:
    url = server.url(server.new_database())
    upgrade(url)
    return url


@pytest.fixture
def served(database: str, tmp_path: Path) -> Iterator[Crewed]:
    policy = tmp_path / "policy.toml"
    policy.write_bytes(POLICY)
    with crew.serving(tmp_path, database, given={"policy_file": str(policy)}) as running:
        yield running


async def until_said(served: Crewed, event: str, times: int = 1) -> None:
    """Wait until the log has an event so often."""
    await asyncio.to_thread(until, lambda: served.said(event) >= times, 120)


def refused(*arguments: str, **given: str) -> str:
    """Start a service that must not start, and return what it says."""
    environment = settings.environment_without_settings() | {
        f"SEKISHO_{name.upper()}": value for name, value in given.items()
    }
    done = subprocess.run(
        [sys.executable, "-m", "sekisho.cli", "serve", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in {Exit.BAD_INPUT, Exit.FAILED}
    assert "Traceback" not in done.stderr
    return " ".join(done.stderr.split())


def test_sqlite_with_several_workers_is_a_problem_of_the_settings(tmp_path: Path) -> None:
    told = refused("--workers", "2", data_dir=str(tmp_path), listen="127.0.0.1:0")
    assert "SQLite has one writer and serves one worker" in told


def test_a_port_in_use_and_a_worker_that_cannot_start_are_told_in_one_line(
    database: str, tmp_path: Path
) -> None:
    with crew.serving(tmp_path, database) as running:
        given = {
            "data_dir": str(tmp_path / "other"),
            "database_url": crew.socket_url(database),
            "keys_file": str(tmp_path / "keys.toml"),
        }
        # The others would share the port.
        told = refused("--workers", "2", listen=running.address, **given)
        assert f"error: cannot listen at {running.address}" in told
        (tmp_path / "keys.toml").write_text("")
        told = refused("--workers", "2", listen="127.0.0.1:0", **given)
        assert "keys.toml: expected TOML or JSON with keys" in told


@pytest.mark.destructive
async def test_a_killed_worker_is_replaced_while_calls_go_on(served: Crewed) -> None:
    first = served.workers()
    async with load(served.address) as calls:
        for restarts, victim in enumerate(first, start=1):
            await calls.answered(20)
            os.kill(victim, signal.SIGKILL)
            await until_said(served, "worker.restarted", restarts)
        await calls.answered(20)
    assert len(served.workers()) == 2
    assert not first & served.workers()
    assert not calls.failed


@pytest.mark.parametrize("through", [Through.SERVICE_CONFIG, Through.CLIENT])
async def test_workers_are_relieved_under_load_and_no_call_fails(
    served: Crewed, through: Through
) -> None:
    first = served.workers()
    async with load(served.address, through=through) as calls:
        await calls.answered(20)
        await asyncio.to_thread(served.relieve)
        await calls.answered(20)
    assert len(served.workers()) == 2
    assert not first & served.workers()
    assert not calls.failed
    assert served.said("worker.ended") == 0
    assert len(set(calls.answers.values())) == len(calls.answers)


@pytest.mark.destructive
def test_a_parent_that_is_killed_leaves_nothing(served: Crewed) -> None:
    children = children_of(served.process.pid)
    servers = {child for guard in children for child in children_of(guard)}
    # The workers, the guard of the embedded Valkey, and the Valkey itself.
    assert len(children) == 3
    assert len(servers) == 1
    served.process.kill()
    until(lambda: not any(alive(pid) for pid in children | servers), 40)


def test_the_parent_starts_one_console_for_all(database: str, tmp_path: Path) -> None:
    given = {"console": "true", "console_listen": "127.0.0.1:0"}
    with crew.serving(tmp_path, database, given=given) as served:
        assert served.process.stdout
        said = iter(served.process.stdout.readline, "")
        link = next(line.split()[-1] for line in said if "/sign-in?code=" in line)
        assert httpx.get(link).status_code == 200
        children = children_of(served.process.pid)
        assert len(children - served.workers()) == 2, "its Valkey's guard and the console"
    until(lambda: not any(alive(pid) for pid in children))


def test_sigterm_lets_all_drain_and_ends_with_success(served: Crewed) -> None:
    workers = served.workers()
    served.process.terminate()
    assert served.process.wait(60) == Exit.OK
    assert not any(alive(pid) for pid in workers)
    assert served.said("worker.ended") == 0
    host, _, port = served.address.rpartition(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)


@pytest.mark.destructive
async def test_a_crash_loop_is_told_and_the_other_worker_serves_on(
    served: Crewed, tmp_path: Path
) -> None:
    keys = tmp_path / "keys.toml"
    good = keys.read_text()
    keys.write_text("")
    async with load(served.address) as calls:
        await calls.answered(5)
        os.kill(served.workers().pop(), signal.SIGKILL)
        await until_said(served, "worker.crash_loop")
        assert "expected TOML or JSON with keys" in served.log.read_text()
        await calls.answered(20)
        keys.write_text(good)
        served.process.send_signal(signal.SIGHUP)
        await until_said(served, "worker.restarted")
        await calls.answered(20)
    assert not calls.failed


async def policy_of(address: str) -> str:
    """Return the name of the policy by which a new connection's request is decided."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        client = Client(channel)
        decision = await client.risk_check.AssessSimChange(ordinary(), timeout=10)
        case = await client.review.GetCase(review_pb2.GetCaseRequest(name=decision.name))
    return case.policy_version.partition("@")[0]


async def test_every_worker_follows_the_policy_file_and_keeps_the_last_good_one(
    served: Crewed, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    stricter = POLICY.replace(b'name = "default"', b'name = "stricter"', 1)
    async with load(served.address) as calls:
        await calls.answered(5)
        path.write_bytes(stricter)
        await until_said(served, "policy.in_force", 2)
        for bad, refusals in (
            (stricter.replace(b"velocity.", b"velosity."), 2),
            (stricter[:-40], 4),
        ):
            path.write_bytes(bad)
            await until_said(served, "policy.refused", refusals)
            assert {await policy_of(served.address) for _ in range(8)} == {"stricter"}
        await calls.answered(20)
    assert not calls.failed
    told = served.log.read_text()
    assert "velosity" in told
    assert '"line":' in told
    assert '"column":' in told
