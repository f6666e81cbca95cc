"""Parts of the journal that cannot be read, kept aside for people.

They hold no identifier in the clear, as the journal does not.
"""

import hashlib
import os
from pathlib import Path

import structlog

_PREFIX = "damaged-"
_log = structlog.get_logger(__name__)


def keep(folder: Path, content: bytes) -> None:
    """Keep bytes in a file of their own, durably; once, however often that is asked.

    Raises OSError.
    """
    kept = folder / f"{_PREFIX}{hashlib.sha256(content).hexdigest()[:16]}"
    if kept.exists():
        return
    making = kept.with_name(f"making-{os.getpid()}")
    with making.open("wb") as file:
        os.chmod(file.fileno(), 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    making.rename(kept)
    flush_folder(folder)
    _log.error("journal.kept_aside", file=kept.name, bytes=len(content))


def count(folder: Path) -> int:
    """Return how many parts are kept."""
    return sum(name.startswith(_PREFIX) for name in os.listdir(folder))


def flush_folder(folder: Path) -> None:
    """Make durable which files a folder has."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
