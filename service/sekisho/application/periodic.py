"""Work that a service repeats in the background."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from sekisho.domain.errors import SekishoError

_log = structlog.get_logger(__name__)


async def repeat(name: str, action: Callable[[], Awaitable[object]], every: float) -> None:
    """Repeat `action` every so many seconds until cancelled.

    A store that is away is waited for; any other error is logged with its type, and the work
    goes on, for background work must never end in silence.
    """
    failing = ""
    while True:
        try:
            await action()
            if failing:
                _log.info("background.resumed", work=name)
            failing = ""
        except SekishoError as error:
            if failing != error.reason:
                _log.warning("background.paused", work=name, reason=error.reason)
            failing = error.reason
        except Exception as error:
            kind = type(error).__name__
            if failing != kind:
                _log.exception("background.failed", work=name, error=kind)
            failing = kind
        await asyncio.sleep(every)
