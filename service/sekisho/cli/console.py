"""`sekisho console`: runs the fraud team's console."""

import asyncio
import signal
import socket
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

from cyclopts import App, Parameter

from sekisho import logs, settings
from sekisho.cli import serve
from sekisho.cli.console_options import Api, options_of
from sekisho.cli.failures import CommandError, Exit
from sekisho.cli.lifeline import follow
from sekisho.console.options import ConsoleOptions
from sekisho.settings import Settings
from sekisho.starting import StartError

_STOP_SECONDS: Final = 10.0

app = App(name="console", help="Run the fraud team's console.")


@app.default
def console(
    *,
    settings_file: Annotated[Path | None, Parameter(name="--settings")] = None,
    server: Annotated[str | None, Parameter(env_var=settings.SERVER_VARIABLE)] = None,
    ca: Annotated[Path | None, Parameter(env_var=settings.CA_VARIABLE)] = None,
    cert: Annotated[Path | None, Parameter(env_var=settings.CERT_VARIABLE)] = None,
    key: Annotated[Path | None, Parameter(env_var=settings.KEY_VARIABLE)] = None,
    lifeline: Annotated[int | None, Parameter(show=False)] = None,
) -> None:
    """Run the fraud team's console until SIGTERM or Ctrl-C. `sekisho serve` starts one too.

    Settings come from SEKISHO_… environment variables and a file; deploy/README.md lists them.
    It prints a link that signs one analyst in, where analysts do not sign in by OIDC.

    Parameters
    ----------
    settings_file
        File with settings (TOML); environment variables win. Also SEKISHO_SETTINGS.
    server
        Address of the API, HOST:PORT; without, where SEKISHO_LISTEN says.
    ca
        CA that signed the API's certificate (PEM); turns TLS on.
    cert
        The console's certificate for the API (PEM).
    key
        Private key of that certificate (PEM).
    lifeline
        Descriptor of a pipe: at its end, the console stops as by SIGTERM.

    """
    effective = serve.load(settings_file)
    if lifeline is not None:
        follow(lifeline, _STOP_SECONDS)
    logs.configure(effective.log_level)
    api = Api(server or str(effective.listen), ca, cert, key)
    try:
        api.check()
    except StartError as error:
        raise serve.failed(error.problems, Exit.BAD_INPUT) from None
    with _listener(effective) as listener:
        try:
            options = options_of(effective, api, listener.getsockname()[1])
        except StartError as error:
            raise serve.failed(error.problems, Exit.FAILED) from None
        import uvloop

        uvloop.run(_run(options, effective, listener))


@app.command
def link(
    *,
    name: str = "",
    settings_file: Annotated[Path | None, Parameter(name="--settings")] = None,
) -> None:
    """Print a new link that signs one analyst in, once and within ten minutes.

    Parameters
    ----------
    name
        The analyst's name that it proposes; without, yours on this machine.
    settings_file
        File with settings (TOML); environment variables win. Also SEKISHO_SETTINGS.

    """
    effective = serve.load(settings_file)
    if effective.oidc_issuer:
        raise CommandError("analysts sign in by OIDC here: no link counts", Exit.REFUSED)
    if not effective.console_url and not effective.console_listen.port:
        raise CommandError(
            "the console's port is not known: set SEKISHO_CONSOLE_LISTEN to one", Exit.BAD_INPUT
        )
    try:
        options = options_of(effective, Api(""), effective.console_listen.port)
    except StartError as error:
        raise serve.failed(error.problems, Exit.FAILED) from None
    print(_link(replace(options, analyst=_good_name(name) if name else options.analyst)))


def _good_name(name: str) -> str:
    from sekisho.tokens import analyst_name

    try:
        return analyst_name(name)
    except ValueError as error:
        raise CommandError(f"--name: {error}") from None


def _link(options: ConsoleOptions) -> str:
    from sekisho.console.sign_in import new_link

    return new_link(options, time.time())


def _listener(effective: Settings) -> socket.socket:
    listen = effective.console_listen
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        return socket.create_server((listen.host, listen.port), family=family, backlog=128)
    except OSError as error:
        raise CommandError(
            f"the console cannot listen at {listen}: {error.strerror}; set SEKISHO_CONSOLE_LISTEN "
            "to another address",
            Exit.FAILED,
        ) from None


async def _run(options: ConsoleOptions, effective: Settings, listener: socket.socket) -> None:
    from sekisho.console import process
    from sekisho.console.app import create

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def ready() -> None:
        lines = [f"the console is at {options.public_url}"]
        if options.local_sign_in:
            lines.append(f"sign in, once and within ten minutes: {_link(options)}")
        # The service that started it may be gone, and nobody read.
        with suppress(BrokenPipeError):
            print("\n".join(lines), flush=True)

    tls = None
    if effective.console_tls_certificate_file and effective.console_tls_key_file:
        tls = effective.console_tls_certificate_file, effective.console_tls_key_file
    try:
        await process.serve(create(options), listener, stop, ready, tls)
    except OSError as error:
        raise CommandError(f"the console's https files: {error}", Exit.FAILED) from None
    except RuntimeError as error:
        raise CommandError(f"the console: {error}", Exit.FAILED) from None
