"""Opening a connection, and what its errors become."""

import asyncio
import ssl
from pathlib import Path

import pytest

from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.scripts import Script
from sekisho.adapters.redis.wire import Reply
from sekisho.domain.errors import CacheUnavailableError
from tests.adapters.redis.observing import attempt
from tests.adapters.redis.proxy import proxy
from tests.support.certificates import Authority
from tests.support.valkey import Cached, now_ms

WRITE = Script(b"return redis.call('SET', KEYS[1], '1')", b"0" * 40)
NOTHING = Script(b"return 1", b"0" * 40)


async def ask(connection: Connection, script: Script, timeout: float) -> Reply:
    names = [b"k"] if script is WRITE else []
    ((_, answer),) = await connection.ask([(0, lambda _: (script, names, []))], timeout)
    if isinstance(answer, CacheUnavailableError):
        raise answer
    return answer


async def test_a_user_signs_in_and_a_wrong_password_is_told_without_it(
    redis: Cached, tmp_path: Path
) -> None:
    await redis.connection.command(
        "ACL", "SETUSER", "app", "on", ">s3cret", "~*", "+@all", "-client", timeout=5
    )
    await redis.connection.command("ACL", "SETUSER", "default", "off", timeout=5)
    address = redis.valkey.url.removeprefix("unix://")
    right = Connection(f"unix://app:s3cret@{address}")
    assert await right.command("ACL", "WHOAMI", timeout=5) == b"app"
    wrong = Connection(f"unix://app:wr0ng@{address}")
    with pytest.raises(CacheUnavailableError, match="WRONGPASS") as refused:
        await wrong.command("PING", timeout=5)
    assert "wr0ng" not in str(refused.value)
    await right.close()
    await wrong.close()


async def test_tls_is_spoken_with_a_server_that_our_ca_signed_only(
    redis: Cached, tmp_path: Path
) -> None:
    ours, theirs = Authority(), Authority("other CA")
    pair = ours.server()
    for name, pem in (
        ("ca", ours.certificate),
        ("other", theirs.certificate),
        ("certificate", pair.certificate),
        ("key", pair.key),
    ):
        (tmp_path / name).write_bytes(pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    async with proxy(redis.valkey.url, tmp_path, context) as between:
        right = Connection(between.url, tmp_path / "ca")
        assert await right.command("PING", timeout=5) == b"PONG"
        await right.close()
        wrong = Connection(between.url, tmp_path / "other")
        with pytest.raises(CacheUnavailableError, match="SSLCertVerificationError"):
            await wrong.command("PING", timeout=5)
        await wrong.close()


async def test_a_server_that_became_a_replica_is_left_for_whoever_the_address_names(
    redis: Cached,
) -> None:
    await ask(redis.connection, WRITE, 5)
    opened = redis.node.opened
    await redis.connection.command("REPLICAOF", "127.0.0.1", "1", timeout=5)
    with pytest.raises(CacheUnavailableError, match="READONLY"):
        await ask(redis.connection, WRITE, 5)
    await redis.connection.command("REPLICAOF", "NO", "ONE", timeout=5)
    await ask(redis.connection, WRITE, 5)
    assert redis.node.opened == opened + 1


async def test_a_server_that_forgot_the_scripts_is_told_them_again(redis: Cached) -> None:
    await redis.observe(attempt(now_ms()))
    await redis.connection.command("SCRIPT", "FLUSH", timeout=5)
    seen = await asyncio.gather(*(redis.observe(attempt(now_ms())) for _ in range(10)))
    assert all(observed.counts for observed in seen)


async def test_one_callers_short_deadline_does_not_shut_the_others_out(
    redis: Cached, tmp_path: Path
) -> None:
    async with proxy(redis.valkey.url, tmp_path) as between:
        connection = Connection(between.url)
        assert await ask(connection, NOTHING, 5) == 1
        between.silent.clear()
        for _ in range(20):
            with pytest.raises(CacheUnavailableError):
                await ask(connection, NOTHING, 0.001)
        between.silent.set()
        assert await ask(connection, NOTHING, 5) == 1
        await connection.close()


async def test_while_the_server_is_away_calls_fail_at_once(tmp_path: Path) -> None:
    connection = Connection(f"unix://{tmp_path / 'nothing'}")
    said = set()
    for _ in range(5):
        with pytest.raises(CacheUnavailableError) as refused:
            await ask(connection, NOTHING, 1)
        said.add(str(refused.value))
    assert said == {"the cache is away: FileNotFoundError", "the cache is away"}
    await connection.close()
