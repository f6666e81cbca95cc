"""`sekisho serve`: starts the service."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from sekisho import keys, settings
from sekisho.cli import output
from sekisho.cli.failures import CommandError, Exit
from sekisho.cli.lifeline import follow
from sekisho.settings import Settings, SettingsError
from sekisho.starting import StartError
from sekisho.supervisor.seat import Seat


def serve(
    *,
    check: bool = False,
    workers: int | None = None,
    no_console: bool = False,
    settings_file: Annotated[Path | None, Parameter(name="--settings")] = None,
    lifeline: Annotated[int | None, Parameter(show=False)] = None,
    seat: Annotated[int | None, Parameter(show=False)] = None,
) -> None:
    """Start the service, and run it until SIGTERM or Ctrl-C.

    Settings come from SEKISHO_… environment variables and a file; deploy/README.md lists them.

    Parameters
    ----------
    check
        Check the settings, the policy and the keys, print the settings and exit.
    workers
        How many processes serve. Also SEKISHO_WORKERS.
    no_console
        Do not start the fraud team's console. Also SEKISHO_CONSOLE=false.
    settings_file
        File with settings (TOML); environment variables win. Also SEKISHO_SETTINGS.
    lifeline
        Descriptor of a pipe: at its end, the service stops as by SIGTERM.
    seat
        Descriptor of the socket to the parent of several workers: this is one of them.

    """
    if seat is not None:
        _work(Seat(seat), settings_file)
        return
    given = {} if workers is None else {"workers": str(workers)}
    effective = load(settings_file, given | ({"console": "false"} if no_console else {}))
    if check:
        _check(effective)
        return
    if lifeline is not None:
        follow(lifeline, effective.stop_seconds)

    def ready(address: str) -> None:
        print("\n".join(ready_lines(effective, address)), flush=True)

    try:
        if effective.workers > 1:
            from sekisho.cli.workers import lead

            lead(effective, settings_file, ready)
        else:
            _serve(effective, ready, beside(effective, settings_file))
    except StartError as error:
        raise failed(error.problems, Exit.FAILED) from None


def load(file: Path | None, given: Mapping[str, str] | None = None) -> Settings:
    """Load the settings; those `given` by name win. Raises CommandError with every problem."""
    try:
        return settings.load(file=file, given=given)
    except SettingsError as error:
        raise failed(error.problems, Exit.BAD_INPUT) from None


def beside(
    effective: Settings, settings_file: Path | None
) -> AbstractAsyncContextManager[Callable[[str], None]]:
    """Return what starts the console, where the settings want it, once it is told the address of
    this service; it ends the console at its end.

    Over TLS the service is not called by its address but by a name of its certificate, which
    SEKISHO_SERVER tells.
    """
    from sekisho.supervisor.console import beside

    if not effective.console:
        return nullcontext(lambda _: None)
    # Safe path: no module of the folder where it was started comes before Python's own.
    command = [sys.executable, "-P", "-m", "sekisho.cli", "console"]
    if settings_file is not None:
        command += ["--settings", str(settings_file)]
    if effective.tls:
        return beside(lambda _: command, None)
    environment = settings.environment_without_connection()
    return beside(lambda address: [*command, "--server", address], environment)


def _serve(
    effective: Settings,
    ready: Callable[[str], None],
    console: AbstractAsyncContextManager[Callable[[str], None]],
) -> None:
    import uvloop

    from sekisho import bootstrap

    async def run() -> None:
        async with console as begin:

            def serves(address: str) -> None:
                ready(address)
                begin(address)

            await bootstrap.serve(effective, serves)

    uvloop.run(run())


def _work(seat: Seat, settings_file: Path | None) -> None:
    """Be one of several workers: what would be told an operator, the parent is told."""
    from structlog.contextvars import bind_contextvars

    from sekisho.cli.workers import ordered

    # All workers write one log.
    bind_contextvars(worker=os.getpid())
    try:
        effective = ordered(settings.load(file=settings_file), seat.orders)
        follow(seat.descriptor, effective.stop_seconds)
        _serve(effective, lambda _: seat.serves(), nullcontext(lambda _: None))
    except (StartError, SettingsError) as error:
        seat.cannot_start(error.problems)
        raise CommandError("this worker cannot start", Exit.FAILED) from None


def ready_lines(effective: Settings, address: str) -> list[str]:
    """Return what a server says once it serves; the first line holds its address."""
    server = "" if address == settings.DEFAULT_LISTEN else f" --server {address}"
    certificates = " --ca CA --cert CERT --key KEY" if effective.tls else ""
    transport = "TLS" if effective.tls else "no TLS, this machine only"
    return [
        f"sekisho serves on {address} ({transport}), data in {effective.data_dir}",
        "next:",
        f"  sekisho health{server}{certificates}",
        f"  sekisho assess FILE{server}{certificates}",
        "  sekisho policy explain",
        "Ctrl-C stops it.",
    ]


def _check(effective: Settings) -> None:
    from sekisho.cli.policy import load_checked

    policy = load_checked(effective.policy_file)
    if effective.keys_file:
        try:
            keys.read(effective.keys_file)
        except keys.KeysError as error:
            raise failed(error.problems, Exit.BAD_INPUT) from None
    output.out().print(output.pairs(settings.describe(effective)))
    output.out().print(f"\nthe settings are good; policy {policy.version}", markup=False)


def failed(problems: tuple[str, ...], exit_code: Exit) -> CommandError:
    """Return what tells all problems at once."""
    if len(problems) == 1:
        return CommandError(problems[0], exit_code)
    return CommandError(f"{len(problems)} problems:\n  " + "\n  ".join(problems), exit_code)
