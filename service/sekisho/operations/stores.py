"""The stores that the settings name, found and opened beside a service that may be running."""

import fcntl
import os
import re
from pathlib import Path

from sekisho.settings import Settings

_READY = re.compile(rb"ready to accept connections at (\S+/socket)$", re.MULTILINE)
_LOG_BYTES = 65_536


def valkey_folder(settings: Settings) -> Path:
    """Return where the embedded Valkey has its files."""
    return settings.data_dir / "valkey"


def running_valkey(folder: Path) -> str | None:
    """Return the URL of the embedded Valkey that some service runs in this folder; None where
    none runs, or where this user may not see."""
    if not _held(folder / "lock"):
        return None
    socket = folder / "socket"
    if not socket.exists():
        # Where the folder's path is too long for a socket, its log tells where that is.
        found = _READY.findall(_end(folder / "valkey.log"))
        if not found:
            return None
        socket = Path(os.fsdecode(found[-1]))
    return f"unix://{socket}"


def cache_url(settings: Settings) -> str | None:
    """Return where the cache is; None where it is embedded and does not run."""
    if settings.embedded_redis:
        return running_valkey(valkey_folder(settings))
    return settings.redis_url


def _held(lock: Path) -> bool:
    """Whether a server holds its lock."""
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _end(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - _LOG_BYTES))
            return opened.read()
    except OSError:
        return b""
