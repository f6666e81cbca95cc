"""What a service and the parent of several workers share when they start."""

from contextlib import AsyncExitStack

from sekisho.adapters.redis.embedded import EmbeddedValkey, EmbeddedValkeyError
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
