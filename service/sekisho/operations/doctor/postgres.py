"""What only PostgreSQL can have wrong."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import asyncpg

from sekisho.operations.doctor.clocks import clock
from sekisho.operations.doctor.finding import Area, Finding, age

ANSWER_SECONDS = 3.0
_HOLDING_SECONDS = 10
_NEARLY_FULL = 0.9

_STATE = """
SELECT pg_is_in_recovery() AS replica,
    current_setting('default_transaction_read_only') = 'on' AS read_only,
    current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit,
    current_setting('max_connections')::int AS most,
    (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS used,
    current_setting('server_version') AS version
"""
_CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"
_REVISION = "SELECT to_regclass('alembic_version') IS NOT NULL"
_HOLDING = """
SELECT count(*), coalesce(max(extract(epoch FROM now() - xact_start)), 0)::float8,
    coalesce(string_agg(DISTINCT pid::text, ', '), '')
FROM pg_stat_activity
WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
    AND xact_start < now() - make_interval(secs => $1)
"""
_PREPARED = """
SELECT count(*) FROM pg_prepared_xacts WHERE prepared < now() - make_interval(secs => $1)
"""
_GRANTED = "SELECT has_table_privilege('decision', 'INSERT')"


async def postgres(
    area: Area, dsn: str, schema: Callable[[str | None], Finding]
) -> AsyncIterator[Finding]:
    """Ask the server; `schema` judges the revision."""
    try:
        connection = await asyncpg.connect(
            dsn, timeout=ANSWER_SECONDS, command_timeout=ANSWER_SECONDS
        )
    except asyncpg.InvalidAuthorizationSpecificationError:
        yield area.problem("it refuses the user or the password", "set SEKISHO_DATABASE_URL right")
        return
    except asyncpg.InvalidCatalogNameError:
        yield area.problem("it has no such database", "create it, then sekisho migrate")
        return
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        yield area.problem(f"PostgreSQL does not answer: {type(error).__name__}", _AWAY)
        return
    try:
        async for finding in _asked(area, connection, schema):
            yield finding
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        yield area.problem(f"PostgreSQL did not answer a question: {type(error).__name__}", _AWAY)
    finally:
        connection.terminate()


_AWAY = (
    "look whether it runs and SEKISHO_DATABASE_URL is right; until then decisions go to the "
    "journal, and nothing ends in ALLOW"
)


async def _asked(
    area: Area,
    connection: "asyncpg.Connection[asyncpg.Record]",
    schema: Callable[[str | None], Finding],
) -> AsyncIterator[Finding]:
    state = (await connection.fetch(_STATE))[0]
    for finding in server(area, dict(state)):
        yield finding
    before = _now()
    theirs = await connection.fetchval(_CLOCK)
    yield clock(area, "PostgreSQL", int(theirs), before, _now())
    revision = None
    if await connection.fetchval(_REVISION):
        revision = await connection.fetchval("SELECT version_num FROM alembic_version")
    judged = schema(revision)
    yield judged
    if revision is not None and not await connection.fetchval(_GRANTED):
        yield area.problem(
            "this user may not write decisions", "GRANT it what sekisho migrate made"
        )
    count, seconds, pids = (await connection.fetch(_HOLDING, float(_HOLDING_SECONDS)))[0]
    if count:
        yield area.problem(
            f"{count} transactions that write are open, for up to {age(int(seconds * 1000))}: "
            "the cache cannot follow past them",
            f"end them (pid {pids}): SELECT pg_terminate_backend(pid)",
        )
    prepared = await connection.fetchval(_PREPARED, float(_HOLDING_SECONDS))
    if prepared:
        yield area.problem(
            f"{prepared} prepared transactions are left: the cache cannot follow past them",
            "COMMIT PREPARED or ROLLBACK PREPARED each in pg_prepared_xacts",
        )
    if not count and not prepared:
        yield area.ok("no transaction holds up the cache")


def server(area: Area, state: dict[str, Any]) -> Iterator[Finding]:
    """Judge how the server is set up."""
    yield area.ok(f"PostgreSQL {str(state['version']).split()[0]} answers")
    if state["replica"]:
        yield area.problem(
            "it is a replica, or recovers", "set SEKISHO_DATABASE_URL to the primary"
        )
    elif state["read_only"]:
        yield area.problem(
            "default_transaction_read_only is on: no decision can be written",
            "ALTER DATABASE … RESET default_transaction_read_only, or of the user",
        )
    off = [name for name in ("fsync", "full_page_writes") if state[name] == "off"]
    if off:
        yield area.problem(
            f"{' and '.join(off)} off: a crash of its machine loses decisions, or the database",
            f"set {' and '.join(f'{name} = on' for name in off)} in postgresql.conf",
        )
    if state["synchronous_commit"] == "off":
        yield area.warning(
            "synchronous_commit is off; sekisho's own connections turn it on",
            "set it on, for whatever else writes there",
        )
    if not off:
        yield area.ok("a commit is on the disk before it is answered")
    if state["used"] > _NEARLY_FULL * state["most"]:
        yield area.warning(
            f"{state['used']} of {state['most']} connections are used",
            "raise max_connections, or put a pooler before it",
        )


def _now() -> int:
    return time.time_ns() // 1_000_000
