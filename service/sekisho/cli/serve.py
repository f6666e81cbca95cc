"""`sekisho serve`: starts the service."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from sekisho import keys, settings
from sekisho.cli import output
from sekisho.cli.failures import CommandError, Exit
from sekisho.settings import Settings, SettingsError


def serve(
    *,
    check: bool = False,
    settings_file: Annotated[Path | None, Parameter(name="--settings")] = None,
    lifeline: Annotated[int | None, Parameter(show=False)] = None,
) -> None:
    """Start the service, and run it until SIGTERM or Ctrl-C.

    Settings come from SEKISHO_… environment variables and a file; deploy/README.md lists them.

    Parameters
    ----------
    check
        Check the settings, the policy and the keys, print the settings and exit.
    settings_file
        File with settings (TOML); environment variables win. Also SEKISHO_SETTINGS.
    lifeline
        Descriptor of a pipe: at its end, the service stops as by SIGTERM.

    """
    effective = load(settings_file)
    if check:
        _check(effective)
        return

    import uvloop

    from sekisho.bootstrap import StartError

    try:
        uvloop.run(_run(effective, lifeline))
    except StartError as error:
        raise _failed(error.problems, Exit.FAILED) from None


def load(file: Path | None) -> Settings:
    """Load the settings. Raises CommandError with every problem."""
    try:
        return settings.load(file=file)
    except SettingsError as error:
        raise _failed(error.problems, Exit.BAD_INPUT) from None


async def _run(effective: Settings, lifeline: int | None) -> None:
    from sekisho import bootstrap

    def ready(address: str) -> None:
        print("\n".join(ready_lines(effective, address)), flush=True)

    if lifeline is not None:
        # Whoever holds the other end need not be able to say goodbye: SIGKILL ends it too.
        loop = asyncio.get_running_loop()
        loop.add_reader(lifeline, _end, loop, lifeline)
    await bootstrap.serve(effective, ready)


def _end(loop: asyncio.AbstractEventLoop, lifeline: int) -> None:
    loop.remove_reader(lifeline)
    os.kill(os.getpid(), signal.SIGTERM)


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
            raise _failed(error.problems, Exit.BAD_INPUT) from None
    output.out().print(output.pairs(settings.describe(effective)))
    output.out().print(f"\nthe settings are good; policy {policy.version}", markup=False)


def _failed(problems: tuple[str, ...], exit_code: Exit) -> CommandError:
    if len(problems) == 1:
        return CommandError(problems[0], exit_code)
    return CommandError(f"{len(problems)} problems:\n  " + "\n  ".join(problems), exit_code)
