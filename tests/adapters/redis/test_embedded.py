"""The Valkey that comes with the service."""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import pytest

from sekisho.adapters.redis import valkey_guard
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.embedded import EmbeddedValkey, EmbeddedValkeyError
from sekisho.domain.errors import CacheUnavailableError

PARENT = """
import asyncio, sys, time
from pathlib import Path
from sekisho.adapters.redis.embedded import EmbeddedValkey
valkey = EmbeddedValkey(Path(sys.argv[1]))
asyncio.run(valkey.start())
print(valkey.pid, flush=True)
time.sleep(60)
"""


async def ask(valkey: EmbeddedValkey, *words: bytes | str | int) -> object:
    connection = Connection(valkey.url)
    try:
        return await connection.command(*words, timeout=5)
    finally:
        await connection.close()


def lives(pid: int) -> bool:
    return bool(_stat(pid)) and _stat(pid)[0] != "Z"


def parent_of(pid: int) -> int:
    return int(_stat(pid)[1])


def _stat(pid: int) -> list[str]:
    """A process's state, its parent's id, …, as the kernel has them."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    except OSError:
        return []


async def gone(pid: int) -> None:
    async with asyncio.timeout(10):
        while lives(pid):
            await asyncio.sleep(0.01)


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey")
    await valkey.start()
    await ask(valkey, "SET", "key", "value")
    pid = valkey.pid
    await valkey.stop()
    assert not lives(pid)
    await valkey.start()
    assert await ask(valkey, "GET", "key") == b"value"
    await valkey.stop()


async def test_only_this_user_can_reach_it_and_it_never_evicts(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey")
    await valkey.start()
    try:
        assert (tmp_path / "valkey").stat().st_mode & 0o77 == 0
        assert Path(valkey.url.removeprefix("unix://")).stat().st_mode & 0o77 == 0
        assert await ask(valkey, "CONFIG", "GET", "port") == [b"port", b"0"]
        assert await ask(valkey, "CONFIG", "GET", "maxmemory-policy") == [
            b"maxmemory-policy",
            b"noeviction",
        ]
    finally:
        await valkey.stop()


async def test_a_second_service_with_the_same_folder_is_refused_at_once(tmp_path: Path) -> None:
    first, second = EmbeddedValkey(tmp_path / "valkey"), EmbeddedValkey(tmp_path / "valkey")
    await first.start()
    try:
        async with asyncio.timeout(1):
            with pytest.raises(EmbeddedValkeyError, match="in use by another service"):
                await second.start()
        await second.stop()
        assert await ask(first, "PING") == b"PONG"
    finally:
        await first.stop()


async def test_it_ends_when_its_parent_is_killed_and_the_next_one_waits_for_that(
    tmp_path: Path,
) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(tmp_path / "valkey")), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    valkey = EmbeddedValkey(tmp_path / "valkey")
    await valkey.start()
    assert valkey.pid != pid
    await gone(pid)
    await valkey.stop()


async def test_it_ends_when_its_guard_is_killed(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey")
    await valkey.start()
    pid = valkey.pid
    os.kill(parent_of(pid), signal.SIGKILL)
    await gone(pid)
    await valkey.stop()


async def test_a_server_that_crashes_is_started_again_with_its_data(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "valkey")
    await valkey.start()
    began = time.monotonic()
    try:
        pid = valkey.pid
        # Only a server that has worked for a moment is started again.
        while time.monotonic() - began < valkey_guard.WORKED_SECONDS:
            await ask(valkey, "SET", "key", "value")
        valkey.send_signal(signal.SIGKILL)
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(CacheUnavailableError):
                    assert await ask(valkey, "GET", "key") == b"value"
                    break
                await asyncio.sleep(0.02)
        assert valkey.pid != pid
    finally:
        await valkey.stop()


@pytest.mark.parametrize("damage", ["zeros", "garbage", "manifest"])
async def test_a_file_that_a_crash_left_unreadable_is_set_aside(
    tmp_path: Path, damage: str
) -> None:
    folder = tmp_path / "valkey"
    valkey = EmbeddedValkey(folder)
    await valkey.start()
    await ask(valkey, "SET", "key", "value")
    await valkey.stop()
    (file,) = (folder / "appendonlydir").glob(
        "*.manifest" if damage == "manifest" else "*.incr.aof"
    )
    kept = file.read_bytes()
    file.write_bytes(
        {"zeros": kept + bytes(100), "garbage": b"?" + kept[1:], "manifest": b"nonsense\n"}[damage]
    )
    await valkey.start()
    assert await ask(valkey, "PING") == b"PONG"
    assert (folder / "appendonlydir.unreadable" / file.name).exists()
    await valkey.stop()


async def test_a_file_cut_short_is_read_up_to_its_end(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    valkey = EmbeddedValkey(folder)
    await valkey.start()
    await ask(valkey, "SET", "key", "value")
    await ask(valkey, "SET", "other", "value")
    await valkey.stop()
    (file,) = (folder / "appendonlydir").glob("*.incr.aof")
    os.truncate(file, file.stat().st_size - 5)
    await valkey.start()
    assert await ask(valkey, "GET", "key") == b"value"
    assert await ask(valkey, "GET", "other") is None
    await valkey.stop()


async def test_a_folder_with_a_long_name_works(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / ("long" * 30) / "valkey")
    await valkey.start()
    socket = Path(valkey.url.removeprefix("unix://"))
    assert socket.is_relative_to(tempfile.gettempdir())
    assert await ask(valkey, "PING") == b"PONG"
    await valkey.stop()
    assert not socket.parent.exists()


async def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    folder = tmp_path / "valkey"
    folder.mkdir()
    (folder / "appendonlydir").write_text("not a folder")
    valkey = EmbeddedValkey(folder)
    with pytest.raises(EmbeddedValkeyError, match=r"append-only.*valkey\.log"):
        await valkey.start()
    await valkey.stop()
