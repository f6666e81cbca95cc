"""Wiring: settings become a running service. Nothing here decides anything."""

import asyncio
import gc
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace

from sekisho import keys, logs, telemetry
from sekisho.adapters.change_sealer import AesGcmChangeSealer
from sekisho.adapters.journal.journal import FileJournal
from sekisho.adapters.policy.conditions import conditions
from sekisho.adapters.policy.file import PolicyFile
from sekisho.adapters.policy.problems import PolicyError
from sekisho.adapters.policy.toml import load_default_policy
from sekisho.adapters.redis.cache import RedisCache
from sekisho.adapters.redis.connection import Connection
from sekisho.adapters.redis.embedded import EmbeddedValkey
from sekisho.adapters.redis.eviction import EvictionWatch
from sekisho.adapters.redis.projection import RedisProjectionStore
from sekisho.adapters.redis.watch_index import RedisWatchlistIndex
from sekisho.adapters.sql.counters import touch
from sekisho.adapters.sql.decisions import SqlDecisions
from sekisho.adapters.sql.feed import SqlFeed
from sekisho.adapters.sql.guarded import GuardedDatabase
from sekisho.adapters.sql.lines import SqlLines
from sekisho.adapters.sql.open_ledger import open_ledger
from sekisho.adapters.sql.policies import SqlPolicies
from sekisho.adapters.sql.review.desk import SqlDesk
from sekisho.adapters.sql.shops import SqlShops
from sekisho.adapters.sql.watchlists import SqlWatchlists
from sekisho.application.acts import Acts
from sekisho.application.appraise import Appraise
from sekisho.application.assess import Assess, Terms
from sekisho.application.block_identifiers import BlockIdentifiers
from sekisho.application.cases import Cases
from sekisho.application.deliver import Deliver
from sekisho.application.directory import Directory
from sekisho.application.expire import Expire
from sekisho.application.figures import ReadFigures
from sekisho.application.follow_policy import FollowPolicy
from sekisho.application.groups import Groups
from sekisho.application.index_cases import IndexCases
from sekisho.application.lines import Lines
from sekisho.application.links import FollowLinks
from sekisho.application.load_watchlists import LoadWatchlists
from sekisho.application.periodic import repeat
from sekisho.application.projector import Projector
from sekisho.application.read_decision import ReadDecision
from sekisho.application.readiness import Readiness
from sekisho.application.report_fraud import ReportFraud
from sekisho.application.report_outcome import ReportOutcome
from sekisho.application.review import Review
from sekisho.application.rules import Rules
from sekisho.application.shops import Shops
from sekisho.application.submit_evidence import SubmitEvidence
from sekisho.application.trail import Trail
from sekisho.application.use_cases import DeskUseCases, UseCases
from sekisho.application.watchlists import Watchlists
from sekisho.domain.errors import SekishoError, UnavailableError
from sekisho.domain.fingerprints import Fingerprinter
from sekisho.domain.policy import Policy
from sekisho.rpc.bearer import Bearers
from sekisho.rpc.credentials import TlsFiles
from sekisho.rpc.server import Server, ServerOptions
from sekisho.setting_values import claim_and_value
from sekisho.settings import GRACE_SECONDS, Settings, open_telemetry_variables
from sekisho.starting import StartError, derived, embedded_valkey, read_keys
from sekisho.tokens import KEY_PURPOSE, Tokens

LEDGER_SECONDS = 5.0
"""Longest wait for the ledger; a call's own deadline is usually shorter."""


_PATIENCE_SECONDS = 1.0


def now_ms() -> int:
    """The clock of decisions: Unix milliseconds."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Service:
    """A service that runs. `embedded` is its own Valkey, where it has one."""

    port: int
    server: Server
    cache: Connection
    journal: FileJournal
    embedded: EmbeddedValkey | None
    _projector: Projector
    _load_watchlists: LoadWatchlists

    async def ready(self) -> bool:
        """Return whether the cache holds all of the ledger and every watchlist now."""
        progress = await self._projector.progress()
        return (
            progress is not None
            and progress.complete
            and self.cache.settled(progress.applied_to)
            and await self._load_watchlists()
        )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Service]:
    """Open a service that answers, and close it in good order. Raises StartError.

    What is opened first is closed last: the server stops before the stores that it answers from.
    """
    async with AsyncExitStack() as stack:
        fingerprinter, sealer, bearers = _secrets(settings)
        source, first_policy = _policy(settings)
        embedded = await embedded_valkey(settings, stack)
        connection = Connection(
            embedded.url if embedded else settings.redis_url, settings.redis_ca_file
        )
        stack.push_async_callback(connection.close)
        database = await _database(settings)
        stack.push_async_callback(database.close)
        journal = FileJournal(settings.data_dir / "journal", settings.journal_mb << 20)
        stack.push_async_callback(journal.close)

        decisions = SqlDecisions(database)
        watchlists = SqlWatchlists(database)
        shops = SqlShops(database)
        policies = SqlPolicies(database)
        desk = SqlDesk(database, lambda: policy.current().due_ms)
        eviction = EvictionWatch(connection)
        index = RedisWatchlistIndex(connection)
        directory = Directory(shops, watchlists)
        projector = Projector(SqlFeed(database), RedisProjectionStore(connection, now_ms), now_ms)
        connection.when_behind(projector.hurry)
        load = LoadWatchlists(watchlists, index)
        try:
            signals = telemetry.start(open_telemetry_variables())
        except ValueError as error:
            raise StartError((str(error),)) from None
        stack.callback(signals.close)
        signals.watch_journal(journal.state)
        readiness = Readiness(lambda: database.write(touch), journal.state)

        policy = FollowPolicy(source, policies, first_policy, signals)
        cache = RedisCache(connection, eviction)
        appraise = Appraise(
            cache,
            watchlists,
            directory,
            fingerprinter,
            cache_budget=settings.redis_budget_ms / 1000,
            ledger_budget=settings.ledger_budget_ms / 1000,
            expiry_ms=settings.decision_expiry_seconds * 1000,
        )
        terms = Terms(
            settings.decision_expiry_seconds * 1000,
            settings.attempts,
            ledger_seconds=settings.ledger_budget_ms / 1000,
            cache_seconds=settings.redis_budget_ms / 1000,
        )
        changed = projector.nudge
        lists = Watchlists(watchlists, index, directory, fingerprinter, now_ms)
        use_cases = UseCases(
            assess=Assess(
                appraise,
                decisions,
                journal,
                readiness,
                cache,
                sealer,
                policy.current,
                signals,
                fingerprinter.decision_id,
                now_ms,
                terms,
                changed,
            ),
            submit_evidence=SubmitEvidence(
                appraise,
                decisions,
                journal,
                sealer,
                policy.current,
                signals,
                now_ms,
                terms,
                changed,
            ),
            report_outcome=ReportOutcome(decisions, journal, now_ms, changed),
            read_decision=ReadDecision(decisions, journal, now_ms),
            lines=Lines(SqlLines(database), fingerprinter, changed),
            watchlists=lists,
            shops=Shops(shops, directory, now_ms),
            review=Review(decisions, policies, now_ms),
            desk=_desk(desk, lists, fingerprinter, policy.current, terms.expiry_ms),
        )
        server = Server(
            use_cases,
            signals,
            fingerprinter.body_digest,
            now_ms,
            _server_options(settings, bearers),
        )
        readiness.serving = server.set_serving
        await _begin(database.prepare, policy, directory.refresh)
        background = [
            asyncio.create_task(work)
            for work in (
                repeat("ledger", database.prepare, 1),
                projector.run(),
                repeat("cache", connection.look, 5),
                repeat("eviction", eviction.refresh, 5),
                repeat("directory", directory.refresh, 1),
                repeat("policy", policy, 1),
                repeat("watchlists", load, 1),
                repeat("journal", Deliver(journal, decisions, changed), 0.5),
                repeat("readiness", readiness, 1),
                repeat("expiry", Expire(decisions, now_ms, changed), 1),
                repeat("tidy", watchlists.tidy, 30),
                repeat("index", IndexCases(desk, now_ms), 0.25),
                repeat("changes", lambda: desk.tidy(now_ms()), 600),
                repeat("days", lambda: shops.count_days(now_ms()), 600),
            )
        ]
        stack.push_async_callback(_cancel, background)
        # A service that has just started should not answer its first callers with a step-up for
        # want of a cache that a moment later is complete; one with much to rebuild does.
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await _complete(projector, connection, load)
        try:
            port = await server.start()
        except (RuntimeError, OSError, ValueError) as error:
            raise StartError((f"cannot listen at {settings.listen}: {error}",)) from None
        stack.push_async_callback(server.stop)
        yield Service(port, server, connection, journal, embedded, projector, load)


def _desk(
    desk: SqlDesk,
    lists: Watchlists,
    fingerprinter: Fingerprinter,
    policy: Callable[[], Policy],
    expiry_ms: int,
) -> DeskUseCases:
    links = FollowLinks(desk, desk)
    return DeskUseCases(
        cases=Cases(desk, now_ms),
        acts=Acts(desk, now_ms, expiry_ms),
        trail=Trail(desk, now_ms),
        links=links,
        groups=Groups(desk, links, now_ms),
        block_identifiers=BlockIdentifiers(desk, desk, lists, now_ms),
        report_fraud=ReportFraud(desk, fingerprinter, now_ms),
        figures=ReadFigures(desk, now_ms),
        rules=Rules(policy, conditions),
    )


async def _complete(projector: Projector, cache: Connection, load: LoadWatchlists) -> None:
    while True:
        with suppress(UnavailableError):
            progress = await projector.progress()
            if (
                progress is not None
                and progress.complete
                and cache.settled(progress.applied_to)
                and await load()
            ):
                return
        await asyncio.sleep(0.01)


async def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. `ready` is told the address. Raises StartError."""
    logs.configure(settings.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with opened(settings) as service:
        _spare_collector()
        ready(str(replace(settings.listen, port=service.port)))
        await stop.wait()


def _spare_collector() -> None:
    """Have the garbage collector leave alone what lives as long as the process, and look at the
    rest seldom: an assessment makes hundreds of objects and hardly a cycle."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _secrets(settings: Settings) -> tuple[Fingerprinter, AesGcmChangeSealer, Bearers]:
    read = read_keys(settings)
    fingerprinter = Fingerprinter([(key.id, key.secret) for key in read])
    return fingerprinter, AesGcmChangeSealer(derived(read, "seal")), _bearers(settings, read)


def _bearers(settings: Settings, read: Sequence[keys.Key]) -> Bearers:
    """Return what knows analysts by their tokens: an issuer's where there is one, else our own."""
    if not settings.oidc_issuer:
        return Bearers(Tokens(derived(read, KEY_PURPOSE)))
    # Tenths of a second of imports that no other service pays for.
    from sekisho.oidc.id_token import IdTokens
    from sekisho.oidc.issuer import Issuer

    required = settings.oidc_required_claim
    return Bearers(
        id_tokens=IdTokens(
            Issuer(settings.oidc_issuer),
            settings.oidc_client_id,
            settings.oidc_name_claim,
            claim_and_value(required) if required else None,
        )
    )


def _policy(settings: Settings) -> tuple[PolicyFile | None, Policy]:
    try:
        if settings.policy_file is None:
            return None, load_default_policy()
        source = PolicyFile(settings.policy_file)
        return source, source.first()
    except PolicyError as error:
        raise StartError(tuple(str(error).splitlines())) from None
    except OSError as error:
        raise StartError((f"{settings.policy_file}: {error.strerror}",)) from None


async def _database(settings: Settings) -> GuardedDatabase:
    try:
        return await open_ledger(settings.database_url, LEDGER_SECONDS, migrate=settings.migrate)
    except SekishoError as error:
        raise StartError((f"SEKISHO_DATABASE_URL: {error}",)) from None


async def _begin(*looks: Callable[[], Awaitable[None]]) -> None:
    """Find the ledger, and what it knows. One that is away is waited for: the service answers
    meanwhile."""
    try:
        with suppress(UnavailableError):
            for look in looks:
                await look()
    except SekishoError as error:
        raise StartError((f"SEKISHO_DATABASE_URL: {error}",)) from None


def _server_options(settings: Settings, bearers: Bearers) -> ServerOptions:
    tls = None
    if settings.tls_certificate_file and settings.tls_key_file and settings.tls_client_ca_file:
        tls = TlsFiles(
            settings.tls_certificate_file, settings.tls_key_file, settings.tls_client_ca_file
        )
    return ServerOptions(
        address=str(settings.listen),
        tls=tls,
        trust_domain=settings.trust_domain,
        bearers=bearers,
        attempts=settings.attempts,
        most_in_flight=settings.max_in_flight,
        most_seconds=settings.default_timeout_seconds,
        drain_seconds=settings.drain_wait_seconds,
        grace_seconds=GRACE_SECONDS,
        share_port=settings.workers > 1,
    )


async def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    pending = set(tasks)
    while pending:
        # Again until done: a cancellation can be lost in a driver that handles it.
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=0.2)
