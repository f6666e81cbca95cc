"""`sekisho rebuild`: fills the cache from the ledger anew."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.live import Live
from rich.text import Text

from sekisho import logs
from sekisho.cli import output, serve
from sekisho.cli.failures import CommandError, Exit
from sekisho.cli.moments import JAPAN
from sekisho.domain.errors import SekishoError, UnavailableError
from sekisho.domain.velocity import WINDOWS
from sekisho.operations import rebuild as operation
from sekisho.operations.rebuild import Rebuilding

_LINE_SECONDS = 2.0
"""Between two lines where there is no terminal to draw on."""


def rebuild(
    *,
    watch: bool = False,
    settings_file: Annotated[Path | None, Parameter(name="--settings")] = None,
) -> None:
    """Fill the cache from the ledger anew, beside a running service or without one.

    A service does so by itself whenever it must; until a window is covered again its facts are
    unknown, and requests that need them are stepped up. Short windows come first.

    Parameters
    ----------
    watch
        Change nothing: follow what a running service rebuilds until it is complete.
    settings_file
        File with settings (TOML); environment variables win. Also SEKISHO_SETTINGS.

    """
    effective = serve.load(settings_file)
    logs.configure("error")
    work = operation.watch if watch else operation.rebuild
    shown = _Shown(output.err())
    try:
        with shown.live:
            asyncio.run(work(effective, shown.told))
    except SekishoError as error:
        code = Exit.UNAVAILABLE if isinstance(error, UnavailableError) else Exit.FAILED
        raise CommandError(str(error), code) from None
    output.out().print(shown.summary(), soft_wrap=True)


class _Shown:
    """How far it is, on one line of a terminal, or a line now and then elsewhere."""

    def __init__(self, console: Console) -> None:
        self.live = Live(console=console, transient=True, auto_refresh=False)
        self._terminal = console.is_terminal
        self._console = console
        self._began = self._printed = time.monotonic()
        self._rows = 0

    def told(self, state: Rebuilding) -> None:
        """Show it."""
        self._rows = state.rows
        if self._terminal:
            self.live.update(self._line(state), refresh=True)
        elif time.monotonic() - self._printed > _LINE_SECONDS:
            self._printed = time.monotonic()
            self._console.print(self._line(state), soft_wrap=True)

    def summary(self) -> Text:
        """Return what was done."""
        seconds = time.monotonic() - self._began
        written = f": {self._rows:,} rows in {seconds:.1f} s" if self._rows else ""
        return Text.assemble(
            ("complete", "bold green"), f", the cache holds all of the ledger{written}"
        )

    def _line(self, state: Rebuilding) -> Text:
        if state.waiting:
            return Text.assemble(("waiting", "yellow"), f"  {state.waiting}")
        if state.progress is None:
            return Text("beginning")
        rate = state.rows / max(time.monotonic() - self._began, 0.001)
        back = datetime.fromtimestamp(state.progress.covered_from / 1000, UTC).astimezone(JAPAN)
        age = time.time() * 1000 - state.progress.covered_from
        known = [name for name, window in WINDOWS.items() if window <= age]
        parts = [
            "all covered" if state.progress.complete else f"covered back to {back:%Y-%m-%d %H:%M}",
            f"known: {' '.join(known) or 'nothing yet'}",
            f"watchlists {'loaded' if state.watchlists else 'loading'}",
        ]
        if state.rows:
            parts.append(f"{state.rows:,} rows, {rate:,.0f}/s")
        return Text("  ·  ".join(parts))
