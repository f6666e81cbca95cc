"""Starts the servers that are compared, each with stores of its own."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex

from tests.benchmarks.assess.servers import Subject
from tests.support.crew import socket_url
from tests.support.postgres import Postgres, running
from tests.support.serving import ROOT, serving
from tests.support.valkey_servers import Server, clustered

_OPTIONS = ("--save", "", "--maxmemory-policy", "noeviction")
MOST_IN_FLIGHT = 512
"""Nobody is refused: it is not the limit that is measured."""


class Opening:
    """Opens subjects in a folder; what they need ends with `stack`."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._postgres: Postgres | None = None
        self._keys = folder / "keys.toml"
        self._keys.write_text(f'[[keys]]\nid = "bench"\nsecret = "{token_hex(32)}"\n')

    def open(self, name: str) -> Subject:
        """Open one of SUBJECTS."""
        return SUBJECTS[name](self, name)

    def empty(self, name: str) -> Subject:
        """A handler that does nothing."""
        port, pid = self._module("floor")
        return Subject(name, port, pid)

    def evalsha(self, name: str) -> Subject:
        """A handler that makes one EVALSHA."""
        valkey = self.valkey(name)
        port, pid = self._module("floor", "--redis", str(valkey.port))
        return Subject(name, port, pid, {"redis": valkey.pid})

    def sqlite(self, name: str) -> Subject:
        """Sekisho with a SQLite ledger, and nothing else set."""
        return self.sekisho(name, self.valkey(name))

    def traced(self, name: str) -> Subject:
        """The same with a span of every assessment sent away."""
        port, pid = self._module("sink")
        otel = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
            "OTEL_EXPORTER_OTLP_INSECURE": "true",
        }
        subject = self.sekisho(name, self.valkey(name), otel=otel)
        subject.stores["collector"] = pid
        return subject

    def postgres(self, name: str) -> Subject:
        """Sekisho with a PostgreSQL ledger."""
        return self._on_postgres(name)

    def two_workers(self, name: str) -> Subject:
        """The same with two workers."""
        return self._on_postgres(name, workers=2)

    def cluster(self, name: str) -> Subject:
        """Sekisho with a SQLite ledger and a cluster of three."""
        runner = self._stack.enter_context(asyncio.Runner())
        exits = AsyncExitStack()
        running = clustered(self.folder / f"valkey-{name}", "--appendonly", "yes", replicas=False)
        cluster = runner.run(exits.enter_async_context(running))
        self._stack.callback(lambda: runner.run(exits.aclose()))
        stores = {f"redis {n}": node.pid for n, node in enumerate(cluster.nodes, 1)}
        return self._serve(name, cluster.url, stores)

    def usual(self, name: str) -> Subject:
        """What somebody else would build."""
        valkey = self.valkey(name)
        database = self.folder / "usual.db"
        port, pid = self._module("usual", "--redis", str(valkey.port), "--database", str(database))
        return Subject(name, port, pid, {"redis": valkey.pid}, web=True)

    def valkey(self, name: str, *, persistent: bool = True) -> Server:
        """Start a Valkey, as the embedded one is; not `persistent` it keeps no file."""
        kept = ("--appendonly", "yes" if persistent else "no")
        valkey = Server(self.folder / f"valkey-{name}", (*_OPTIONS, *kept))
        asyncio.run(valkey.start())
        self._stack.callback(valkey.kill)
        return valkey

    def _on_postgres(self, name: str, workers: int = 1) -> Subject:
        if self._postgres is None:
            self._postgres = self._stack.enter_context(running(durable=True))
        url = socket_url(self._postgres.url(self._postgres.new_database()))
        subject = self.sekisho(name, self.valkey(name), database_url=url, workers=str(workers))
        subject.stores["postgresql"] = self._postgres.pid
        return subject

    def sekisho(
        self,
        name: str,
        valkey: Server,
        *,
        otel: Mapping[str, str] | None = None,
        **given: str,
    ) -> Subject:
        """Start the service on a Valkey, with a SQLite ledger of its own unless told otherwise.

        `given` are settings by name.
        """
        url = f"redis://127.0.0.1:{valkey.port}"
        return self._serve(name, url, {"redis": valkey.pid}, otel, given)

    def _serve(
        self,
        name: str,
        redis_url: str,
        stores: dict[str, int],
        otel: Mapping[str, str] | None = None,
        given: Mapping[str, str] | None = None,
    ) -> Subject:
        folder = self.folder / name
        folder.mkdir()
        wanted = {
            "redis_url": redis_url,
            "keys_file": str(self._keys),
            "max_in_flight": str(MOST_IN_FLIGHT),
            "migrate": "true",
            "database_url": f"sqlite:///{folder / 'ledger.db'}",
            **(given or {}),
        }
        served = self._stack.enter_context(serving(folder, page_cache_kib=0, otel=otel, **wanted))
        return Subject(name, served.port, served.process.pid, stores)

    def _module(self, module: str, *options: str) -> tuple[int, int]:
        """Run a module of this folder; return the port that it prints, and its process."""
        process = subprocess.Popen(
            [sys.executable, "-m", f"{__package__}.{module}", *options],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        assert process.stdout
        return int(process.stdout.readline()), process.pid


SUBJECTS: dict[str, Callable[[Opening, str], Subject]] = {
    "empty": Opening.empty,
    "evalsha": Opening.evalsha,
    "sqlite": Opening.sqlite,
    "traced": Opening.traced,
    "postgres": Opening.postgres,
    "two-workers": Opening.two_workers,
    "cluster": Opening.cluster,
    "usual": Opening.usual,
}


@contextmanager
def opening() -> Iterator[Opening]:
    """Open subjects in a folder of their own, which ends with them."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        yield Opening(Path(temporary), stack)


@contextmanager
def opened(folder: Path, *names: str) -> Iterator[list[Subject]]:
    """Open subjects by their names."""
    with ExitStack() as stack:
        there = Opening(folder, stack)
        yield [there.open(name) for name in names]
