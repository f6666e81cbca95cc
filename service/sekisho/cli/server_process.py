"""A `sekisho serve` of one's own, which ends with the process that started it, however it ends."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sekisho import settings
from sekisho.cli.failures import CommandError, Exit

LOG_NAME = "serve.log"
_READY = re.compile(r"^sekisho serves on (\S+)", re.MULTILINE)
_LINK = re.compile(r"^sign in, .*: (\S+/sign-in\S+)$", re.MULTILINE)
_LINK_SECONDS = 20.0
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_LAST_LINES = 15


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running server."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def console_link(self) -> str:
        """Return the link that signs in to the console; empty where it does not come."""
        deadline = time.monotonic() + _LINK_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if found := _LINK.findall(self.log.read_text(errors="replace")):
                return str(found[-1])
            time.sleep(0.05)
        return ""

    def wait(self) -> None:
        """Wait until it ends by itself, which it should not. Raises CommandError."""
        code = self.process.wait()
        raise CommandError(f"the service ended with {code}:\n{_tail(self.log)}", Exit.FAILED)


@contextmanager
def running(data_dir: Path, listen: str, console_listen: str = "") -> Iterator[ServerProcess]:
    """Start a server with the embedded defaults, and stop it at the end.

    With `console_listen` the console is started too.

    It holds the read end of a pipe whose write end is here: should this process be killed, the
    pipe ends, and the server with it.
    """
    log = data_dir / LOG_NAME
    environment = settings.environment_without_settings() | {
        "SEKISHO_DATA_DIR": str(data_dir),
        "SEKISHO_LISTEN": listen,
        "SEKISHO_CONSOLE": "true" if console_listen else "false",
        **({"SEKISHO_CONSOLE_LISTEN": console_listen} if console_listen else {}),
    }
    read_end, write_end = os.pipe()
    try:
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - its own interpreter, its own arguments
                [sys.executable, "-m", "sekisho.cli", "serve", "--lifeline", str(read_end)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                pass_fds=[read_end],
                # Ctrl-C reaches this process only, which then stops the server in good order.
                start_new_session=True,
            )
    finally:
        os.close(read_end)
    try:
        yield ServerProcess(_address(process, log), process, log)
    finally:
        _stop(process)
        os.close(write_end)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        if found := _READY.search(log.read_text(errors="replace")):
            return found[1]
        if ended:
            raise CommandError(f"the service did not start:\n{_tail(log)}", Exit.FAILED)
        time.sleep(0.02)
    raise CommandError(
        f"the service was not ready after {_START_SECONDS:g} s:\n{_tail(log)}", Exit.FAILED
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
