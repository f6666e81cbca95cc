"""What a service, the parent of several workers and the console share when they start."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from sekisho import keys
from sekisho.adapters.redis.embedded import EmbeddedValkey, EmbeddedValkeyError
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.settings import Settings


class StartError(Exception):
    """The service cannot start. `problems` has all that is known to be wrong."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


async def embedded_valkey(settings: Settings, stack: AsyncExitStack) -> EmbeddedValkey | None:
    """Start a Valkey of one's own where the settings want it; `stack` stops it.

    Raises StartError.
    """
    if not settings.embedded_redis:
        return None
    valkey = EmbeddedValkey(settings.data_dir / "valkey")
    stack.push_async_callback(valkey.stop)
    try:
        await valkey.start()
    except EmbeddedValkeyError as error:
        raise StartError((str(error),)) from None
    return valkey


def read_keys(settings: Settings) -> tuple[keys.Key, ...]:
    """Read the keys, oldest first; make those of the data folder at the first start.

    Raises StartError.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return (
            keys.read(settings.keys_file)
            if settings.keys_file
            else keys.read_or_make(settings.data_dir)
        )
    except OSError as error:
        raise StartError((f"{settings.data_dir}: {error.strerror}",)) from None
    except keys.KeysError as error:
        raise StartError(error.problems) from None


def derived(read: Sequence[keys.Key], purpose: str) -> tuple[bytes, ...]:
    """Return a key for another purpose from each of the keys, the newest first."""
    fingerprinter = Fingerprinter([(key.id, key.secret) for key in read])
    return tuple(fingerprinter.derive(purpose, key.id) for key in reversed(read))
