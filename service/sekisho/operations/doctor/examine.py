"""All checks, side by side, each within its time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sekisho import settings
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.sql.open_ledger import open_database
from sekisho.domain.errors import SekishoError
from sekisho.operations.doctor import cache as redis
from sekisho.operations.doctor import coverage, files
from sekisho.operations.doctor.bounded import in_thread
from sekisho.operations.doctor.certificates import certificates
from sekisho.operations.doctor.finding import Area, Finding, Level
from sekisho.operations.doctor.journal import journal
from sekisho.operations.doctor.ledger import ledger, readable
from sekisho.operations.stores import cache_url
from sekisho.settings import Settings, SettingsError

SECONDS = 6.0
"""The longest that one check may take; a few of them follow on each other."""

Check = Callable[[], Awaitable[list[Finding]]]


async def examine(file: Path | None) -> list[Finding]:
    """Check the settings, and with them everything else; never raises for what it finds."""
    area = Area("settings")
    try:
        effective = settings.load(file=file)
    except SettingsError as error:
        todo = "mend it; everything else is looked at once the settings are good"
        return [area.problem(problem, todo) for problem in error.problems]
    groups = await asyncio.gather(
        *(
            _bounded(name, partial(_blocking, check))
            for name, check in (
                ("keys", lambda: files.key_file(effective)),
                ("policy", lambda: files.policy(effective)),
                ("certificates", lambda: certificates(effective, datetime.now(UTC))),
                ("data folder", lambda: files.data_folder(effective)),
            )
        ),
        _bounded("journal", partial(journal, effective, _now())),
        _stores(effective),
    )
    return [area.ok("consistent"), *(finding for group in groups for finding in group)]


async def _blocking(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    return await in_thread(lambda: list(check()))


async def _stores(effective: Settings) -> list[Finding]:
    """Ask cache and ledger, and where both answer compare them."""
    url = cache_url(effective)
    if url is None:
        about = Area("cache").warning(
            "the embedded Valkey does not run: no service runs with this data folder",
            "sekisho serve; or run as the service's user",
        )
        return [about, *await _bounded("ledger", partial(ledger, effective))]
    try:
        connection = Connection(url, effective.redis_ca_file)
    except (OSError, ValueError) as error:
        about = Area("cache").problem(
            f"SEKISHO_REDIS_URL or its CA cannot be used: {type(error).__name__}",
            "look at the file of SEKISHO_REDIS_CA_FILE",
        )
        return [about, *await _bounded("ledger", partial(ledger, effective))]
    try:
        embedded = effective.embedded_redis
        of_cache, of_ledger = await asyncio.gather(
            _bounded("cache", partial(redis.cache, connection, embedded=embedded)),
            _bounded("ledger", partial(ledger, effective)),
        )
        found = [*of_cache, *of_ledger]
        answers = any(finding.level is Level.OK for finding in of_cache)
        if answers:
            found += await _bounded("coverage", partial(coverage.coverage, connection, _now()))
        if answers and readable(of_ledger):
            found += await _bounded("watchlists", partial(_lists, effective, connection))
        return found
    finally:
        await connection.close()


async def _lists(effective: Settings, connection: Connection) -> list[Finding]:
    database = await open_database(effective.database_url, SECONDS)
    try:
        return await coverage.watchlists(connection, database, _now())
    finally:
        await database.close()


async def _bounded(name: str, check: Check) -> list[Finding]:
    try:
        async with asyncio.timeout(SECONDS):
            return await check()
    except TimeoutError:
        return [Area(name).problem(f"no answer within {SECONDS:g} s", "look whether it is stuck")]
    except (SekishoError, OSError) as error:
        said = str(error) if isinstance(error, SekishoError) else type(error).__name__
        return [Area(name).problem(f"it could not be looked at: {said}", "see the others")]


def worst(findings: Iterable[Finding]) -> Level:
    """Return the worst level there is."""
    levels = {finding.level for finding in findings}
    return next((level for level in reversed(Level) if level in levels), Level.OK)


def _now() -> int:
    return time.time_ns() // 1_000_000
