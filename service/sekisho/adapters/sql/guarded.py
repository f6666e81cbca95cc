"""A ledger that may be away, from the start too: whoever needs it is told at once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Final

import structlog

from sekisho.adapters.breaker import Breaker
from sekisho.adapters.sql.scripts import Database, Grouped, I, R, Script, T
from sekisho.adapters.sql.statements import Dialect
from sekisho.domain.errors import LedgerUnavailableError, SekishoError

_log = structlog.get_logger(__name__)

_FAIR_SECONDS: Final = 0.2
"""A caller that had less time than this proves nothing when it runs out."""

_SILENCE_SECONDS: Final = 1.0
"""A call that was given up after this long says that the ledger does not answer."""


class GuardedDatabase:
    """A Database in front of another one, which need not be there yet.

    Until `prepare` has succeeded every call raises LedgerUnavailableError. After a few failures
    in a row calls fail at once for a moment, up to a second, and one at a time tries. Reads and
    writes apart: a ledger that is full or read-only can still be read.
    """

    def __init__(self, database: Database, prepare: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._prepare = prepare
        self._preparing = asyncio.Lock()
        self.prepared = False
        """Whether the ledger was found, with this build's schema."""
        self._reads = Breaker()
        self._writes = Breaker()

    @property
    def dialect(self) -> Dialect:
        """Which database it is."""
        return self._database.dialect

    async def prepare(self) -> None:
        """Find the ledger, and make sure of its schema; nothing once that has succeeded.

        To be repeated while it raises LedgerUnavailableError. FailedPreconditionError
        (SCHEMA_BEHIND, SCHEMA_AHEAD) until somebody mends the schema.
        """
        async with self._preparing:
            if not self.prepared:
                await self._prepare()
                self.prepared = True

    async def read(self, script: Callable[[], Script[T]], *, snapshot: bool = False) -> T:
        """Run a script that changes nothing."""
        with self._passage(self._reads, "read"):
            return await self._database.read(script, snapshot=snapshot)

    async def write(self, script: Callable[[], Script[T]], *, background: bool = False) -> T:
        """Run a script in one transaction."""
        with self._passage(self._writes, "write"):
            return await self._database.write(script, background=background)

    def grouped(
        self, script: Callable[[Sequence[I]], Script[Sequence[R | SekishoError]]]
    ) -> Grouped[I, R]:
        """Return a function that makes a change durable together with all that wait with it."""
        commit = self._database.grouped(script)

        async def change(item: I, timeout: float | None = None) -> R:
            fair = timeout is None or timeout >= _FAIR_SECONDS
            with self._passage(self._writes, "write", fair=fair):
                return await commit(item, timeout)

        return change

    async def close(self) -> None:
        """Finish what was begun, and end."""
        await self._database.close()

    def _passage(self, breaker: Breaker, what: str, *, fair: bool = True) -> "_Passage":
        if not self.prepared:
            raise LedgerUnavailableError("the ledger was not found yet")
        if not breaker.admit():
            raise LedgerUnavailableError("the ledger is away")
        return _Passage(breaker, what, fair)


class _Passage:
    """One call: what became of it is the breaker's to know."""

    __slots__ = ("_began", "_breaker", "_fair", "_what")

    def __init__(self, breaker: Breaker, what: str, fair: bool) -> None:
        self._breaker = breaker
        self._what = what
        self._fair = fair
        self._began = time.monotonic()

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, LedgerUnavailableError):
            if self._fair:
                self._failed()
        elif isinstance(error, asyncio.CancelledError):
            if time.monotonic() - self._began >= _SILENCE_SECONDS:
                self._failed()
        elif (error is None or isinstance(error, SekishoError)) and self._breaker.succeeded():
            _log.info("ledger.back", what=self._what)

    def _failed(self) -> None:
        if self._breaker.failed():
            _log.warning("ledger.away", what=self._what)
