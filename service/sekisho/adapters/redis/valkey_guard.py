"""Runs a server for as long as its parent lives.

Started as a process of its own: `python valkey_guard.py FD COMMAND...`. The parent holds the
writing end of the pipe FD and never writes. However the parent ends, SIGKILL included, the
pipe's end is seen here, and the server is stopped in good order. A server that ends by itself
after it has worked is started again. PDEATHSIG would fire when the forking thread ends, which in
a threaded parent may be any time; this process has one thread, so for its own child it is right.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1
_PATIENCE_SECONDS = 10
WORKED_SECONDS = 1


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _run(
    command: list[str], selector: selectors.BaseSelector, parent: int, ended: int
) -> int | None:
    """Run the server until it ends or the parent does; return its status in the first case."""
    # It inherits the lock on its folder, which so lasts until its file is complete.
    server = subprocess.Popen(  # noqa: S603
        command,
        preexec_fn=_die_with_parent,  # noqa: PLW1509
        close_fds=False,
    )
    while server.poll() is None:
        readable = {key.fd for key, _ in selector.select()}
        if ended in readable:
            os.read(ended, 512)
        if parent in readable:
            server.terminate()
            try:
                server.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            return None
    return server.returncode


def main() -> int:
    """Run the server until the parent ends, or the server at once."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    # The parent tells when to stop; a Ctrl-C in its terminal is not for the server.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    selector = selectors.DefaultSelector()
    selector.register(parent, selectors.EVENT_READ)
    selector.register(ended, selectors.EVENT_READ)
    while True:
        began = time.monotonic()
        status = _run(command, selector, parent, ended)
        if status is None:
            return 0
        if time.monotonic() - began < WORKED_SECONDS:
            return status


if __name__ == "__main__":
    sys.exit(main())
